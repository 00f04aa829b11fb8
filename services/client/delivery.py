"""Sends the events of a file in order, one request at a time, each again until it is answered.

Guarantees: an event of a shelter is sent when all before it of the same shelter are in the log or refused, so the log has their first
copies in order; an event that is sent twice counts once (contract, R1). A refused event is set aside and holds up nothing: facts count the
same in any order (R2), and one wrong record must not keep the counts of a shelter old.
"""

import logging
import random
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Literal, NamedTuple

import httpx

from .event_store import EventStore, NotStoredError, Waiting
from .gateway_answers import Answer, RefusedAsWhole, Settled, Unanswered, read_answer
from .sender_lock import SenderLock

_log = logging.getLogger(__name__)

_MOST_EVENTS: Final = 200
_MEDIA_TYPE: Final = "application/cloudevents-batch+json"
# The first pause, doubled each time, and the longest: Plek that is back is found within a minute
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 60.0
# How soon events of another process are seen, and a sender that has ended is replaced
_POLL_S: Final = 1.0
# Where the first event of a shelter makes Plek fail, the shelter is passed over for this long: the others go on
_PASSED_OVER_NS: Final = 60_000_000_000


class Notice(NamedTuple):
    """What the sender has seen: a name, of how many events, a code or a status, and the id of an event where it is of one."""

    name: Literal["accepted", "refused", "warned", "unanswered"]
    events: int
    why: str = ""
    event: str = ""


@dataclass(slots=True, kw_only=True)
class Delivery:
    """One sender. `changed` is set when this process stores an event; `token` returns a bearer token that is valid now."""

    store: EventStore
    lock: SenderLock
    http: httpx.Client
    token: Callable[[], str]
    notify: Callable[[Notice], None]
    now_ns: Callable[[], int]
    changed: threading.Event
    _failures: int = 0
    _passed_over: dict[str, int] = field(default_factory=dict)

    def run(self, stop: threading.Event) -> None:
        """Send until `stop` is set; while another sender of the file has the lock, wait for it to end."""
        try:
            while not stop.is_set():
                pause = self._step()
                if pause is None:
                    self.changed.wait(_POLL_S)
                    self.changed.clear()
                else:
                    stop.wait(pause)
        finally:
            self.lock.release()

    def _step(self) -> float | None:
        """Send one batch; return how long to wait before the next, None where there is nothing to send."""
        try:
            if not self.lock.acquire():
                return _POLL_S
            batch = self.store.first(_MOST_EVENTS, self._passed_over_now())
            failed = self._deliver(batch) if batch else None
        except NotStoredError:
            failed = Unanswered("the disk refuses the file")
        except Exception as fault:  # a sender that ends in silence would be the loss that it is there to prevent
            _log.error("the sender goes on after a fault of its own: %s", type(fault).__name__)
            failed = Unanswered(type(fault).__name__)
        if failed is not None:
            return self._pause(failed)
        self._failures = 0
        return 0.0 if batch else None

    def _pause(self, failed: Unanswered) -> float:
        self._tell(Notice("unanswered", 1, failed.why))
        pause: float = min(_FIRST_PAUSE_S * 2 ** min(self._failures, 10), _LONGEST_PAUSE_S)
        self._failures += 1
        # Many systems that lost the same Plek do not all come back in the same second
        return max(failed.wait_s, random.uniform(pause / 2, pause))  # noqa: S311 - no secret

    def _deliver(self, batch: Sequence[Waiting]) -> Unanswered | None:
        """Send a batch, in halves where it was refused as a whole; return why it must be sent again, None where all is settled."""
        answer = self._post(batch)
        match answer:
            case Settled():
                self._settle(batch, answer)
                return None
            case RefusedAsWhole() if len(batch) == 1:
                self._settle(batch, Settled({0: answer.reasons}), answer.status)
                return None
            case Unanswered(fault=True) if len(batch) == 1:
                self._passed_over[batch[0].shelter] = self.now_ns() + _PASSED_OVER_NS
                return answer
            case Unanswered(fault=False):
                return answer
            case _:
                half = len(batch) // 2
                return self._deliver(batch[:half]) or self._deliver(batch[half:])

    def _post(self, batch: Sequence[Waiting]) -> Answer:
        try:
            headers = {"Authorization": f"Bearer {self.token()}", "Content-Type": _MEDIA_TYPE}
        except Exception as fault:  # of the caller's own: whatever it raises, there is no token now
            return Unanswered(f"no token: {type(fault).__name__}")
        body = b"[" + b",".join(waiting.event for waiting in batch) + b"]"
        try:
            response = self.http.post("/v1/events", content=body, headers=headers, follow_redirects=False)
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as fault:
            return Unanswered(type(fault).__name__)
        return read_answer(response.status_code, response.headers, response.content, len(batch), self._now)

    def _settle(self, batch: Sequence[Waiting], settled: Settled, status: int = 400) -> None:
        refused = [(batch[index], status, reasons) for index, reasons in settled.refused.items()]
        accepted = [waiting for index, waiting in enumerate(batch) if index not in settled.refused]
        self.store.settle(accepted, refused)
        if accepted:
            self._tell(Notice("accepted", len(accepted)))
        for waiting, _, reasons in refused:
            self._tell(Notice("refused", 1, str(reasons[0].get("code")), waiting.id))
        for index, code in settled.warnings:
            self._tell(Notice("warned", 1, code, batch[index].id))

    def _passed_over_now(self) -> list[str]:
        now = self.now_ns()
        self._passed_over = {shelter: until for shelter, until in self._passed_over.items() if now < until}
        return list(self._passed_over)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self.now_ns() / 1e9, UTC)

    def _tell(self, notice: Notice) -> None:
        try:
            self.notify(notice)
        except Exception as fault:  # of the caller's own: it must not stop the sender
            _log.error("the receiver of notices failed: %s", type(fault).__name__)
