"""Tracks the offsets of the view for all requests, with one subscription: a request can wait for an offset, unless the view is away."""

import asyncio
from asyncio import Future
from collections.abc import Mapping
from typing import Final

from services.adapters.clock import Stopwatch
from services.adapters.observability.metrics import Metrics
from services.adapters.view.ports import FollowableView, Position, ViewUnavailableError

# A subscription can miss a message; a read of the positions this often makes up for it, and notices a view that hangs.
_READ_S = 1.0
_RETRY_S = 0.5
# A partition that neither moved nor was stamped for so long has no processor; the stamp comes every second.
_DEAD_S = 3.0
# A processor that takes this long to hand its partitions to another one is no pause any more: nothing is decided meanwhile.
_STALLED_S = 5.0
# More records than a processor folds while a person does not notice.
_TOO_FAR = 10_000
READ_YOUR_WRITE_S: Final = 0.25
"""How long a request waits for the view to show a write: a person does not notice it, and the answer says if it was enough (design, 4)."""


class PositionTracker:
    """The last known offset of each partition of the view."""

    def __init__(self, view: FollowableView, seconds: Stopwatch, metrics: Metrics) -> None:
        self._view, self._seconds, self._metrics = view, seconds, metrics
        self._offsets: dict[int, int] = {}
        self._stamps: dict[int, int] = {}
        self._alive_at: dict[int, float] = {}
        self._waiting: set[tuple[int, int, Future[None]]] = set()
        self._changed: list[set[int]] = []
        self._messages = 0
        self.up = False

    async def run_forever(self) -> None:
        """Follow the view until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._listen())
            tasks.create_task(self._read_often())

    @property
    def alive(self) -> bool:
        """Return whether a partition moved or was stamped a moment ago: else no processor writes, because it or Redis does not let it."""
        now = self._seconds()
        return any(now - alive_at < _STALLED_S for alive_at in self._alive_at.values())

    def includes(self, partition: int, offset: int) -> bool:
        """Return whether the view includes the record at this offset."""
        return self._offsets.get(partition, -1) >= offset

    def changed_partitions(self, partitions: int) -> set[int]:
        """Return a set to which each partition is added when it moves; its reader removes those it has read. At first it has all."""
        changed = set(range(partitions))
        self._changed.append(changed)
        return changed

    async def wait_until(self, wanted: Mapping[int, int], within: float = READ_YOUR_WRITE_S) -> bool:
        """Wait up to `within` seconds until the view includes all these offsets, and return whether it does; at once if it can't."""
        missing = [(partition, offset) for partition, offset in wanted.items() if not self.includes(partition, offset)]
        if missing and all(self._can_reach(partition, offset) for partition, offset in missing):
            await self._wait(missing, within)
        return all(self.includes(partition, offset) for partition, offset in missing)

    def _can_reach(self, partition: int, offset: int) -> bool:
        alive = self._seconds() - self._alive_at.get(partition, -_DEAD_S) < _DEAD_S
        return self.up and alive and offset - self._offsets.get(partition, -1) < _TOO_FAR

    async def _wait(self, missing: list[tuple[int, int]], within: float) -> None:
        loop = asyncio.get_running_loop()
        waiting = {(partition, offset, loop.create_future()) for partition, offset in missing}
        self._waiting |= waiting
        await asyncio.wait([waiter for _, _, waiter in waiting], timeout=within)
        self._waiting -= waiting

    async def _listen(self) -> None:
        while True:
            try:
                async for partition, offset in self._view.subscribe():
                    self._messages += 1
                    self._moved(partition, offset)
            except ViewUnavailableError:
                self._away()
            await asyncio.sleep(_RETRY_S)

    async def _read_often(self) -> None:
        while True:
            messages = self._messages
            try:
                positions = await self._view.positions()
            except ViewUnavailableError:
                self._away()
            else:
                self._metrics.set("plek_part_up", 1, part="view")
                self.up = True
                self._stamp(positions)
                if messages == self._messages:  # else a message in between is newer
                    self._take(positions)
            await asyncio.sleep(_READ_S)

    def _stamp(self, positions: Mapping[int, Position]) -> None:
        """Count as alive the partitions stamped since the last read; clocks of two machines are not compared."""
        for partition, position in positions.items():
            if position.alive_at != self._stamps.get(partition):
                self._stamps[partition], self._alive_at[partition] = position.alive_at, self._seconds()

    def _take(self, positions: Mapping[int, Position]) -> None:
        for partition in self._offsets.keys() - positions.keys():
            del self._offsets[partition]
        for partition, position in positions.items():
            if position.offset != self._offsets.get(partition):
                self._moved(partition, position.offset)

    def _moved(self, partition: int, offset: int) -> None:
        self._alive_at[partition] = self._seconds()
        for changed in self._changed:
            changed.add(partition)
        self._offsets[partition] = offset  # also when it is lower: an emptied view is rebuilt from the beginning
        for awaited, wanted, waiter in self._waiting:
            if awaited == partition and wanted <= offset:
                _release(waiter)

    def _away(self) -> None:
        self.up = False
        self._metrics.set("plek_part_up", 0, part="view")
        for _, _, waiter in self._waiting:
            _release(waiter)


def _release(waiter: "Future[None]") -> None:
    if not waiter.done():
        waiter.set_result(None)
