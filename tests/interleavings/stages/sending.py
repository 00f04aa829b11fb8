"""Sending: the outbox of an organisation's own system, on a network that loses and doubles, in a process that dies between any two calls.

The sender is no coroutine, so nothing here waits: one call after the other, and a seed decides which, and where the process ends.
"""

import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import httpx

from services.client import NotStoredError, PlekOutbox
from services.client.event_store import EventStore
from tests.client.contract_server import ContractServer, problem
from tests.interleavings.stages.outbox_disk import is_unsafe
from tests.interleavings.wire import Step

_CALLS: Final = 25
_SHELTERS: Final = ("berk", "eik")
_AT_END: Final = 200
_S_NS: Final = 1_000_000_000
_Fate = Callable[["Sending", list[dict[str, Any]]], httpx.Response | Exception | None]


class ProcessEndedError(BaseException):
    """The process ends here; no `except Exception` of what runs in it goes on."""


class _DyingStore(EventStore):
    """The store of the outbox, before and after whose writes the process may end."""

    ends: Callable[[str], None]

    def append(self, envelope: Any) -> None:
        """Store an event."""
        self.ends("before an append")
        super().append(envelope)
        self.ends("after an append")

    def settle(self, accepted: Any, refused: Any) -> None:
        """Settle a batch."""
        self.ends("before a batch is settled")
        super().settle(accepted, refused)
        self.ends("after a batch is settled")


class Sending:
    """One run: a file, the processes that have it open, and a gateway."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.dice, self.path = random.Random(seed), folder / "events.sqlite"
        self.trouble = self.dice.choice((0.0, 0.15, 0.4))
        self.dies = self.dice.choice((0.0, 0.05, 0.15))
        self.refuses = frozenset({"eik"} if self.dice.random() < 0.2 else ())
        self.plek = ContractServer(answering=self._answer, refuses=self.refuses)
        self.steps: list[Step] = []
        self.wrong: list[str] = []
        self.now_ns = 1_772_500_000 * _S_NS
        self.promised: dict[str, list[str]] = {shelter: [] for shelter in _SHELTERS}
        self.by_key: dict[str, set[str]] = {}
        self.unsure: dict[str, str] = {}
        self.calling, self.healed = "", False
        self.open: list[PlekOutbox] = [self._opened()]

    def run(self) -> None:
        """Make calls and send, in any order; then send all that is left."""
        for number in range(_CALLS):
            self._do(number)
            self._check()
        self.healed = True
        for _ in range(_AT_END):
            if not self._waiting():
                break
            self._send(self.dice.choice(self.open))
        else:
            self.wrong.append(f"{len(self._waiting())} events are never sent")
        self._check()
        self._check_order()
        for outbox in self.open:
            outbox.stop()

    def _do(self, number: int) -> None:
        chance, outbox = self.dice.random(), self.dice.choice(self.open)
        try:
            if chance < 0.45:
                self._call(outbox, number)
            elif chance < 0.85:
                self._send(outbox)
            elif chance < 0.9 and len(self.open) == 1:
                self.open.append(self._opened())
                self._note("a second process opens the file")
            else:
                self._ends("between two calls", always=self.dies > 0)
        except ProcessEndedError as where:
            if "append" in str(where):  # the call did not return, so nothing is known of the place of its event
                self.unsure.setdefault(self.calling, "")
            self._end(outbox, str(where))

    def _call(self, outbox: PlekOutbox, number: int) -> None:
        """Store an event, or repeat a call of before under its key, as a system does after a crash."""
        number = self.dice.randrange(number + 1)
        shelter, key = _SHELTERS[number % len(_SHELTERS)], f"record {number}"
        self.calling = key
        with suppress(NotStoredError):
            stored = outbox.admit(shelter, f"u{number}", adults=1, key=key)
            self.by_key.setdefault(key, set()).add(stored.id)
            if stored.id not in self.promised[shelter]:
                self.promised[shelter].append(stored.id)
            if key in self.unsure:
                self.unsure[key] = stored.id
            self._note(f"stored {key}")

    def _send(self, outbox: PlekOutbox) -> None:
        pause = outbox._delivery._step()
        self.now_ns += int((1.0 if pause is None else pause) * _S_NS)
        self._note(f"sent, pause {pause is not None and pause > 0}")

    def _answer(self, events: list[dict[str, Any]]) -> httpx.Response | Exception | None:
        """Decide what becomes of a request."""
        if self.healed:
            return None
        self._ends("before a request")
        fate = self.dice.choice(_FATES)[0] if self.dice.random() < self.trouble else "taken"
        self._note(f"request of {len(events)}: {fate}")
        answer = dict(_FATES)[fate](self, events) if fate != "taken" else None
        if answer is None and self.dice.random() < self.dies:
            self.plek._take(events)
            raise ProcessEndedError("after a request was taken")
        return answer

    def _taken(self, events: list[dict[str, Any]]) -> httpx.Response | Exception | None:
        """Take a request, and lose its answer."""
        self.plek._take(events)
        return httpx.ReadTimeout("no answer")

    def _doubled(self, events: list[dict[str, Any]]) -> httpx.Response | Exception | None:
        """Take a request twice."""
        self.plek._take(events)
        return None

    def _ends(self, where: str, *, always: bool = False) -> None:
        if always or (not self.healed and self.dice.random() < self.dies):
            raise ProcessEndedError(where)

    def _end(self, outbox: PlekOutbox, where: str) -> None:
        """End a process; in some runs the power of the machine too, with all that is not written through."""
        power = self.dice.random() < 0.4
        self._note(f"{'POWER CUT' if power else 'KILLED'} {where}")
        gone = list(self.open) if power else [outbox]
        connections = [connection for each in gone if (connection := each._store._open)]
        written = self.path.read_bytes() if power and any(map(is_unsafe, connections)) else None
        for each in gone:
            each._store._close()
            each._delivery.lock.release()
            self.open.remove(each)
        if written is not None:
            self.path.write_bytes(written)
            self.path.with_name(f"{self.path.name}-wal").unlink(missing_ok=True)
        if not self.open:
            self.open.append(self._opened())

    def _opened(self) -> PlekOutbox:
        outbox = PlekOutbox(self.path, "https://plek.test", lambda: "a-token", http=self.plek.http)
        store = _DyingStore(self.path, lambda: self.now_ns)
        store.ends = self._ends
        outbox._store._close()
        outbox._store = outbox._delivery.store = store
        outbox._delivery.now_ns = lambda: self.now_ns
        return outbox

    def _waiting(self) -> Sequence[Any]:
        return self.open[0]._store.first(1_000)

    def _check(self) -> None:
        """Check that what a call returned for is in the log, in the file, or refused; and that a key is one event."""
        kept = {each["id"] for each in self.plek.log} | {each.id for each in self._waiting()} | {each.id for each in self.open[0].refused()}
        lost = [event for events in self.promised.values() for event in events if event not in kept]
        self.wrong += [f"lost, and was stored: {event}" for event in lost if f"lost, and was stored: {event}" not in self.wrong]
        self.wrong += [f"{key} is {len(ids)} events" for key, ids in self.by_key.items() if len(ids) > 1]

    def _check_order(self) -> None:
        """Check that the log has the first copies of each shelter in the order of the calls."""
        for shelter, promised in self.promised.items():
            first = list(dict.fromkeys(each["id"] for each in self.plek.log if each["subject"] == shelter))
            known = [event for event in first if event in promised and event not in self.unsure.values()]
            if known != [event for event in promised if event in known]:
                self.wrong.append(f"the events of {shelter} are not in the order of their calls")

    def _note(self, what: str) -> None:
        self.steps.append(Step(self.now_ns / _S_NS % 10_000, "system", what, ""))


_FATES: Final[list[tuple[str, _Fate]]] = [
    ("lost", lambda *_: httpx.ConnectError("refused")),
    ("answer lost", Sending._taken),
    ("doubled", Sending._doubled),
    ("busy", lambda *_: problem(503, "kafka-away", {"Retry-After": "1"})),
    ("fault", lambda *_: httpx.Response(500)),
    ("portal", lambda *_: httpx.Response(200, text="<html>")),
    ("too many", lambda *_: problem(429, "too-many", {"Retry-After": "2"})),
    ("half an answer", lambda _, events: httpx.Response(200, json={"events": [{"index": 0, "status": "accepted"}][: len(events) - 1]})),
]
