"""What the routes of the monitor answer from: the figures, the published documents, the clock of the data set."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from services.adapters.clock import Clock
from services.adapters.problem_details import ErrorItem, ProblemError
from services.monitor.background.background_work import BackgroundWork
from services.monitor.background.monitor_task import MonitorTask, TaskKind
from services.monitor.figures.result import Ask, FigureResult
from services.monitor.http.query_params import KnownCodes
from services.monitor.publication import snapshot
from services.monitor.publication.published_store import PublishedDocuments
from services.monitor.query import Query, UnanswerableError

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteContext:
    """All that a route needs. `ask` may take a second; `until` returns the clock (ms) up to which the log is in the tables.

    `wall` is the clock of the live data set; None for one that has the clock of its log.
    """

    ask: Ask
    until: Callable[[], int | None]
    published: PublishedDocuments
    wall: Clock | None
    known: KnownCodes
    background: BackgroundWork
    task: Callable[[TaskKind, int, int], MonitorTask]
    """Returns the task of a kind and year, by what had been recorded until a clock (ms)."""
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    def now(self) -> int:
        """Return the time (ms) of the data set; ProblemError 503 where that is the clock of a log that is not in the tables yet."""
        if self.wall is not None:
            return self.wall()
        until = self.until()
        if until is None:
            raise ProblemError("not-yet")
        return until

    async def answer(self, query: Query) -> FigureResult:
        """Answer a query; ProblemError 400 when it makes no sense, 503 before the first tables are built."""
        if self.until() is None:
            raise ProblemError("not-yet")
        return await self._in_thread(partial(self.ask, query))

    async def snapshot(self, at: int) -> bytes:
        """Return the published snapshot of an instant (ms), or compute the same bytes; ProblemError 503 before the tables go so far."""
        published = self.published.get(snapshot.snapshot_key(at))
        if published is not None:
            return published
        if (self.until() or 0) < at:
            raise ProblemError("not-yet")
        return await self._in_thread(partial(snapshot.take, self.ask, at))

    async def _in_thread(self, work: Callable[[], T]) -> T:
        """Run work beside the event loop, one at a time: each uses all there is of a processor."""
        async with self._one_at_a_time:
            try:
                return await asyncio.to_thread(work)
            except UnanswerableError as error:
                raise ProblemError("invalid", errors=[ErrorItem(None, "query", "unanswerable", str(error))]) from error
