"""Sends what is due to each receiver, until it is sent or no longer due. It never waits for a receiver, and nothing waits for it.

What is due is computed anew at each look, so nothing is queued: a hold that is answered is due no more, and a process that starts finds
what its predecessor left. A failed delivery is tried again after 1, 2, 4, … seconds, at most every minute.
"""

import asyncio
import hashlib
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol

from services.adapters.clock import Stopwatch
from services.adapters.observability.metrics import Metrics
from services.api.notices.delivery_marks import DeliveryMarks
from services.api.notices.due_notices import DueNotice
from services.api.notices.outbound_calls import CALL_S

_log = logging.getLogger(__name__)

Outcome = Literal["sent", "failed", "gone"]
"""What came of an attempt; `gone`: the receiver wants no more, and nothing is left to do."""
MOST_AT_ONCE: Final = 32
"""Deliveries under way in one process; the others wait for the next look. More at once would be felt by those who call the API."""
LONGEST_PAUSE_S: Final = 60.0
# A call that takes its whole time is over by then, also where a process is slow to go on
_LEASE_S: Final = CALL_S + 5.0
# How soon to look again whether the process that has a delivery has sent it
_TAKEN_S: Final = 2.0


class Receiver(Protocol):
    """One address that a notice is sent to."""

    @property
    def name(self) -> str:
        """What it is called within this process; no address, and no secret."""

    @property
    def channel(self) -> str:
        """The kind of receiver, as metrics and logs name it."""

    async def send(self, notice: DueNotice) -> Outcome:
        """Try once to deliver a notice; raises nothing."""


@dataclass(slots=True)
class _Delivery:
    """How far a delivery is, as this process knows it."""

    channel: str
    again_at: float = 0.0
    failures: int = 0
    done: bool = False
    running: bool = False


@dataclass(slots=True, kw_only=True)
class Dispatcher:
    """Deliveries of one process."""

    receivers: Callable[[DueNotice], Iterable[Receiver]]
    marks: DeliveryMarks
    seconds: Stopwatch
    metrics: Metrics
    _deliveries: dict[str, _Delivery] = field(default_factory=dict)
    _tasks: set["asyncio.Task[None]"] = field(default_factory=set)

    def look(self, notices: Iterable[DueNotice]) -> None:
        """Begin what is to be sent of the notices that are due, and forget the others."""
        due: set[str] = set()
        for notice in notices:
            for receiver in self.receivers(notice):
                name = delivery_name(notice, receiver)
                due.add(name)
                self._begin(name, notice, receiver)
        for name in self._deliveries.keys() - due:
            self._forget(name)

    async def finish(self) -> None:
        """Wait for what is under way."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def close(self) -> None:
        """End what is under way; another process takes it up again when its lease is over."""
        for task in self._tasks:
            task.cancel()
        await self.finish()

    def _begin(self, name: str, notice: DueNotice, receiver: Receiver) -> None:
        delivery = self._deliveries.setdefault(name, _Delivery(receiver.channel))
        if delivery.done or delivery.running or self.seconds() < delivery.again_at or len(self._tasks) >= MOST_AT_ONCE:
            return
        delivery.running = True
        task = asyncio.create_task(self._deliver(name, delivery, notice, receiver))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, name: str, delivery: _Delivery, notice: DueNotice, receiver: Receiver) -> None:
        try:
            claim = await self.marks.claim(name, _LEASE_S)
            if claim == "claimed":
                await self._attempt(name, delivery, notice, receiver)
            delivery.done = delivery.done or claim == "sent"
            if claim == "taken":
                delivery.again_at = self.seconds() + _TAKEN_S
        finally:
            delivery.running = False

    async def _attempt(self, name: str, delivery: _Delivery, notice: DueNotice, receiver: Receiver) -> None:
        outcome = await receiver.send(notice)
        self.metrics.count("plek_notices_total", channel=receiver.channel, outcome=outcome)
        if outcome == "failed":
            pause_s = min(2.0**delivery.failures, LONGEST_PAUSE_S)
            delivery.failures, delivery.again_at = delivery.failures + 1, self.seconds() + pause_s
            if delivery.failures == 1:  # once: a receiver that is away for a night fails at every hold
                _log.warning("a notice was not delivered, and is tried again", extra={"what": receiver.name})
            await self.marks.postpone(name, pause_s)
        else:
            delivery.done = True
            await self.marks.mark_sent(name)

    def _forget(self, name: str) -> None:
        delivery = self._deliveries[name]
        if delivery.running:
            return
        del self._deliveries[name]
        if delivery.failures and not delivery.done:
            self.metrics.count("plek_notices_total", channel=delivery.channel, outcome="unsent")
            _log.error("a notice was never delivered", extra={"what": delivery.channel, "count": delivery.failures})


def delivery_name(notice: DueNotice, receiver: Receiver) -> str:
    """Return the name of a delivery, as it is marked: of fixed length, whatever the receiver is called."""
    return hashlib.sha256(f"{notice.id}/{receiver.name}".encode()).hexdigest()[:32]
