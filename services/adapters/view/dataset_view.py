"""The view of a data set that is not live, read at its own clock: the highest time of its log over all partitions, which stands still.

Partitions end at different times, so that a read of one of them needs the positions of all.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Literal

from services.adapters.view.ports import Change, FollowableView, PartitionCheck, PartitionSnapshot, Position, ReadableView
from services.domain.beds.holds import HoldFacts


class DatasetView:
    """The view of beds, and `now`, the clock of its data set (ms) as it was at the last read; `others` are its other views."""

    def __init__(self, view: ReadableView, *others: FollowableView) -> None:
        self._view, self._others, self._clock = view, others, 0

    def now(self) -> int:
        """Return the clock of the data set (ms); 0 before anything was read or logged."""
        return self._clock

    async def read_partition(self, partition: int) -> PartitionSnapshot:
        """Read one partition at one instant, and the clock of all partitions."""
        await self.positions()
        snapshot = await self._view.read_partition(partition)
        if snapshot.position:
            self._clock = max(self._clock, snapshot.position.clock)
        return snapshot

    async def changes_since(self, partition: int, after: str, holds: Iterable[tuple[str, str]]) -> PartitionSnapshot | None:
        """Read the shelters that changed after an entry of the feed; None when only `read_partition` can."""
        return await self._view.changes_since(partition, after, holds)

    async def positions(self) -> dict[int, Position]:
        """Read the position of each partition that was ever folded."""
        positions, *others = await asyncio.gather(self._view.positions(), *(other.positions() for other in self._others))
        self._clock = latest(positions, *others)
        return positions

    async def halted(self) -> dict[int, str]:
        """Read which partitions are halted, and why."""
        return await self._view.halted()

    async def checks(self) -> dict[int, PartitionCheck]:
        """Read what the canary found last in each partition that it has compared."""
        return await self._view.checks()

    async def hold(self, partition: int, shelter: str, hold: str) -> HoldFacts | None:
        """Read one hold; None where the log has not decided it yet."""
        return await self._view.hold(partition, shelter, hold)

    async def changes(self, partition: int, after: str) -> list[Change] | Literal["reload"]:
        """List what changed after a change id; "reload" when the feed no longer goes back that far."""
        return await self._view.changes(partition, after)

    def subscribe(self) -> AsyncIterator[tuple[int, int]]:
        """Yield (partition, offset) whenever a partition has moved, until closed."""
        return self._view.subscribe()


def latest(*stands: dict[int, Position]) -> int:
    """Return the clock of a data set (ms) from the positions of its truth topics."""
    return max((position.clock for positions in stands for position in positions.values()), default=0)
