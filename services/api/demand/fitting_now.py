"""Whether something fits a household at this instant: evidence for the log, and one word for the worker (`fitting_now`).

Guarantees: nothing is refused here, and no caller waits longer than two seconds, whatever is down. What is not known (no view, an old
one, no log to hold anything in), is beyond the rate limit, or can't be recorded in the audit log, is `not_told`.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from services.adapters.auth.authentication import Caller
from services.adapters.auth.pseudonyms import Attempt
from services.adapters.http.call import Call
from services.adapters.problem_details import ProblemError
from services.api.demand.models import FittingNow
from services.api.limits.request_quota import RequestQuota
from services.api.publishing.event_publisher import EventPublisher
from services.api.read_model.country_cache import CountryCache, CountrySnapshot
from services.api.read_model.view_reader import ViewReader
from services.api.searches.sealed_offers import SearchToken
from services.domain.events.catalog import Evidence
from services.domain.search import matching
from services.domain.search.matching import SearchCriteria, SearchResult

UNAVAILABLE: Final = Evidence(
    status="unavailable", free_nationally=0, fitting_nationally=0, fitting_excluded_for_safety=0, unknown_units=0, view={}
)
# A worker has a household beside the desk: each of both waits, for the view and for what it costs, is no longer than this.
_LOOK_S: Final = 1.0


class FreeNow(NamedTuple):
    """What was free at an instant, and whether something fits."""

    evidence: Evidence
    fitting: FittingNow


_NOTHING_SEEN: Final = FreeNow(UNAVAILABLE, "not_told")


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrentFit:
    """Looks what fits a household now. `opened` opens a sealed search of a caller."""

    reading: ViewReader
    mirror: CountryCache
    sending: EventPublisher
    quota: RequestQuota
    opened: Callable[[Caller, str], SearchToken | None]

    async def look(self, ask: SearchCriteria) -> FreeNow:
        """Look at the whole country for a household, by the criteria of a search."""
        try:
            async with asyncio.timeout(_LOOK_S):
                country = await self.mirror.country()
        except (ProblemError, TimeoutError):
            return _NOTHING_SEEN
        if country.now - country.age.as_of > self.reading.age_limits.unavailable_ms:
            return _NOTHING_SEEN
        result = matching.find_matches(country.unoccupied_shelters(), ask, self.reading.limits)
        evidence = Evidence(
            status="complete",
            free_nationally=result.free,
            fitting_nationally=result.fitting,
            fitting_excluded_for_safety=result.excluded,
            unknown_units=result.unknown,
            view=country.view(),
        )
        return FreeNow(evidence, self._fitting(country, ask, result))

    def _fitting(self, country: CountrySnapshot, ask: SearchCriteria, result: SearchResult) -> FittingNow:
        if country.age.degraded(country.now, self.reading.age_limits) or not self.sending.log.ready:
            return "not_told"
        if result.fitting:
            return "yes"
        # Two units that would do together are for the shelter to say, as in the answer of a search
        together = any(miss.condition == "two_units" for miss in country.near_misses(ask))
        return "call_first" if result.call_first or together else "no"

    async def disclose(self, call: Call[Any], attempt: Attempt, free_now: FreeNow, household: str, again_of: str | None) -> FittingNow:
        """Return what the caller learns of a look: it takes a search of the rate limit, or a refinement for the same household."""
        if free_now.fitting == "not_told":
            return "not_told"
        before = self.opened(call.caller, again_of) if again_of else None
        # A refinement is counted for the chain of searches it goes on with, as for a search
        chain = before.root if before and before.household == household else ""
        try:
            async with asyncio.timeout(_LOOK_S):
                taken = await self.quota.try_search(call, attempt=attempt.name, refines=bool(chain), household=chain)
                if taken:
                    await call.record_as("fitting-shown", what=(free_now.fitting,))
        except (ProblemError, TimeoutError):
            return "not_told"
        return free_now.fitting if taken else "not_told"
