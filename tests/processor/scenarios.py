"""What can happen to the workers of one partition: for the shipped partition manager, and for the controls that must fail.

A folder is assigned a partition, reads on, or folds records that are still in its buffer.
"""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, Self

from services.adapters.view.ports import Position, Saved, Write
from services.adapters.view.redis_reader import RedisReader
from services.domain.beds.staleness import StalenessLimits
from services.processor.partition import Partition
from services.processor.projections.beds import BedProjection, BedProjectionFactory
from tests.processor.logs import WIRE, Logged, MemoryLog, Worker
from tests.twins.memory_view import MemoryView


class Folder(Protocol):
    """A worker that folds partition 0."""

    next_offset: int

    async def assigned(self) -> Self:
        """Take the partition over, and return itself."""

    async def read(self, up_to: int | None = None, batch: int = 50) -> None:
        """Fold records up to an offset (excluded) or the end of the log."""

    async def given(self, records: list[Logged]) -> None:
        """Fold records that are still in the buffer."""


Make = Callable[[Any, MemoryLog], Folder]


class ShippedManager(Worker):
    """The partition manager as shipped."""

    async def given(self, records: list[Logged]) -> None:
        """Fold records that are still in the buffer."""
        await self.manager.fold(0, records)


@dataclass
class OrdinaryAgent:
    """The control: an ordinary Faust agent, with offsets and memory of its own, which writes at any position of the view."""

    view: Any
    log: MemoryLog
    next_offset: int = 0
    memory: Partition[BedProjection] = field(
        default_factory=lambda: BedProjectionFactory(WIRE, StalenessLimits()).fresh(Position(offset=-1))
    )

    async def assigned(self) -> Self:
        """Begin at the group's offset, with nothing in memory."""
        self.next_offset = self.log.committed
        self.memory = BedProjectionFactory(WIRE, StalenessLimits()).fresh(Position(offset=self.next_offset - 1))
        return self

    async def read(self, up_to: int | None = None, batch: int = 50) -> None:
        """Fold records, and commit their offset."""
        end = up_to if up_to is not None else self.log.records[-1].offset + 1
        while self.next_offset < end:
            records = self.log.between(self.next_offset, min(self.next_offset + batch, end))
            await self.given(records)

    async def given(self, records: list[Logged]) -> None:
        """Fold and write, whatever the position of the view."""
        self.memory.position = replace(self.memory.position, offset=records[0].offset - 1)
        write = self.memory.fold(records).write
        await self.view.begin(0, Position(offset=-1))
        write.after = (await self.view.position(0)).offset
        await self.view.write(0, write)
        self.next_offset = records[-1].offset + 1
        self.log.committed = max(self.log.committed, self.next_offset)


class UnfencedMemoryView(MemoryView):
    """The control: a view that applies every write, whatever position the write is for."""

    async def write(self, partition: int, write: Write) -> bool:
        """Write, whatever the position of the view."""
        at = await self.position(partition)
        write.after = at.offset if at else write.after
        return await super().write(partition, write)


class UnfencedRedisView(RedisReader):
    """The control on Redis: a view that applies every write, whatever position the write is for."""

    async def write(self, partition: int, write: Write) -> bool:
        """Write, whatever the position of the view."""
        at = await self.position(partition)
        write.after = at.offset if at else write.after
        return await super().write(partition, write)


async def killed(make: Make, view: Any, log: MemoryLog) -> None:
    """Kill the worker ten times, at random offsets; another one goes on each time."""
    dice = random.Random(7)
    for end in sorted(dice.sample(range(1, 1300), 10)):
        await (await make(view, log).assigned()).read(up_to=end, batch=dice.randint(1, 90))
    await (await make(view, log).assigned()).read()


async def alternating(make: Make, view: Any, log: MemoryLog) -> None:
    """Force two workers onto one partition: each believes it owns it, and they take turns."""
    one, other, dice = await make(view, log).assigned(), await make(view, log).assigned(), random.Random(3)
    end = log.records[-1].offset + 1
    while one.next_offset < end or other.next_offset < end:
        worker = dice.choice([one, other])
        await worker.read(up_to=min(worker.next_offset + dice.randint(1, 60), end), batch=dice.randint(1, 40))


async def overslept(make: Make, view: Any, log: MemoryLog) -> None:
    """Let a worker sleep through a rebalance and wake up with a batch in its buffer, while the new owner goes on."""
    sleeper = await make(view, log).assigned()
    await sleeper.read(up_to=300)
    owner = await make(view, log).assigned()
    await owner.read(up_to=900)
    await sleeper.given(log.between(300, 350))
    await owner.read()


async def half_applied(make: Make, view: Any, log: MemoryLog) -> None:
    """Let a worker fold a batch of which half is in the view already."""
    await (await make(view, log).assigned()).read(up_to=500)
    late = await make(view, log).assigned()
    await late.given(log.between(450, 550))
    await late.read()


async def emptied(make: Make, view: Any, log: MemoryLog) -> None:
    """Empty the view under a running worker."""
    worker = await make(view, log).assigned()
    await worker.read(up_to=700)
    await view.forget(0)
    await worker.read()
    await worker.read()


Scenario = Callable[[Make, Any, MemoryLog], Awaitable[None]]
SCENARIOS: tuple[Scenario, ...] = (killed, alternating, overslept, half_applied, emptied)


def without_times(saved: Saved | None) -> Any:
    """Return stored data without the times of sweeps and stamps: the rest follows from the log alone."""
    assert saved
    return replace(saved, position=replace(saved.position, swept_at=0, alive_at=0, rebuild_until=0))


def units_and_holds(saved: Saved | None) -> Any:
    """Return only units and holds: a control must be wrong in what users see, not in its bookkeeping."""
    assert saved
    return saved.units, saved.holds


async def undisturbed(log: MemoryLog) -> Saved:
    """Return what an undisturbed worker makes of a log."""
    view = MemoryView(1)
    await (await Worker(view, log).assigned()).read()
    saved = await view.load(0)
    assert saved
    return saved
