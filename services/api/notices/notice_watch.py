"""Follows the view for what is noticed outside the pages: a look whenever a partition moves, as for `/v1/live`, and each second."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from services.adapters.problem_details import ProblemError
from services.api.notices.dispatcher import Dispatcher
from services.api.notices.due_notices import DueNotices
from services.api.read_model.country_cache import CountryCache

# What moves within this time is looked at together
_GATHER_S: Final = 0.25
# Silence, retries and what another process left undone come with time alone
_LOOK_S: Final = 1.0


@dataclass(slots=True, kw_only=True)
class NoticeWatch:
    """Looks, and hands on what is due."""

    mirror: CountryCache
    due: DueNotices
    dispatcher: Dispatcher
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    _moved: set[int] = field(init=False)

    def __post_init__(self) -> None:
        self._moved = self.mirror.reading.moves.changed_partitions(self.mirror.reading.partitions)

    async def run_forever(self) -> None:
        """Look until cancelled."""
        try:
            while True:
                with suppress(ProblemError):  # the view is away: nothing is known to be waiting
                    await self.look()
                await self._wait()
        finally:
            await self.dispatcher.close()

    async def look(self) -> None:
        """Hand on what is due now; ProblemError 503 while the view is away."""
        self._moved.clear()
        self.dispatcher.look(self.due.of(await self.mirror.follow()))

    async def _wait(self) -> None:
        waited = 0.0
        while waited < _LOOK_S and not (waited and self._moved):
            await self.pause(_GATHER_S)
            waited += _GATHER_S
