"""Queueing: two processes take what must never be refused, to the log or else to their outbox on one disk, and are killed at any step.

The outbox, its file and the choice between the two are the real ones; there is no view.
"""

import asyncio
from pathlib import Path
from typing import Any, Final

import orjson

from services.adapters.durable_log import DurableLog
from services.adapters.kafka.ports import LogRecord
from services.adapters.outbox import Outbox, OutboxError
from tests.interleavings.broker import LARGEST, Appender
from tests.interleavings.seeded_loop import Process
from tests.interleavings.stages.outbox_disk import close
from tests.interleavings.world import World

_CALLERS: Final = 3
_RECORDS: Final = 10
_MOST: Final = 3
_PAUSE_S: Final = 0.4
_PATIENCE_S: Final = 4.0
_TOO_LARGE: Final = 0.03


class _Taker:
    """One place, and the process that has it now."""

    def __init__(self, world: World, name: str, folder: Path) -> None:
        self.world, self.name, self.folder, self.starts = world, name, folder, 0
        self.process: Process = world.loop.process(name)
        self.outbox: Outbox
        self.durable: DurableLog
        self.start()

    def start(self) -> None:
        """Start a process."""
        self.starts += 1
        world = self.world
        self.process = world.loop.process(f"{self.name}#{self.starts}")
        log = Appender(world.broker, world.wire)
        self.outbox = Outbox(self.folder, log, world.counted, world.loop.time)
        self.durable = DurableLog(log, self.outbox)
        world.loop.run_as(self.process, self.outbox.run_forever())
        world.wire.note("starts", process=self.process.name)

    def kill(self, why: str) -> None:
        """End the process at this step."""
        self.process.alive = False
        self.world.wire.note("KILLED", why, self.process.name)
        close(self.outbox)


class Queueing:
    """The callers of a run, and those who take what they say."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world = world
        self.takers = [_Taker(world, name, folder) for name in ("api-1", "api-2")]
        world.services += self.takers
        self.in_order: list[tuple[bytes, bytes]] = []

    def senders(self) -> list[Any]:
        """Return what the callers do."""
        return [self._call(number) for number in range(_CALLERS)]

    async def _call(self, caller: int) -> None:
        """Have records taken, one after the other, and note which were."""
        dice, before = self.world.dice, ("", b"")
        for number in range(_RECORDS):
            await asyncio.sleep(dice.random() * _PAUSE_S)
            records = [self._record(caller, number, part) for part in range(dice.randint(1, _MOST))]
            taker = dice.choice(self.takers)
            process = taker.process
            if not process.alive or not await self._taken(taker, records):
                continue
            fit = [record for record in records if len(record.value or b"") <= LARGEST]
            self.world.promise(fit, f"taken by {process.name}")
            for record in fit:
                if before[0] == process.name:
                    self.in_order.append((before[1], record.value or b""))
                before = (process.name, record.value or b"")

    async def _taken(self, taker: _Taker, records: list[LogRecord]) -> bool:
        taking = self.world.loop.run_as(taker.process, taker.durable.append_or_queue(records))
        await asyncio.wait([taking], timeout=_PATIENCE_S)
        if not taking.done():
            return False
        wrong = taking.exception()
        if isinstance(wrong, OutboxError):
            return False
        self.world.wire.note("TAKEN", "queued" if taking.result() is None else "logged", taker.process.name)
        return True

    def _record(self, caller: int, number: int, part: int) -> LogRecord:
        filling = "x" * LARGEST if self.world.wire.away and self.world.dice.random() < _TOO_LARGE else ""
        value = orjson.dumps({"caller": caller, "number": number, "part": part, "filling": filling})
        return LogRecord(self.world.topics.demand_events, str(caller).encode(), value)

    def behind(self) -> list[str]:
        """Return what still waits."""
        return [f"{len(taker.outbox.waiting)} records wait in the outbox of {taker.name}" for taker in self.takers if taker.outbox.waiting]

    async def settle(self) -> None:
        """Wait until each has looked for what ended processes left."""
        await asyncio.sleep(12)

    def wrong(self) -> list[str]:
        """Return which records the log has in another order than they were taken in, by one process for one caller."""
        log = [record.value or b"" for tp in self.world.partitions for record in self.world.broker.records[tp]]
        first = {value: place for place, value in reversed(list(enumerate(log)))}
        return [f"out of order: {later!r}" for earlier, later in self.in_order if first.get(later, 0) < first.get(earlier, -1)]

    def close(self) -> None:
        """Close the files."""
        for taker in self.takers:
            close(taker.outbox)
