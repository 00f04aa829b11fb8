"""`POST /v1/searches`: a need in, at most three offers out (design, section 5). Logged before it is answered, with where the view stood.

`POST /v1/searches/{search}/end`: how it ended, once. Nobody else's search can be ended, and nothing in the log says whose it is.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, Final

from fastapi import Request, Response

from services.adapters.audit.records import shelters
from services.adapters.checks import Problem
from services.adapters.identity import Caller
from services.adapters.problems import ProblemError
from services.adapters.pseudonym import Attempt
from services.adapters.regions import RegionRow, tiles
from services.adapters.topics import partition_of
from services.adapters.view.port import ReadableDemand, ViewUnavailableError
from services.adapters.web import answer
from services.api import offers
from services.api.alarms import Alarms
from services.api.crowds import Crowds
from services.api.forms import EndForm, Form, HouseholdForm, SearchForm, wrong
from services.api.mirror import Country, Mirror
from services.api.offers import OFFER_MS, SEARCH_MS, Areas, Offer, Search, Told
from services.api.reading import Reading
from services.api.sealing import Seals
from services.api.sending import WORKER, Sending
from services.api.standing import shown
from services.domain import search
from services.domain.crowd import Least
from services.domain.events import Need, SearchEnded, SearchMade
from services.domain.search import Ask, Distance, Fit, Found, Miss

_MOST_ADULTS: Final = 20


@dataclass(slots=True, kw_only=True)
class Searching:
    """All that searching takes. `chance` decides among the nearly equal."""

    reading: Reading
    mirror: Mirror
    demand: ReadableDemand
    sending: Sending
    seals: Seals
    regions: Mapping[str, RegionRow]
    areas: Areas
    least: Least
    chance: Random
    alarms: Alarms
    form: Form[SearchForm] = field(init=False)
    end_form: Form[EndForm] = field(init=False)
    crowds: Crowds = field(init=False)

    def __post_init__(self) -> None:
        codes = frozenset(self.regions)
        self.form, self.end_form = Form(SearchForm, codes, household), Form(EndForm, codes)
        self.crowds = Crowds(areas=self.areas, least=self.least)

    async def make(self, request: Request) -> Response:
        """Handle a search."""
        caller = await self.reading.caller(request, "worker", asked="search")
        try:
            return await self._make(request, caller)
        except ProblemError:  # of a search that was not made she learns nothing
            await self.reading.identity.searched_for_nothing(caller)
            raise

    async def _make(self, request: Request, caller: Caller) -> Response:
        form, body = await self.form.read(request)
        region = await home(self.reading, request, caller, form.region)
        attempt = await self.sending.attempt(request, caller, body)
        again_of = self._again(caller, form)
        country = await self.mirror.country()
        ask = asked(form)
        found = country.found(ask)
        made = self._made(attempt, caller, region, country.now)
        template = Offer(shelter="", of=made, until=country.now + OFFER_MS, ask=ask, near=form.near)
        told, to_call = self.told(country, found, template)
        calls = self._calls(template, to_call) if form.call_first else []
        if calls:
            await self.reading.identity.turn(caller, "name", made.asked_by)
        data = self._data(made, ask, found, country, len(told["offers"]), again_of)
        await asyncio.gather(
            self.sending.send(self.sending.event(attempt, WORKER, region, data)),
            self._noted(request, caller, made, calls),
            self._count(request, caller, data, calls),
        )
        listed = {"listed": offers.told_calls(self.seals, calls, template, country)} if form.call_first else {}
        return answer(told | {"call_first": {"shelters": offers.coarse(len(to_call))} | listed})

    def again(self, country: Country, before: Offer) -> dict[str, Any]:
        """Tell what there is now of what was asked for before: fresh offers of the same search."""
        return self.told(country, country.found(before.ask), replace(before, until=country.now + OFFER_MS))[0]

    def told(self, country: Country, found: Found, template: Offer) -> tuple[dict[str, Any], list[Fit]]:
        """Tell what there is for a household: offers and how many more, or what nearly fits; and whom to call.

        Where so few shelters could ever take her in that an answer would name them, she is told to call, whether they are full or not.
        """
        ask, distance = template.ask, self._distance(template.near)
        narrow = self.crowds.of(country, ask).narrow
        chosen = [] if narrow else search.offered(found.fits, distance, self.chance)
        nearly = [] if chosen else search.misses(country.nearly(ask), distance, self.chance)
        misses = self.crowds.misses(country, ask, nearly)
        told = {
            "as_of": shown(country.standing.as_of),
            "degraded": country.standing.degraded(country.now, self.reading.patience),
            "search": offers.seal_search(self.seals, template.of),
            "narrow": narrow,
            "offers": offers.told_offers(self.seals, self.crowds.offers(country, ask, chosen), template, country),
            "offers_until": shown(template.until),
            "more": "unknown" if narrow else offers.coarse(found.fitting - len(chosen)),
            "misses": offers.told_misses(misses),
        }
        return told, [*(self._could(country, ask) if narrow else found.call_first), *together(misses)]

    def _could(self, country: Country, ask: Ask) -> list[Fit]:
        """List the few that could ever take a household in, full or not."""
        return [
            Fit(shelter, unit, shelter.region or "", 0, ageing=False)
            for name in sorted(self.crowds.of(country, ask).shelters)
            if (shelter := country.shelter(name))
            and (unit := next((each for each in shelter.units.values() if search.takes(each, ask)), None))
        ]

    async def end(self, request: Request, sealed: str) -> Response:
        """Handle the end of a search."""
        caller = await self.reading.caller(request, "worker")
        form, _ = await self.end_form.read(request)
        mine = self.opened(caller, sealed)
        if mine is None:
            await self.reading.audit.refused(request, caller)
            raise ProblemError("not-yours")
        await self.reading.audit.note(request, caller, "search-ended", objects=(("search", mine.search),), what=(form.outcome,))
        before = await self._end_of(mine)
        if before is not None:
            return answer({"status": "unchanged", "outcome": before})
        await self.ended(mine, form.outcome)
        return answer({"status": "logged", "outcome": form.outcome})

    async def _end_of(self, made: Search) -> str | None:
        """Tell how a search has ended; None where it has not, as far as is known."""
        try:
            case = await self.demand.case(partition_of(made.search.encode(), self.reading.partitions), "search", made.search)
        except ViewUnavailableError:
            return None
        return case.end.data["outcome"] if case and case.end else None

    def opened(self, caller: Caller, sealed: str) -> Search | None:
        """Take a search back from the one who made it; None when it is not hers."""
        return offers.open_search(self.seals, sealed, self.sending.pseudonyms.asked_by(caller.sub), self.reading.now())

    async def ended(self, made: Search, outcome: str) -> None:
        """Log how a search ended: once, whoever says so how often, and the first to say so is right (D3)."""
        attempt = self.sending.pseudonyms.attempt(made.asked_by, "search-ended", made.search)
        await self.sending.send(self.sending.event(attempt, WORKER, made.region, SearchEnded(search=made.search, outcome=outcome)))

    def _made(self, attempt: Attempt, caller: Caller, region: str, now: int) -> Search:
        asked_by = self.sending.pseudonyms.asked_by(caller.sub)
        return Search(search=attempt.id("search"), region=region, asked_by=asked_by, until=now + SEARCH_MS)

    def _again(self, caller: Caller, form: SearchForm) -> str | None:
        if form.again_of is None:
            return None
        before = self.opened(caller, form.again_of)
        if before is None:
            raise ProblemError("invalid", errors=[wrong("/again_of", "bad_format")])
        return before.search

    def _data(self, made: Search, ask: Ask, found: Found, country: Country, offered: int, again_of: str | None) -> SearchMade:
        return SearchMade(
            search=made.search,
            region=made.region,
            adults=ask.adults,
            children=ask.children,
            need=ask.need,
            exclude_regions=ask.exclude_regions,
            fitting_units=found.fitting,
            offers=offered,
            view=country.view(),
            again_of=again_of,
        )

    async def _noted(self, request: Request, caller: Caller, made: Search, calls: Sequence[Fit]) -> None:
        """Have it written down who searches, and of which shelters she is told the phone."""
        objects = (("search", made.search), *shelters(fit.shelter.shelter for fit in calls))
        await self.reading.audit.note(request, caller, "search-made", objects=objects, what=("call-first",) if calls else ())

    async def _count(self, request: Request, caller: Caller, data: SearchMade, calls: Sequence[Fit]) -> None:
        metrics = self.reading.metrics
        metrics.count("plek_searches_total", found="offers" if data.offers else "nothing")
        if calls:
            metrics.count("plek_call_first_total", len(calls))
        await self.alarms.searched(request, caller)

    def _calls(self, template: Offer, whom: list[Fit]) -> list[Fit]:
        """Choose whom to call first."""
        return search.offered(whom, self._distance(template.near), self.chance)

    def _distance(self, near: str | None) -> Distance:
        if near is None:
            return _anywhere
        here = self.regions[near]
        return lambda region: tiles(here, self.regions[region])


async def home(reading: Reading, request: Request, caller: Caller, stated: str | None) -> str:
    """Tell for which region a desk asks: the stated one if it is hers, or the only one she has."""
    if stated is None and len(caller.regions) != 1:
        raise ProblemError("invalid", errors=[wrong("/region", "missing")])
    region = stated or next(iter(caller.regions))
    if region not in caller.regions:
        await reading.audit.refused(request, caller)
        raise ProblemError("not-yours")
    return region


def _anywhere(_region: str) -> int:
    return 0


def together(misses: list[tuple[Miss, Told]]) -> list[Fit]:
    """List the shelters of which two units would do: they are to be called too."""
    return [Fit(miss.shelter, miss.unit, miss.region, 0, ageing=False) for miss, _ in misses if miss.condition == "two_units"]


def asked(form: HouseholdForm) -> Ask:
    """Tell what is asked for, in the words of the contract: of the children no more than how many, and how old the oldest son is."""
    need = Need(
        kinds=form.kinds,
        features=form.features,
        men=form.men,
        oldest_son_age=max((child.age for child in form.children if child.boy), default=None),
        security=form.security,
        services=form.services,
        languages=form.languages,
    )
    return Ask(adults=form.women + form.men, children=len(form.children), need=need, exclude_regions=form.exclude_regions)


def household(form: HouseholdForm) -> list[Problem]:
    """Check that there is a household, and not too large a one."""
    adults = form.women + form.men
    if adults + len(form.children) < 1:
        return [Problem("", "no_household")]
    return [Problem("/men", "out_of_range")] if adults > _MOST_ADULTS else []
