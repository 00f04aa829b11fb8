"""Sends lines through the gateway in order: one request after another, each repeated until it is answered.

The gateway keeps the order within a request, and the next request is sent only after the answer, so the events of a shelter stay in order.
A repeated request does no harm: an event counts once (contract, R1).
"""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import httpx

from services.adapters.codec.event_codec import EventCodec, key_of
from services.adapters.codec.json_reader import read_json
from services.adapters.config.settings import Settings
from services.cli.clients.connection import OPERATOR, event_codec, http_client_options, token_for
from services.cli.events.recording_reader import RecordedLine, Recording
from services.cli.events.send_summary import SendSummary
from services.cli.events.throttle import Throttle
from services.cli.options.api_options import ApiOptions
from services.domain.events.catalog import Event
from services.gateway.cloudevents_body import BATCH, LARGEST_BYTES, MOST_EVENTS, ONE
from services.local.instance.discovery import find_running
from services.local.user_error import UserError

# Half of what the gateway accepts in one request, by number and by size
MOST: Final = MOST_EVENTS // 2
_LARGEST_BYTES: Final = LARGEST_BYTES // 2
_TIMEOUT_S: Final = 30.0
# Longer than a gateway or a broker takes to start again
_GIVE_UP_S: Final = 120.0
_RETRY_S: Final = 1.0
# Away, overloaded, or too slow a network: the same request may be answered later
_TEMPORARY: Final = frozenset({408, 429, 502, 503, 504})
_REFUSALS: Final = {
    401: "The gateway does not accept this token: `plek token operator` makes one",
    403: "This token may not send all of that: an operator's may",
    404: "There is no Plek gateway at this address",
}


def send_over_http(
    options: ApiOptions, recording: Recording, throttle: Throttle, advance: Callable[[int], None], summary: SendSummary
) -> None:
    """Send the lines of a recording to the gateway of the options, else to that of the running instance. Raises UserError."""
    if options.api and options.token:
        settings, url, token = Settings(), options.api, options.token
    else:
        running = find_running(options.data)
        settings, url, token = running.settings, options.api or running.gateway, options.token or token_for(OPERATOR, running)
    with gateway_client(url, token) as client:
        HttpSender(client, event_codec(settings), throttle, time.sleep, advance, summary).send(recording)


def gateway_client(url: str, token: str) -> httpx.Client:
    """Return a client of a gateway. Raises UserError for a malformed address or token."""
    return httpx.Client(**http_client_options(url, token, _TIMEOUT_S))


@dataclass(slots=True)
class HttpSender:
    """Sends the lines of one recording. `advance` counts lines that are done, `sleep` waits so many seconds."""

    client: httpx.Client
    codec: EventCodec
    throttle: Throttle
    sleep: Callable[[float], None]
    advance: Callable[[int], None]
    summary: SendSummary

    def send(self, lines: Iterable[RecordedLine]) -> None:
        """Send all lines. Raises UserError when the gateway can't be reached, or refuses the token."""
        for batch in batches(lines, self.throttle.batch_size(MOST)):
            self.sleep(self.throttle.delay(len(batch)))
            sendable = [line for line in batch if self._is_sendable(line)]
            if sendable:
                self._send(sendable)
            self.advance(len(batch))

    def _is_sendable(self, line: RecordedLine) -> bool:
        """Return whether HTTP can carry a line; count it as refused where not.

        The gateway makes the key itself: a record with another key would become a fact, and it is a dead letter (contract, R13).
        """
        if not line.keyed or line.value is None or self._key(line.value) in (None, line.key):
            return True
        self.summary.refuse("no_key" if line.key is None else "mismatch")
        return False

    def _key(self, value: bytes) -> bytes | None:
        """Return the key of an event; None for what is no event of the contract."""
        try:
            event = self.codec.decode_object(read_json(value))
        except (ValueError, RecursionError):
            return None
        return key_of(event).encode() if isinstance(event, Event) else None

    def _send(self, batch: list[RecordedLine]) -> None:
        response = self._post(*_request(batch))
        answer = _object(response)
        events, errors = answer.get("events") or [], answer.get("errors") or []
        if response.status_code in (200, 400) and len(events) == len(batch):
            self._count(events, errors)
        elif response.status_code in (400, 413) and len(batch) > 1:
            # One line spoils the batch as a whole, or it is too large: each alone
            for line in batch:
                self._send([line])
        elif response.status_code in (400, 413):
            self.summary.refuse("too_large" if response.status_code == 413 else _first_code(errors))
        else:
            refusal = _REFUSALS.get(response.status_code, f"The gateway answers {response.status_code}")
            raise UserError(f"{refusal}. {self._progress()}")

    def _count(self, events: list[dict[str, Any]], errors: list[dict[str, Any]]) -> None:
        for index, event in enumerate(events):
            if event.get("status") in {"accepted", "unchanged"}:
                self.summary.accepted += 1
            elif event.get("status") == "proposed":
                self.summary.proposed += 1
            else:
                self.summary.refuse(_first_code([error for error in errors if error.get("index") == index] or [event]))

    def _post(self, media_type: str, body: bytes) -> httpx.Response:
        """Return the first answer that is not temporary. Raises UserError after two minutes."""
        waited = 0.0
        while True:
            pause = _RETRY_S
            try:
                response = self.client.post("/v1/events", content=body, headers={"Content-Type": media_type})
                if response.status_code not in _TEMPORARY:
                    return response
                # The other form of Retry-After, a date, is never sent by Plek
                if (retry_after := response.headers.get("Retry-After", "")).isdecimal():
                    pause = float(retry_after)
            except httpx.TransportError:
                pass
            if waited >= _GIVE_UP_S:
                raise UserError(f"The gateway has accepted nothing for {waited:.0f} s. {self._progress()}")
            self.sleep(pause)
            waited += max(pause, _RETRY_S)

    def _progress(self) -> str:
        return f"{self.summary.accepted:,} events were accepted; to send the file again does no harm, each counts once"


def batches(lines: Iterable[RecordedLine], most: int) -> Iterator[list[RecordedLine]]:
    """Yield lines in batches for one request each, in order; a line that is no JSON object is alone."""
    batch: list[RecordedLine] = []
    size = 0
    for line in lines:
        length = len(line.value or b"") + 1
        if batch and (not line.whole or len(batch) == most or size + length > _LARGEST_BYTES):
            yield batch
            batch, size = [], 0
        if line.whole:
            batch.append(line)
            size += length
        else:
            yield [line]
    if batch:
        yield batch


def _request(batch: list[RecordedLine]) -> tuple[str, bytes]:
    if len(batch) == 1:
        return ONE, batch[0].value or b""
    return BATCH, b"[" + b",".join(line.value or b"" for line in batch) + b"]"


def _first_code(errors: list[dict[str, Any]]) -> str:
    """Return the code of the first error: the reason of a dead letter."""
    return str(errors[0].get("code", "unknown")) if errors else "unknown"


def _object(response: httpx.Response) -> dict[str, Any]:
    try:
        answer = response.json()
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}
