"""Keeps the figures as new as they must be, and publishes the snapshot of each day, those too that were missed.

A snapshot needs every record up to its instant: so it is taken once the log was read to its end after that instant.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Final

from services.adapters.clock import Clock
from services.adapters.log_port import LogUnavailableError
from services.monitor import snapshot
from services.monitor.days import night_before
from services.monitor.shelf import Publications
from services.monitor.source import BusyError, Source

_log = logging.getLogger(__name__)

_MINUTE_MS: Final = 60_000
_LOOK_S: Final = 5.0
Take = Callable[[int], bytes]
"""Takes the snapshot of an instant; may take a second."""


@dataclass(slots=True)
class Upkeep:
    """Brings the directory of a world up to date every so often.

    `wall` is the clock of a live country; None for one that has the clock of its log. `refresh` is called when there are new tables, and
    tells since when there is a log (ms); `until` is up to when all of it has been worked out (ms).
    """

    source: Source
    published: Publications
    refresh: Callable[[], int | None]
    take: Take
    wall: Clock | None
    every_minutes: float
    began: int | None = None
    until: int | None = None
    _last: int = field(default=0)

    async def keep(self) -> None:
        """Go on until cancelled; what is away is tried again at the next look. An archive that can't be kept is raised."""
        while True:
            try:
                await self.look()
            except (LogUnavailableError, BusyError):
                _log.info("the log could not be read, or another process is at it")
            await asyncio.sleep(_LOOK_S)

    async def look(self) -> None:
        """Bring all up to date if it is time to, and publish what is due."""
        if self._stale():
            await self._bring_up_to_date()
        await self._publish()

    def _stale(self) -> bool:
        """Say whether the figures are too old, or a night has passed since; a country with a clock of its own is looked at each time."""
        if self.wall is None or self.until is None:
            return True
        now = self.wall()
        return now - self.until >= self.every_minutes * _MINUTE_MS or night_before(now) > self.until

    async def _bring_up_to_date(self) -> None:
        asked = self.wall() if self.wall else None
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as child:
            archived = await asyncio.get_running_loop().run_in_executor(child, bring_up_to_date, self.source)
        self.began = self.refresh()
        # Who writes a country of the past writes it in one go: once nothing comes any more, all of it is there
        if asked is not None or not archived:
            self.until = self.source.clock() if asked is None else asked

    async def _publish(self) -> None:
        """Publish the daily snapshots that are due, the oldest first."""
        await self.published.refresh()
        if self.began is None or self.until is None:
            return
        for at in snapshot.due(self.began, self.until, self.published.keys):
            await self.published.publish(snapshot.key(at), await asyncio.to_thread(self.take, at))


def bring_up_to_date(source: Source) -> int:
    """Do the work, in the child: what it takes is loaded there alone."""
    from services.monitor import working  # noqa: PLC0415

    return working.bring_up_to_date(source)
