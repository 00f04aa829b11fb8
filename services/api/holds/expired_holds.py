"""Counts the holds that ended unanswered because their time was over as given back: a worker read a telephone number all the same.

A worker who lets holds expire instead of releasing them would evade the alert otherwise. Each hold counts once, over all API processes.
"""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from services.adapters.problem_details import ProblemError
from services.api.holds.owner_store import HoldOwners
from services.api.holds.pending_requests import PendingHolds
from services.api.limits.abuse_alerts import Alerts
from services.api.read_model.country_cache import CountryCache
from services.domain.beds.holds import HoldFacts
from services.domain.durations import HOUR_MS

_POLL_S: Final = 10.0
# The counter of given-back holds is of an hour
_COUNTED_MS: Final = HOUR_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiredHolds:
    """Counts what has expired, every ten seconds."""

    mirror: CountryCache
    pending: PendingHolds
    owners: HoldOwners
    alerts: Alerts
    _counted: set[str] = field(default_factory=set)
    """The holds of the last hour that this process has looked at."""

    async def run_forever(self) -> None:
        """Count until cancelled."""
        while True:
            with suppress(ProblemError):  # the view is away: what has expired meanwhile is counted later
                await self.count()
            await asyncio.sleep(_POLL_S)

    async def count(self) -> None:
        """Count every hold that expired unanswered within the hour, once; ProblemError 503 while the view is away."""
        country = await self.mirror.follow()
        expired = {hold.hold: hold for hold in self.mirror.holds.expired(country.now - _COUNTED_MS, country.now)}
        self._counted.intersection_update(expired)
        await self._count([hold for name, hold in expired.items() if name not in self._counted])

    async def _count(self, holds: Iterable[HoldFacts]) -> None:
        holds = list(holds)
        owners = await self.owners.of([hold.hold for hold in holds]) if holds else {}
        for hold in holds:
            self._counted.add(hold.hold)
            owner = owners.get(hold.hold)
            if await self.pending.mark_finished(hold.hold):
                await self.alerts.let_expire(owner.person if owner else hold.asked_by, hold.desk, owner.regions if owner else ())
