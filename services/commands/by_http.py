"""Sends lines through the gateway, in order: one request after another, each repeated until it is answered.

The gateway keeps the order of a request, and the next one leaves only when the last is answered, so a shelter's events stay in order.
To repeat a request does no harm: an event counts once (contract, R1).
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Protocol

import httpx

from services.adapters.strict_json import read_json
from services.adapters.wire import Wire, key_of
from services.commands.outcome import Outcome
from services.commands.pace import Pace
from services.commands.tape import Line
from services.commands.web import speaking_to
from services.domain.events import Event
from services.gateway.body import BATCH, LARGEST_BYTES, MOST_EVENTS, ONE
from services.local.trouble import Trouble

# Half of what the gateway takes in one request, by number and by size
MOST: Final = MOST_EVENTS // 2
_LARGEST_BYTES: Final = LARGEST_BYTES // 2
_TIMEOUT_S: Final = 30.0
# A gateway or a broker that is started again is back long before
_PATIENCE_S: Final = 120.0
_AGAIN_S: Final = 1.0
# Away, overloaded, or too slow a network: the same request may be answered another time
_PASSING: Final = frozenset({408, 429, 502, 503, 504})
_SENTENCES: Final = {
    401: "The gateway does not accept this token: `plek token operator` makes one",
    403: "This token may not send all of that: an operator's may",
    404: "There is no Plek gateway at this address",
}


class GatewayAwayError(Exception):
    """Nothing answered."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the gateway said; `retry_after` in seconds, None when it did not say."""

    status: int
    body: dict[str, Any]
    retry_after: float | None = None


class Post(Protocol):
    """Sends one body; GatewayAwayError when nothing answers."""

    def __call__(self, media_type: str, body: bytes) -> Answer:
        """Send it."""


def posting(client: httpx.Client) -> Post:
    """Send to /v1/events of the client's address, with its token."""

    def post(media_type: str, body: bytes) -> Answer:
        try:
            answer = client.post("/v1/events", content=body, headers={"Content-Type": media_type})
        except httpx.TransportError as away:
            raise GatewayAwayError from away
        return Answer(answer.status_code, _object(answer.content), _seconds(answer.headers.get("Retry-After", "")))

    return post


def client(url: str, token: str) -> httpx.Client:
    """Make a client for one gateway. Raises Trouble when address or token is none."""
    return httpx.Client(**speaking_to(url, token, _TIMEOUT_S))


@dataclass(slots=True)
class HttpSender:
    """Sends the lines of one tape. `advance` hears of each that is dealt with, `sleep` waits so many seconds."""

    post: Post
    wire: Wire
    pace: Pace
    sleep: Callable[[float], None]
    advance: Callable[[int], None]
    outcome: Outcome

    def send(self, lines: Iterable[Line]) -> None:
        """Send all of them. Raises Trouble when the gateway can't be reached, or refuses the sender."""
        for batch in batches(lines, self.pace.at_once(MOST)):
            self.sleep(self.pace.wait(len(batch)))
            going = [line for line in batch if self._fits(line)]
            if going:
                self._send(going)
            self.advance(len(batch))

    def _fits(self, line: Line) -> bool:
        """Refuse what HTTP can't say: the gateway makes the key itself, and would make a fact of a record whose key is another."""
        if not line.keyed or line.value is None or self._names(line.value) in (None, line.key):
            return True
        self.outcome.refuse("no_key" if line.key is None else "mismatch")
        return False

    def _names(self, value: bytes) -> bytes | None:
        """Return the key that an event names; None for what is no event of the contract."""
        try:
            found = self.wire.decode_object(read_json(value))
        except (ValueError, RecursionError):
            return None
        return key_of(found).encode() if isinstance(found, Event) else None

    def _send(self, batch: list[Line]) -> None:
        answer = self._answered(*_request(batch))
        if answer.status == 200:
            self.outcome.accepted += len(batch)
        elif answer.status == 400 and len(events := answer.body.get("events") or []) == len(batch):
            self._sort(events, answer.body.get("errors") or [])
        elif answer.status in (400, 413) and len(batch) > 1:
            # One of them spoils the batch as a whole, or it is too large: each alone
            for line in batch:
                self._send([line])
        elif answer.status in (400, 413):
            self.outcome.refuse("too_large" if answer.status == 413 else _code(answer.body.get("errors") or []))
        else:
            raise Trouble(f"{_SENTENCES.get(answer.status, f'The gateway answers {answer.status}')}. {self._so_far()}")

    def _sort(self, events: list[dict[str, Any]], errors: list[dict[str, Any]]) -> None:
        for index, event in enumerate(events):
            if event.get("status") == "accepted":
                self.outcome.accepted += 1
            else:
                self.outcome.refuse(_code([error for error in errors if error.get("index") == index]))

    def _answered(self, media_type: str, body: bytes) -> Answer:
        """Send until there is an answer that stays."""
        waited = 0.0
        while True:
            try:
                answer = self.post(media_type, body)
            except GatewayAwayError:
                answer = Answer(503, {})
            if answer.status not in _PASSING:
                return answer
            if waited >= _PATIENCE_S:
                raise Trouble(f"The gateway has taken nothing for {waited:.0f} s. {self._so_far()}")
            pause = _AGAIN_S if answer.retry_after is None else answer.retry_after
            self.sleep(pause)
            waited += max(pause, _AGAIN_S)

    def _so_far(self) -> str:
        return f"{self.outcome.accepted:,} events were accepted; to send the file again does no harm, each counts once"


def batches(lines: Iterable[Line], most: int) -> Iterator[list[Line]]:
    """Put lines together that may go in one request, in their order; what is no event goes alone."""
    batch: list[Line] = []
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


def _request(batch: list[Line]) -> tuple[str, bytes]:
    if len(batch) == 1:
        return ONE, batch[0].value or b""
    return BATCH, b"[" + b",".join(line.value or b"" for line in batch) + b"]"


def _code(errors: list[dict[str, Any]]) -> str:
    """Name the first thing that is wrong: what a dead letter would be filed under."""
    return str(errors[0].get("code", "unknown")) if errors else "unknown"


def _object(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _seconds(stated: str) -> float | None:
    """Read Retry-After; its other form, a date, is not one of ours."""
    return float(stated) if stated.isdecimal() else None
