"""Searches: a need in, at most three offers out (design, section 5). Logged before they are answered, with where the view stood.

Only the caller that made a search can end it, once, and nothing in the log names that caller. A search that goes on with one for the same
household belongs to its chain: `more` asks for the next three offers of the nine of a chain.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from services.adapters.audit.records import shelters
from services.adapters.auth.authentication import Caller
from services.adapters.auth.pseudonyms import Attempt
from services.adapters.http.call import Call
from services.adapters.http.request_body import wrong
from services.adapters.observability.metrics import Metrics
from services.adapters.problem_details import ProblemError
from services.adapters.regions import RegionRow
from services.adapters.view.ports import ReadableDemand, ViewUnavailableError
from services.api.limits.abuse_alerts import Alerts
from services.api.limits.request_quota import RequestQuota
from services.api.publishing.durable_publisher import DurablePublisher
from services.api.publishing.event_publisher import WORKER, EventPublisher
from services.api.publishing.request_models import resolve_region
from services.api.read_model.country_cache import CountryCache, CountrySnapshot
from services.api.read_model.view_reader import ViewReader
from services.api.searches.decision import Question
from services.api.searches.models import EndAnswer, EndForm, FreshOffers, SearchAnswer, SearchForm
from services.api.searches.sealed_offers import OFFER_MS, SEARCH_MS, Offer, SearchToken, open_search
from services.api.searches.search_answers import SearchAnswers
from services.domain.events.catalog import SearchEnded, SearchMade
from services.domain.search.matching import Match


class _Chain(NamedTuple):
    """A search for a desk of a region, the first search of its chain (itself, where it begins one), and the one it goes on with."""

    search: str
    region: str
    root: str
    household: str
    before: str | None

    @property
    def refines(self) -> bool:
        """It goes on with a search for the same household."""
        return self.root != self.search


@dataclass(slots=True, kw_only=True)
class Searches:
    """Makes searches and ends them."""

    reading: ViewReader
    mirror: CountryCache
    demand: ReadableDemand
    durable: DurablePublisher
    answers: SearchAnswers
    alerts: Alerts
    quota: RequestQuota
    metrics: Metrics

    @property
    def regions(self) -> Mapping[str, RegionRow]:
        """The region file."""
        return self.answers.regions

    @property
    def sending(self) -> EventPublisher:
        """How an event is made and appended."""
        return self.durable.sending

    async def search(self, call: Call[SearchForm]) -> SearchAnswer:
        """Make a search: paid first, and given back where it could not be made."""
        form, caller = call.body, call.caller
        attempt = await self.sending.attempt(call, call.json)
        region = await resolve_region(call, form.region)
        chain = self._chain(caller, form, region, attempt)
        await self.quota.take_search(
            call,
            attempt=attempt.name,
            refines=chain.refines,
            break_glass=form.break_glass,
            household=chain.root if chain.refines else "",
        )
        try:
            return await self._search(call, attempt, chain)
        except ProblemError:  # a search that was not made says nothing
            await self.quota.give_back_search(caller, attempt.name)
            raise

    async def _search(self, call: Call[SearchForm], attempt: Attempt, chain: _Chain) -> SearchAnswer:
        country = await self.mirror.country()
        question = self._question(call, chain, country.now)
        made, decision = await self.answers.decide(country, question)
        if decision.listed:
            await self.quota.take_hold(call, attempt=made.search, break_glass=call.body.break_glass)
        await asyncio.gather(
            self.durable.append_or_queue(self.sending.event(attempt, WORKER, made.region, made)),
            self._record(call, made, decision.listed),
            self._count(call.caller, made, decision.listed),
        )
        return self.answers.answer(country, question, decision)

    async def refresh_offers(self, country: CountrySnapshot, before: Offer) -> FreshOffers:
        """Answer what was asked for before as it is now: fresh offers of the same search."""
        question = Question(search=before.of, ask=before.ask, near=before.near, until=country.now + OFFER_MS)
        _, decision = await self.answers.decide(country, question)
        return self.answers.fresh_offers(country, question, decision)

    async def end(self, call: Call[EndForm], sealed: str) -> EndAnswer:
        """End a search; the first end counts (D3)."""
        outcome, made = call.body.outcome, self.decrypt(call.caller, sealed)
        if made is None:
            await call.refuse()
        await call.record(("search", made.search), what=(outcome,))
        before = await self._end_of(made)
        if before is not None:
            return EndAnswer(status="unchanged", outcome=before)
        logged = await self.log_end(made, outcome)
        return EndAnswer(status="logged" if logged else "queued", outcome=outcome)

    async def _end_of(self, made: SearchToken) -> str | None:
        """Return how a search has ended; None where it has not, as far as is known."""
        try:
            case = await self.demand.case(self.reading.partition(made.search), "search", made.search)
        except ViewUnavailableError:
            return None
        return case.end.data["outcome"] if case and case.end else None

    def decrypt(self, caller: Caller, sealed: str) -> SearchToken | None:
        """Read a sealed search of its maker; None when it is another caller's."""
        return open_search(self.answers.seals, sealed, self.sending.pseudonyms.asked_by(caller.sub), self.reading.now())

    async def log_end(self, made: SearchToken, outcome: str) -> bool:
        """Log how a search ended: once, and the first to say so is right (D3); False where that is queued on disk."""
        attempt = self.sending.pseudonyms.attempt(made.asked_by, "search-ended", made.search)
        ended = SearchEnded(search=made.search, outcome=outcome)
        return await self.durable.append_or_queue(self.sending.event(attempt, WORKER, made.region, ended)) is not None

    def _chain(self, caller: Caller, form: SearchForm, region: str, attempt: Attempt) -> _Chain:
        """Return the chain a search belongs to: that of the search it goes on with where that was for the same household, or a new one."""
        before = self._before(caller, form)
        household = self.sending.pseudonyms.household(*form.identity(region))
        search = attempt.id("search")
        root = before.root if before and before.household == household else search
        return _Chain(search, region, root, household, before.search if before else None)

    def _before(self, caller: Caller, form: SearchForm) -> SearchToken | None:
        """Read the search that this one goes on with; ProblemError 400."""
        if form.again_of is None:
            return None
        before = self.decrypt(caller, form.again_of)
        if before is None:
            raise ProblemError("invalid", errors=[wrong("/again_of", "bad_format")])
        return before

    def _question(self, call: Call[SearchForm], chain: _Chain, now: int) -> Question:
        form, asked_by = call.body, self.sending.pseudonyms.asked_by(call.caller.sub)
        return Question(
            search=SearchToken(chain.search, chain.region, asked_by, now + SEARCH_MS, chain.root, chain.household),
            ask=form.criteria(),
            near=form.near,
            until=now + OFFER_MS,
            again_of=chain.before,
            only_new=form.more,
            list_calls=form.call_first,
        )

    async def _record(self, call: Call[SearchForm], made: SearchMade, listed: Sequence[Match]) -> None:
        """Write the audit entry: who searches, and of which shelters the telephone number is shown."""
        named = shelters(fit.shelter.shelter for fit in listed)
        await call.record(("search", made.search), *named, what=("call-first",) if listed else ())

    async def _count(self, caller: Caller, made: SearchMade, listed: Sequence[Match]) -> None:
        self.metrics.count("plek_searches_total", found="offers" if made.offers else "nothing")
        if listed:
            self.metrics.count("plek_call_first_total", len(listed))
            await self.alerts.calls_listed(caller)
        await self.alerts.searched(caller)
