"""Alarms at what only somebody does who looks for a shelter: many searches without a hold, holds given back that no shelter accepted.

Law: an alarm refuses nothing, for an evening on which nothing is free looks the same. It is logged without a name, and noted for the
auditor.
"""

import logging
from dataclasses import dataclass
from typing import Final, Literal

from fastapi import Request

from services.adapters.identity import Caller
from services.adapters.rates import Counted, Rates
from services.api.reading import Reading

_log = logging.getLogger(__name__)

What = Literal["searches", "holds"]
_SAYS: Final[dict[What, str]] = {"searches": "many searches without a hold", "holds": "many holds given back that no shelter accepted"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarms:
    """Counts what a person does, within an hour, and raises an alarm at so many."""

    reading: Reading
    rates: Rates
    searches_at: int
    holds_at: int

    def __post_init__(self) -> None:
        # A count that is born with the first alarm has not increased for whoever watches it
        for what in _SAYS:
            self.reading.metrics.count("plek_alarms_total", 0, what=what)

    async def searched(self, request: Request, caller: Caller) -> None:
        """Count a search."""
        await self._count(request, caller, "searches", "unheld", self.searches_at)

    async def held(self, caller: Caller) -> None:
        """Begin to count her searches anew: they came to a hold."""
        await self.rates.forget(caller.sub, "unheld")

    async def given_back(self, request: Request, caller: Caller) -> None:
        """Count a hold that was given back before any shelter accepted it: it has read a telephone number."""
        await self._count(request, caller, "holds", "given-back", self.holds_at)

    async def _count(self, request: Request, caller: Caller, what: What, counted: Counted, most: int) -> None:
        if await self.rates.count(caller.sub, counted) == most:
            self.reading.metrics.count("plek_alarms_total", what=what)
            _log.warning(_SAYS[what], extra={"role": caller.role, "count": most})
            await self.reading.audit.note(request, caller, "alarm-raised", what=(what,))
