"""Which refusals a caller may read: those of the organisations that its shelters or its regions belong to, and an operator all.

A refusal names no shelter, so it is an organisation's, not a shelter's: a caller of a shelter reads those of its organisation.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, cast

from services.adapters.auth.authentication import Caller
from services.adapters.clock import Clock
from services.adapters.kafka.topics import Topics
from services.domain.durations import DAY_MS
from services.gateway.ownership import OwnershipLookup
from services.gateway.refusals.models import RefusalsAnswer, RefusalShown
from services.gateway.refusals.refusal_log import RefusalLog

# As long as the topics keep them
_KEPT_MS: Final = 14 * DAY_MS
_MOST: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalReader:
    """Reads the refusals of a caller; `lookup` returns the owners of shelters for one request."""

    log: RefusalLog
    topics: Topics
    lookup: Callable[[], OwnershipLookup]
    now: Clock

    async def organisations(self, caller: Caller) -> frozenset[str]:
        """Return the organisations of which the caller may read refusals; ViewUnavailableError, LogUnavailableError."""
        present = await self.log.organisations()
        return present if caller.role == "operator" else present & await self._own(caller)

    async def _own(self, caller: Caller) -> frozenset[str]:
        ownership = self.lookup()
        if caller.role == "coordinator":
            return await ownership.organisations_in(caller.regions)
        found = await asyncio.gather(*map(ownership.registration, sorted(caller.shelters)))
        return frozenset(registration.organisation for registration in found if registration)

    async def newest(self, organisations: frozenset[str]) -> RefusalsAnswer:
        """Read the newest refusals of some organisations; LogUnavailableError."""
        # One more than is shown says whether there are older ones
        found = await self.log.newest(organisations, self.now() - _KEPT_MS, _MOST + 1)
        found.sort(key=_when, reverse=True)
        shown = [self._shown(each) for each in found[:_MOST]]
        return {"refusals": shown, "complete": len(found) <= _MOST}

    def _shown(self, refusal: dict[str, Any]) -> RefusalShown:
        return cast("RefusalShown", {"organisation": self.topics.organisation(refusal["topic"])} | refusal)


def _when(refusal: dict[str, Any]) -> tuple[str, int]:
    return refusal["time"], refusal["offset"]
