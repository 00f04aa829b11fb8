"""Keeps the figures as new as they must be, and publishes the snapshot of each day, those of missed days too.

A snapshot needs every record up to its instant, so it is taken after the log was read to its end at a later time.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Final

from services.adapters.clock import Clock
from services.adapters.kafka.ports import LogUnavailableError
from services.domain.durations import MINUTE_MS
from services.monitor.dutch_calendar import night_before
from services.monitor.log_source import BusyError, LogSource
from services.monitor.publication import snapshot
from services.monitor.publication.published_store import PublishedDocuments

_log = logging.getLogger(__name__)

_INTERVAL_S: Final = 5.0
Take = Callable[[int], bytes]
"""Takes the snapshot of an instant; may take a second."""


@dataclass(slots=True)
class Scheduler:
    """Brings the directory of a data set up to date every so often.

    `wall` is the clock of the live data set; None for one that has the clock of its log. `refresh` reads the new tables and returns the
    clock (ms) of the first record; `until` is the clock up to which the log is in the tables.
    """

    source: LogSource
    published: PublishedDocuments
    refresh: Callable[[], int | None]
    take: Take
    wall: Clock | None
    every_minutes: float
    began: int | None = None
    until: int | None = None

    async def run_forever(self) -> None:
        """Run until cancelled; what is unavailable is tried again in the next round. ArchiveError when the archive can't be continued."""
        while True:
            try:
                await self.run_once()
            except (LogUnavailableError, BusyError):
                _log.info("the log could not be read, or another process is writing in the directory")
            await asyncio.sleep(_INTERVAL_S)

    async def run_once(self) -> None:
        """Bring the tables up to date if it is time to, and publish what is due."""
        if self._is_stale():
            await self._bring_up_to_date()
        await self._publish()

    def _is_stale(self) -> bool:
        """Return whether the figures are too old, or a night has passed since; a data set with a clock of its own is always read again."""
        if self.wall is None or self.until is None:
            return True
        now = self.wall()
        return now - self.until >= self.every_minutes * MINUTE_MS or night_before(now) > self.until

    async def _bring_up_to_date(self) -> None:
        started = self.wall() if self.wall else None
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as child:
            archived = await asyncio.get_running_loop().run_in_executor(child, bring_up_to_date, self.source)
        self.began = self.refresh()
        # A data set of the past is written in one go: once no more records come, all of it is there
        if started is not None or not archived:
            self.until = self.source.clock() if started is None else started

    async def _publish(self) -> None:
        """Publish the daily snapshots that are due, the oldest first."""
        await self.published.refresh()
        if self.began is None or self.until is None:
            return
        for at in snapshot.due(self.began, self.until, self.published.keys):
            await self.published.publish(snapshot.snapshot_key(at), await asyncio.to_thread(self.take, at))


def bring_up_to_date(source: LogSource) -> int:
    """Run the pipeline in the child process: its memory ends with it."""
    from services.monitor import pipeline  # noqa: PLC0415  only the child loads Arrow

    return pipeline.bring_up_to_date(source)
