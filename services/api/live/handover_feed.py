"""Notices of holds that were taken over: the view says nothing of these, so each process reads them from where owners are kept."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field

from services.api.holds.owner_store import Handover, HoldOwners
from services.api.live.notifications import Notification, of_hold
from services.api.read_model.view_reader import ViewReader


@dataclass(slots=True, kw_only=True)
class HandoverFeed:
    """Follows the take-overs from the first look on; `place` is how far that is."""

    owners: HoldOwners
    reading: ViewReader
    place: str | None = None
    _looking: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def catch_up(self) -> list[Notification]:
        """Return notices of the take-overs since the last call; ViewUnavailableError, and then they are still to be read."""
        async with self._looking:
            handovers, place = await self.owners.handovers(self.place)
            news = await self._notices(handovers)
            self.place = place
            return news

    async def missed(self, after: str) -> list[Notification]:
        """Return notices of the take-overs after a place; ViewUnavailableError."""
        handovers, _ = await self.owners.handovers(after)
        return await self._notices(handovers)

    async def _notices(self, handovers: Iterable[Handover]) -> list[Notification]:
        return [news for each in handovers if (news := await self._notice(each))]

    async def _notice(self, handover: Handover) -> Notification | None:
        view, partition = self.reading.view, self.reading.partition(handover.shelter)
        hold = await view.hold(partition, handover.shelter, handover.hold)
        return of_hold(hold, self.reading.now(), handover.before, handover.after) if hold else None
