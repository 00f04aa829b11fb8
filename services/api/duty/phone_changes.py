"""Raises an alert when the intake phone of a shelter changes, in whichever way it came: every household after that is announced there.

The alert is for the coordinators of the region, and of the former one where that changed too. The first look of a process is what it
compares with, and a view on its way to the end of the log is not looked at: it shows phones of before.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from services.adapters.problem_details import ProblemError
from services.api.limits.abuse_alerts import Alerts
from services.api.read_model.country_cache import CountryCache

_LOOK_S: Final = 5.0


class _Phone(NamedTuple):
    """The intake phone of a shelter, and its region."""

    number: str
    region: str


@dataclass(slots=True, kw_only=True)
class PhoneChanges:
    """Compares the phones of the shelters with those of its last look."""

    mirror: CountryCache
    alerts: Alerts
    _known: dict[str, _Phone] = field(default_factory=dict)

    async def run_forever(self) -> None:
        """Look every few seconds, until cancelled."""
        while True:
            with suppress(ProblemError):  # the view is away: the next look sees what has changed meanwhile
                await self.look()
            await asyncio.sleep(_LOOK_S)

    async def look(self) -> None:
        """Raise an alert for each phone that is another one than at the last look; ProblemError 503 while the view is away."""
        country = await self.mirror.follow()
        if country.age.rebuilding:
            return
        for shelter in country.registered():
            if shelter.registration:
                after = _Phone(shelter.registration.intake_phone, shelter.registration.region)
                before, self._known[shelter.shelter] = self._known.get(shelter.shelter, after), after
                if before.number != after.number:
                    await self.alerts.phone_changed(shelter.shelter, after.number, tuple(sorted({before.region, after.region})))
