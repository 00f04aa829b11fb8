"""Releases holds when their request was not read for a minute: the worker is on the phone with another shelter by then.

The release stands behind the request in the log, decided or not, so that the hold can't outlive it.
"""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from services.adapters.clock import Clock
from services.adapters.observability.metrics import Metrics
from services.adapters.problem_details import ProblemError
from services.api.holds.hold_documents import VisibleHold
from services.api.holds.hold_log import HoldLog
from services.api.holds.pending_requests import PendingHolds, PendingHoldsUnavailableError
from services.api.holds.request_life import PendingHold
from services.domain.events.catalog import HoldReleased

_POLL_S: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AbandonedRequests:
    """Releases what is due, every second."""

    log: HoldLog
    pending: PendingHolds
    metrics: Metrics
    now: Clock

    async def run_forever(self) -> None:
        """Release what is not asked after, until cancelled."""
        while True:
            await self.release()
            await asyncio.sleep(_POLL_S)

    async def release(self) -> None:
        """Release every hold that was not asked after in time, and forget those that were released a day ago."""
        now = self.now()
        for request in await self.pending.list_waiting():
            with suppress(ProblemError, PendingHoldsUnavailableError):  # the log or Redis is away: the next time
                if request.can("abandon", now):
                    await self._abandon(request, now)
                elif request.can("forget", now):
                    await self.pending.remove(request.hold)

    async def _abandon(self, request: PendingHold, now: int) -> None:
        await self.log.publish(HoldReleased(shelter=request.shelter, hold=request.hold))
        await self.pending.save(request.after("abandon", now))
        self.metrics.count("plek_holds_given_up_total")


async def with_given_up(pending: PendingHolds, holds: Iterable[VisibleHold]) -> list[VisibleHold]:
    """Return holds with those marked that were released for this reason (the log says only that they were); none without Redis."""
    return [seen._replace(given_up=await _was_given_up(pending, seen)) for seen in holds]


async def _was_given_up(pending: PendingHolds, seen: VisibleHold) -> bool:
    if seen.hold.status == "released":
        with suppress(PendingHoldsUnavailableError):
            request = await pending.get(seen.hold.hold)
            return request is not None and request.waits and request.given_up
    return False
