"""The counts of `GET /v1/areas`: computed at every quarter of an hour (a setting), and the same for all callers in between.

A count that changes when a household moves shows who moved where, so it does not change within its quarter; only counts that were made
while the view was half are made again. The age of the view does change: old counts outlive a processor that stands still, and must say so.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from services.adapters.observability.metrics import Metrics
from services.adapters.problem_details import ProblemError
from services.adapters.view.ports import PartitionSnapshot, ViewUnavailableError
from services.api.areas.area_counts import AreaCounts
from services.api.areas.grouping import Areas
from services.api.areas.models import AreaAnswer, AreasAnswer
from services.api.read_model.data_age import DataAge, format_ms, hidden_shelters
from services.api.read_model.view_reader import ViewReader

# At the turn of a quarter the counts before still answer until the new ones are made.
_TURN_MS: Final = 10_000
_TICK_S: Final = 1.0

Waiting = Callable[[], Awaitable[Collection[tuple[str, str]]]]
"""Returns the regions, each with the kind of unit that a household there waits for, as far as is known; ViewUnavailableError."""


@dataclass(frozen=True, slots=True)
class _Counts:
    grid: int
    as_of: int
    whole: bool
    areas: list[AreaAnswer]
    halted: frozenset[int]
    hidden: int


@dataclass(slots=True, kw_only=True)
class PublishedCounts:
    """The counts by area of this quarter."""

    reading: ViewReader
    areas: Areas
    metrics: Metrics
    quarter_ms: int
    waiting: Waiting
    _counts: _Counts | None = field(default=None)
    _alive_at: int = 0
    _halted: frozenset[int] = frozenset()

    async def run_forever(self) -> None:
        """Make the counts of each quarter, until cancelled."""
        while True:
            await self.refresh()
            await asyncio.sleep(_TICK_S)

    async def refresh(self) -> None:
        """Make the counts of this quarter unless there are whole ones, and read the age of the view; the view may be away."""
        await self._read_age()
        grid = self.reading.now() // self.quarter_ms * self.quarter_ms
        if self._counts and self._counts.whole and self._counts.grid == grid and self._counts.halted == self._halted:
            return
        try:
            snapshots = await self.reading.read_partitions(range(self.reading.partitions))
            self._counts = self._count(grid, snapshots, await self.waiting())
        except (ProblemError, ViewUnavailableError):  # away or too old: callers are answered with a problem that names the duty list
            return

    async def _read_age(self) -> None:
        with suppress(ViewUnavailableError):  # what was read last grows old by itself
            positions = await self.reading.view.positions()
            self._halted = frozenset(await self.reading.halted(positions))
            running = [position for number, position in positions.items() if number not in self._halted]
            self._alive_at = min((position.alive_at for position in running), default=0)
        if self._alive_at:  # also without callers, or while Redis is away: an alert is raised by it
            now = self.reading.now()
            self.metrics.set("plek_view_age_seconds", (now - self.reading.to_dataset_clock(self._alive_at, now)) / 1_000)

    def _count(self, grid: int, snapshots: list[PartitionSnapshot], waiting: Collection[tuple[str, str]]) -> _Counts:
        now = self.reading.now()
        age = self.reading.age_of(snapshots, now)
        if not age.rebuilding:
            age.require_fresh(now, self.reading.age_limits)
        answers = AreaCounts(self.areas, snapshots, now, self.reading.limits, waiting, rebuilding=age.rebuilding).listed()
        halted = frozenset(snapshot.partition for snapshot in snapshots if snapshot.halted)
        return _Counts(grid, age.as_of, not age.rebuilding, answers, halted, hidden_shelters(snapshots))

    @property
    def fresh(self) -> bool:
        """Return whether the view was stamped lately, as far as it was read: a processor keeps it at the end of the log."""
        now = self.reading.now()
        return now - self.reading.to_dataset_clock(self._alive_at, now) <= self.reading.age_limits.degraded_ms

    @property
    def grid(self) -> int | None:
        """Return the quarter (ms) of the counts that are published now; None while there are none."""
        return self._counts.grid if self._counts else None

    def answer(self) -> AreasAnswer:
        """Return the counts of this quarter; ProblemError 503 when there are none."""
        now, counts = self.reading.now(), self._counts
        if counts is None or now - counts.grid > self.quarter_ms + _TURN_MS:
            raise ProblemError("data-unavailable")
        age = self.reading.with_outage(DataAge(self.reading.to_dataset_clock(self._alive_at, now), not counts.whole))
        if counts.whole:
            age.require_fresh(now, self.reading.age_limits)
        head = self.reading.dataset_head(now) | age.head(now, self.reading.age_limits)
        head["as_of"] = format_ms(counts.as_of) if counts.as_of else None
        head["age_seconds"] = (now - min(counts.grid, counts.as_of or counts.grid)) // 1_000
        return AreasAnswer(**head, grid=format_ms(counts.grid) or "", hidden_shelters=counts.hidden, areas=counts.areas)
