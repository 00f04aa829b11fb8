"""The outbox of an organisation's own system: a call returns when its event is on disk, and a thread sends it.

Guarantees: after its call returned an event is sent when Plek answers, whatever ends the process, and counts once; those of a shelter keep
the order of their calls. Several processes of one machine may write into a file, and one of them sends at a time. Not for a network drive.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Literal, Self

import httpx

from .delivery import Delivery, Notice
from .envelopes import Envelope, StoredEvent, data_of, event_id, read_event, source_of_shelter
from .event_store import EventStore, SetAside
from .sender_lock import SenderLock

Destination = Literal["home", "own_home", "family", "other_shelter", "assisted_living", "abroad", "unknown"]
ClosingReason = Literal["cleaning", "maintenance", "staffing", "isolation", "other"]
PauseReason = Literal["staffing", "safety", "quarantine", "other"]
CorrectionReason = Literal["mistake", "duplicate", "wrong_unit", "wrong_time"]

_ON_THIS_MACHINE: Final = frozenset({"localhost", "127.0.0.1", "::1"})
# Longer than Plek takes for a request: after that nothing is known of it
_TIMEOUT: Final = httpx.Timeout(30.0, connect=5.0)
_LOOK_AGAIN_S: Final = 0.02
# A request that takes longer goes on behind a stop, and is sent again next time
_STOPS_WITHIN_S: Final = 5.0

# The wheel has nothing else of Plek, so it has clocks of its own
_now_ns: Final = time.time_ns  # noqa: TID251
_seconds: Final = time.monotonic  # noqa: TID251


def _ignore(_: Notice) -> None:
    """Take a notice that no receiver was named for."""


class PlekOutbox:
    """One file of events, and the sender of it. As a context manager it starts the sender, and stops it at the end.

    `token` returns a bearer token that is valid now: it is called before each request. `desk` is the name of this system in the source of
    its events. `http` replaces the client, for a proxy or certificates of your own, and its `base_url` the address. `notify` is called in
    the thread of the sender.
    """

    def __init__(
        self,
        path: Path | str,
        url: str,
        token: Callable[[], str],
        *,
        desk: str = "system",
        http: httpx.Client | None = None,
        notify: Callable[[Notice], None] = _ignore,
    ) -> None:
        file = Path(path)
        self._desk, self._changed = desk, threading.Event()
        self._http = http or _client(url)
        self._owns_http = http is None
        self._store = EventStore(file, _now_ns)
        self._delivery = Delivery(
            store=self._store,
            lock=SenderLock(file.with_name(f"{file.name}.sender")),
            http=self._http,
            token=token,
            notify=notify,
            now_ns=_now_ns,
            changed=self._changed,
        )
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def admit(  # noqa: PLR0913 - each is a member of the event
        self,
        shelter: str,
        unit: str,
        *,
        adults: int,
        children: int = 0,
        stay: str | None = None,
        hold: str | None = None,
        occurred_at: datetime | None = None,
        key: str | None = None,
    ) -> StoredEvent:
        """Store that a household moves into a unit; the answer has its stay, made here unless you name one.

        With a `key` of yours, such as the number of your own record, a call that is repeated after a crash makes no second event. The key
        is neither sent nor stored. So it is with every call below.
        """
        stay = stay or event_id(self._store.secret, key, "stay", shelter)
        data = data_of(unit=unit, stay=stay, adults=adults, children=children, hold=hold, occurred_at=occurred_at)
        return self._say("admission", shelter, data, key)

    def discharge(
        self,
        shelter: str,
        stay: str,
        destination: Destination,
        *,
        unit_ready: bool = True,
        occurred_at: datetime | None = None,
        key: str | None = None,
    ) -> StoredEvent:
        """Store that a stay has ended; a unit that is not ready is closed for cleaning."""
        data = data_of(stay=stay, destination=destination, unit_ready=None if unit_ready else False, occurred_at=occurred_at)
        return self._say("discharge", shelter, data, key)

    def transfer(
        self, shelter: str, stay: str, to_unit: str, *, occurred_at: datetime | None = None, key: str | None = None
    ) -> StoredEvent:
        """Store that a stay has moved to another unit of its shelter."""
        return self._say("transfer", shelter, data_of(stay=stay, to_unit=to_unit, occurred_at=occurred_at), key)

    def change_stay(
        self, shelter: str, stay: str, *, adults: int, children: int, occurred_at: datetime | None = None, key: str | None = None
    ) -> StoredEvent:
        """Store that the household of a stay has changed."""
        return self._say("stay-changed", shelter, data_of(stay=stay, adults=adults, children=children, occurred_at=occurred_at), key)

    def close(
        self,
        shelter: str,
        unit: str,
        reason: ClosingReason,
        *,
        expected_until: datetime | None = None,
        occurred_at: datetime | None = None,
        key: str | None = None,
    ) -> StoredEvent:
        """Store that a unit can't be used."""
        data = data_of(unit=unit, reason=reason, expected_until=expected_until, occurred_at=occurred_at)
        return self._say("unit-closed", shelter, data, key)

    def reopen(self, shelter: str, unit: str, *, occurred_at: datetime | None = None, key: str | None = None) -> StoredEvent:
        """Store that a closed unit can be used again."""
        return self._say("unit-reopened", shelter, data_of(unit=unit, occurred_at=occurred_at), key)

    def pause(
        self,
        shelter: str,
        reason: PauseReason,
        *,
        expected_until: datetime | None = None,
        occurred_at: datetime | None = None,
        key: str | None = None,
    ) -> StoredEvent:
        """Store that a shelter takes no households in for now."""
        data = data_of(reason=reason, expected_until=expected_until, occurred_at=occurred_at)
        return self._say("intake-paused", shelter, data, key)

    def resume(self, shelter: str, *, occurred_at: datetime | None = None, key: str | None = None) -> StoredEvent:
        """Store that a shelter takes households in again."""
        return self._say("intake-resumed", shelter, data_of(occurred_at=occurred_at), key)

    def count(self, shelter: str, free: int | None = None, *, key: str | None = None) -> StoredEvent:
        """Store that what Plek shows of a shelter is right, with the number of free units where they were counted by hand."""
        return self._say("count-confirmed", shelter, data_of(free=free), key)

    def undo(self, event: StoredEvent, reason: CorrectionReason = "mistake", *, key: str | None = None) -> StoredEvent:
        """Store that an event is taken out as if it had never been sent."""
        data = {"corrects": {"source": event.source, "id": event.id}, "reason": reason}
        return self._say("correction", event.shelter, data, key)

    def send(self, event: Mapping[str, Any]) -> StoredEvent:
        """Store an event of the contract that you have made; id, source and time are added where it has none."""
        return self._put(read_event(event, self._desk))

    def _say(self, name: str, shelter: str, data: Mapping[str, Any], key: str | None) -> StoredEvent:
        source = source_of_shelter(shelter, self._desk)
        made = event_id(self._store.secret, key, name, shelter, self._desk)
        data = {"shelter": shelter, **data}
        return self._put(Envelope(shelter=shelter, source=source, id=made, type=f"nl.plek.{name}.v1", data=data, given={}))

    def _put(self, envelope: Envelope) -> StoredEvent:
        self._store.append(envelope)
        self._changed.set()
        stay = envelope.data.get("stay")
        return StoredEvent(envelope.shelter, envelope.source, envelope.id, stay if isinstance(stay, str) else None)

    def pending(self, shelter: str | None = None) -> int:
        """Return how many events wait to be sent, of one shelter or of all."""
        return self._store.count(shelter)

    def refused(self) -> list[SetAside]:
        """Return the events that Plek refused, each with its reasons, in order."""
        return self._store.set_aside()

    def send_again(self, refused: Sequence[SetAside]) -> int:
        """Let refused events wait again, at their old places, when what was wrong with them is mended in Plek; return how many."""
        put_back = self._store.put_back([each.number for each in refused])
        self._changed.set()
        return put_back

    def discard(self, refused: Sequence[SetAside]) -> int:
        """Delete refused events that are needed no more; return how many."""
        return self._store.discard([each.number for each in refused])

    def start(self) -> None:
        """Send in a thread from now on; while another process sends this file, wait for it to end."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._delivery.run, args=(self._stop,), name="plek-outbox", daemon=True)
            self._thread.start()

    def run(self) -> None:
        """Send in this thread, until another one calls `stop`: for a program that does nothing else."""
        self._delivery.run(self._stop)

    def stop(self) -> None:
        """End the sender, if it can be after the request that it has open; what waits stays on disk."""
        self._end_thread()
        if self._owns_http:
            self._http.close()
        self._store.close()

    def drain(self, timeout: float) -> bool:
        """Wait until nothing is pending, so many seconds at most; return whether it is so. Sends, if no sender was started here."""
        until, started = _seconds() + timeout, self._thread is None
        if started:
            self.start()
        while (waiting := self.pending()) and _seconds() < until:
            time.sleep(_LOOK_AGAIN_S)
        if started:
            self._end_thread()
        return not waiting

    def _end_thread(self) -> None:
        self._stop.set()
        self._changed.set()
        if self._thread is not None:
            self._thread.join(_STOPS_WITHIN_S)
            self._thread = None
        self._stop = threading.Event()

    def __enter__(self) -> Self:
        """Start the sender."""
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End the sender; what waits stays on disk."""
        self.stop()


def _client(url: str) -> httpx.Client:
    """Return a client of Plek; ValueError where a token would be sent over a network in the clear."""
    address = httpx.URL(url)
    if address.scheme != "https" and not (address.scheme == "http" and address.host in _ON_THIS_MACHINE):
        raise ValueError("the address of Plek begins with https://, unless it is on this machine")
    return httpx.Client(base_url=address, timeout=_TIMEOUT)
