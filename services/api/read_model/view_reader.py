"""Reads the view for a request: at least as far as the caller has written, and never a number without its age."""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from services.adapters.clock import Clock
from services.adapters.datasets import World
from services.adapters.http.call import Call
from services.adapters.http.sealed_positions import SealedPositions
from services.adapters.kafka.ports import largest_offsets
from services.adapters.kafka.topics import partition_of
from services.adapters.problem_details import ErrorItem, ProblemError
from services.adapters.view.ports import DemandSnapshot, PartitionSnapshot, Position, ReadableView, ViewUnavailableError
from services.adapters.view.position_tracker import PositionTracker
from services.api.read_model import data_age
from services.api.read_model.data_age import AgeLimits, DataAge, age_of, format_ms
from services.api.read_model.log_outage import LogOutage
from services.api.read_model.phone_history import PhoneHistory
from services.domain.beds.staleness import StalenessLimits

# The stamp comes every second: a partition that runs is never so late.
_STAMPED_MS: Final = 5_000


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of the view, its age, and the time (ms) of the answer."""

    snapshots: list[PartitionSnapshot]
    age: DataAge
    now: int
    at_least: bool | None
    """Whether it shows what the caller wanted to see at least; None when that was not asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewReader:
    """Reads the view, each time with its age."""

    view: ReadableView
    moves: PositionTracker
    positions: SealedPositions
    """What writes positions for callers, and reads them."""
    partitions: int
    limits: StalenessLimits
    age_limits: AgeLimits
    now: Clock
    wall: Clock | None = None
    """The clock that ages are measured by, where `now` is that of another data set than the live one."""
    world: World = "live"
    outage: LogOutage | None = None
    phones: PhoneHistory = field(default_factory=PhoneHistory)

    def partition(self, shelter: str) -> int:
        """Return the partition of a shelter."""
        return partition_of(shelter.encode(), self.partitions)

    async def read(self, call: Call[Any], partitions: Iterable[int] | None = None) -> Read:
        """Read some partitions, or all, at least as far as the caller wants; ProblemError 503 when the view can't be reached."""
        wanted = await self.wait_for(call)
        snapshots = await self.read_partitions(range(self.partitions) if partitions is None else sorted(set(partitions)))
        return self.with_age(snapshots, wanted)

    async def wait_for(self, call: Call[Any]) -> dict[int, int]:
        """Wait shortly until the view shows what a caller wants to see at least, and return that; ProblemError 400."""
        wanted = self._at_least(call.at_least, numbers=call.caller.role == "operator")
        await self.moves.wait_until(wanted)
        return wanted

    def with_age(self, snapshots: list[PartitionSnapshot], wanted: Mapping[int, int]) -> Read:
        """Return what was read just now with how true it is, and whether it shows what was wanted."""
        now = self.now()
        return Read(snapshots, self.age_of(snapshots, now), now, self._shows(snapshots, wanted) if wanted else None)

    def age_of(self, snapshots: Sequence[PartitionSnapshot | DemandSnapshot], now: int, *, halted: bool = False) -> DataAge:
        """Return the age of partitions that were read just now: of those that are shown, or also of those that stand still."""
        shown = [snapshot for snapshot in snapshots if halted or not snapshot.halted]
        return self.with_outage(age_of(shown, now, self.wall() if self.wall else now))

    def with_outage(self, age: DataAge) -> DataAge:
        """Return an age with whether an outage of the log explains it, and whether anything is decided now."""
        age = replace(age, stalled=not self.moves.alive)
        return replace(age, away=self.outage.away, excused=self.outage.excused) if self.outage else age

    async def halted(self, stands: Mapping[int, Position]) -> dict[int, str]:
        """Return which partitions stand still until they are mended, and why; read only where one was not stamped for a while."""
        wall = self.wall() if self.wall else self.now()
        if all(wall - position.alive_at < _STAMPED_MS for position in stands.values()):
            return {}
        return await self.view.halted()

    def to_dataset_clock(self, alive_at: int, now: int) -> int:
        """Return by the clock of the data set when something was last known to be at the end of the log."""
        return data_age.to_dataset_clock(alive_at, now, self.wall() if self.wall else now)

    async def dataset_now(self) -> int:
        """Return the time of the data set; one that is not live has that of its last event (ViewUnavailableError)."""
        if self.world != "live":
            await self.view.positions()
        return self.now()

    def dataset_head(self, now: int) -> dict[str, Any]:
        """Return the first members of an answer about a data set that is not live: its kind, and its clock."""
        return {} if self.world == "live" else {"world": self.world, "clock": format_ms(now) if now else None}

    async def read_partitions(self, partitions: Collection[int]) -> list[PartitionSnapshot]:
        """Read partitions, each at one instant."""
        try:
            return list(await asyncio.gather(*(self.view.read_partition(partition) for partition in partitions)))
        except ViewUnavailableError as away:
            raise ProblemError("data-unavailable") from away

    def _shows(self, snapshots: list[PartitionSnapshot], wanted: Mapping[int, int]) -> bool:
        read = {snapshot.partition: snapshot.position.offset for snapshot in snapshots if snapshot.position}
        return all(read.get(partition, -1) >= offset or self.moves.includes(partition, offset) for partition, offset in wanted.items())

    def _at_least(self, stated: Iterable[str], *, numbers: bool) -> dict[int, int]:
        """Read what a caller wants to see at least, partition to offset; ProblemError 400 when it is not of its form."""
        positions = [self.positions.read(text, numbers=numbers) for text in stated]
        known = [position for position in positions if position and position[0] < self.partitions]
        if len(known) < len(positions):
            raise ProblemError("invalid", errors=[ErrorItem(None, "atLeast", "bad_format", "the `at_least` of an event")])
        return largest_offsets(known)
