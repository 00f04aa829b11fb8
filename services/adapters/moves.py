"""Where the view stands, kept up by one listener for all requests: nobody polls, and nobody waits for a view that is away."""

import asyncio
from asyncio import Future
from collections.abc import Mapping

from services.adapters.clock import Stopwatch
from services.adapters.metrics import Metrics
from services.adapters.view.port import FollowableView, Position, ViewUnavailableError

# A listener can miss a message; a look at the positions this often makes up for it, and finds a view that hangs.
_LOOK_S = 1.0
_RETRY_S = 0.5
# A partition that neither moved nor was stamped for so long has nobody who folds it; the stamp comes every second.
_DEAD_S = 3.0
# Further behind than a processor folds while a person does not notice.
_TOO_FAR = 10_000


class Moves:
    """The last known offset of each partition of the view."""

    def __init__(self, view: FollowableView, seconds: Stopwatch, metrics: Metrics) -> None:
        self._view, self._seconds, self._metrics = view, seconds, metrics
        self._offsets: dict[int, int] = {}
        self._stamps: dict[int, int] = {}
        self._lived_at: dict[int, float] = {}
        self._waiting: set[tuple[int, int, Future[None]]] = set()
        self._watched: list[set[int]] = []
        self._heard = 0
        self.up = False

    async def keep(self) -> None:
        """Listen until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._listen())
            tasks.create_task(self._look())

    def shows(self, partition: int, offset: int) -> bool:
        """Say whether the view shows what stands at this offset."""
        return self._offsets.get(partition, -1) >= offset

    def watched(self, partitions: int) -> set[int]:
        """Return a set into which every partition goes that is written to; whoever has looked at one takes it out. At first all are in."""
        moved = set(range(partitions))
        self._watched.append(moved)
        return moved

    async def reached(self, wanted: Mapping[int, int], within: float) -> bool:
        """Wait up to `within` seconds until the view shows all these offsets; say at once that it does not when there is no hope."""
        missing = [(partition, offset) for partition, offset in wanted.items() if not self.shows(partition, offset)]
        if missing and all(self._hope(partition, offset) for partition, offset in missing):
            await self._wait(missing, within)
        return all(self.shows(partition, offset) for partition, offset in missing)

    def _hope(self, partition: int, offset: int) -> bool:
        lives = self._seconds() - self._lived_at.get(partition, -_DEAD_S) < _DEAD_S
        return self.up and lives and offset - self._offsets.get(partition, -1) < _TOO_FAR

    async def _wait(self, missing: list[tuple[int, int]], within: float) -> None:
        loop = asyncio.get_running_loop()
        waiting = {(partition, offset, loop.create_future()) for partition, offset in missing}
        self._waiting |= waiting
        await asyncio.wait([waiter for _, _, waiter in waiting], timeout=within)
        self._waiting -= waiting

    async def _listen(self) -> None:
        while True:
            try:
                async for partition, offset in self._view.moves():
                    self._heard += 1
                    self._moved(partition, offset)
            except ViewUnavailableError:
                self._away()
            await asyncio.sleep(_RETRY_S)

    async def _look(self) -> None:
        while True:
            heard = self._heard
            try:
                positions = await self._view.positions()
            except ViewUnavailableError:
                self._away()
            else:
                self._metrics.set("plek_part_up", 1, part="view")
                self.up = True
                self._stamp(positions)
                if heard == self._heard:  # else what was heard in between is newer
                    self._take(positions)
            await asyncio.sleep(_LOOK_S)

    def _stamp(self, positions: Mapping[int, Position]) -> None:
        """Note which partitions were stamped since the last look; clocks of two machines are not compared."""
        for partition, position in positions.items():
            if position.alive_at != self._stamps.get(partition):
                self._stamps[partition], self._lived_at[partition] = position.alive_at, self._seconds()

    def _take(self, positions: Mapping[int, Position]) -> None:
        for partition in self._offsets.keys() - positions.keys():
            del self._offsets[partition]
        for partition, position in positions.items():
            if position.offset != self._offsets.get(partition):
                self._moved(partition, position.offset)

    def _moved(self, partition: int, offset: int) -> None:
        self._lived_at[partition] = self._seconds()
        for moved in self._watched:
            moved.add(partition)
        self._offsets[partition] = offset  # also when it went back: an emptied view is rebuilt from the beginning
        for awaited, least, waiter in self._waiting:
            if awaited == partition and least <= offset:
                _release(waiter)

    def _away(self) -> None:
        self.up = False
        self._metrics.set("plek_part_up", 0, part="view")
        for _, _, waiter in self._waiting:
            _release(waiter)


def _release(waiter: "Future[None]") -> None:
    if not waiter.done():
        waiter.set_result(None)
