"""The view of a world that is not live, read at its own clock: the highest time of its log over all partitions, and it stands still.

Partitions end at different times; a look at one of them must know the clock of all.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Literal, Protocol

from services.adapters.view.port import Change, Look, Position, ReadableView
from services.domain.holds import Hold


class Stands(Protocol):
    """The view of a truth topic, as far as it tells where its partitions stand."""

    async def positions(self) -> dict[int, Position]:
        """Tell where each partition stands that was ever folded."""


class WorldView:
    """The view of beds, and `now`: the clock of its world (ms) as it was when something was read last; `others` are its other views."""

    def __init__(self, view: ReadableView, *others: Stands) -> None:
        self._view, self._others, self._clock = view, others, 0

    def now(self) -> int:
        """Tell what the clock of the world says; 0 before anything was read or logged."""
        return self._clock

    async def look(self, partition: int) -> Look:
        """Read one partition at one instant, and the clock of all."""
        await self.positions()
        look = await self._view.look(partition)
        if look.position:
            self._clock = max(self._clock, look.position.clock)
        return look

    async def since(self, partition: int, after: str, holds: Iterable[tuple[str, str]]) -> Look | None:
        """Read the shelters that changed after an entry of the feed; None when only a look at all of it can tell."""
        return await self._view.since(partition, after, holds)

    async def positions(self) -> dict[int, Position]:
        """Tell where each partition stands that was ever folded."""
        found, *others = await asyncio.gather(self._view.positions(), *(other.positions() for other in self._others))
        self._clock = latest(found, *others)
        return found

    async def hold(self, partition: int, shelter: str, hold: str) -> Hold | None:
        """Read one hold; None where the log has not decided it yet."""
        return await self._view.hold(partition, shelter, hold)

    async def changes(self, partition: int, after: str) -> list[Change] | Literal["reload"]:
        """List what changed after a change id; "reload" when the feed no longer goes back that far."""
        return await self._view.changes(partition, after)

    def moves(self) -> AsyncIterator[tuple[int, int]]:
        """Yield (partition, offset) whenever a partition has moved, until closed."""
        return self._view.moves()


def latest(*stands: dict[int, Position]) -> int:
    """Tell the clock of a world from where the partitions of its truth topics stand (ms)."""
    return max((position.clock for positions in stands for position in positions.values()), default=0)
