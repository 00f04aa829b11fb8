"""What a search is answered with (design, section 5), decided from values: no log, no clock, no budget is asked here.

Guarantees: a household that something fits is offered something, however few could take it in; and a search that is sent again is answered
with the same near misses and the same shelters to call, for it is paid once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Final, Literal, NamedTuple

from services.api.areas.locations import Locations
from services.api.read_model.country_cache import CountrySnapshot
from services.api.searches.offer_budget import Granted
from services.api.searches.sealed_offers import Offer, SearchToken
from services.domain.durations import HOUR_MS
from services.domain.events.catalog import SearchMade
from services.domain.search import matching
from services.domain.search.count_buckets import SizeClass, size_class
from services.domain.search.matching import MOST, Match, NearMiss, SearchCriteria, SearchResult, Tightness, tightness

WhyNone = Literal["nothing_fits", "chain_used_up", "nothing_new"]
"""Why nothing is offered: nothing fits, the chain has had its nine, or all that fits was offered before."""

# As fine as fresh and ageing are: an age that goes back to nothing within the hour says where something happened
_AGE_STEP_H: Final = 8
_AGE_STEP_MS: Final = _AGE_STEP_H * HOUR_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A search as it is to be answered: for which household, from where, and until when its offers can be held (ms)."""

    search: SearchToken
    ask: SearchCriteria
    near: str | None
    until: int
    again_of: str | None = None
    """An earlier search for the same household."""
    only_new: bool = False
    """The caller asks for other places than the chain was offered before."""
    list_calls: bool = False
    """The caller asks which shelters to call first."""

    def offer(self, shelter: str) -> Offer:
        """Return the offer of a shelter."""
        return Offer(shelter=shelter, of=self.search, until=self.until, ask=self.ask, near=self.near)


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchDecision:
    """What a search is answered with: places, not yet in words, and where they lie for the caller."""

    locations: Locations
    offers: list[Match]
    offers_left: int
    why_none: WhyNone | None
    more: int
    """Units that fit beside those that the chain was offered."""
    misses: list[NearMiss]
    call_first: list[Match]
    """Shelters that might have room: not heard of for a day, or with two units that would do together."""
    listed: list[Match]
    """Those of them that are named to the caller."""


class OfferText(NamedTuple):
    """All that an answer says of an offer: two with the same text are shown as one. What was asked for is there in all of them alike."""

    regions: tuple[str, ...]
    """Of the area."""
    kind: str
    size: SizeClass
    fit: Tightness
    freshness: Literal["fresh", "ageing"]
    age_hours: int


def rank(question: Question, country: CountrySnapshot, locations: Locations, chance: Random) -> list[Match]:
    """List all that fits in the order in which it is offered; `chance` decides among the nearly equal."""
    fits = country.matches(question.ask).fits
    return matching.ranked(fits, locations.away, chance, offer_texts(locations, country.now))


def decide_search(
    question: Question, country: CountrySnapshot, locations: Locations, ranked: list[Match], granted: Granted
) -> tuple[SearchMade, SearchDecision]:
    """Return the event of a search, and what it is answered with: of all that fits those places that the budget of its chain grants."""
    ask, result = question.ask, country.matches(question.ask)
    offers = [ranked[place] for place in granted.places]
    misses = [] if result.fits else matching.choose_near_misses(country.near_misses(ask), locations.away, _repeatable(question))
    call_first = [*result.call_first, *_two_units(misses)]
    decision = SearchDecision(
        locations=locations,
        offers=offers,
        offers_left=granted.left,
        why_none=None if offers else _why_none(result, granted),
        more=result.fitting - granted.known,
        misses=misses,
        call_first=call_first,
        listed=_to_call(question, call_first, locations) if question.list_calls else [],
    )
    return _search_made(question, result, country, len(offers)), decision


def _search_made(question: Question, result: SearchResult, country: CountrySnapshot, offers: int) -> SearchMade:
    ask, search = question.ask, question.search
    return SearchMade(
        search=search.search,
        region=search.region,
        adults=ask.adults,
        children=ask.children,
        need=ask.need,
        exclude_regions=ask.exclude_regions,
        fitting_units=result.fitting,
        offers=offers,
        view=country.view(),
        again_of=question.again_of,
    )


def _why_none(result: SearchResult, granted: Granted) -> WhyNone:
    if not result.fits:
        return "nothing_fits"
    return "chain_used_up" if granted.known < len(result.fits) else "nothing_new"


def _two_units(misses: list[NearMiss]) -> list[Match]:
    """List the shelters of which two units would do: they are to be called too."""
    return [Match(miss.shelter, miss.unit, miss.region, 0, ageing=False) for miss in misses if miss.condition == "two_units"]


def _to_call(question: Question, call_first: list[Match], locations: Locations) -> list[Match]:
    """Choose at most three shelters to name: each is another, so none is like another."""
    return matching.ranked(sorted(call_first, key=_shelter), locations.away, _repeatable(question), _shelter)[:MOST]


def _repeatable(question: Question) -> Random:
    """Return a chance that decides alike for the same search, however often it is sent."""
    return Random(question.search.search)  # noqa: S311  a choice, and no secret


def _shelter(fit: Match) -> str:
    return fit.shelter.shelter


def offer_texts(locations: Locations, now: int) -> Callable[[Match], OfferText]:
    """Return what computes the text of an offer. Every unit that fits needs one to be ranked, so it is one call."""
    area_of = locations.area_of

    def text(fit: Match) -> OfferText:
        unit, heard = fit.unit, fit.shelter.heard_at
        return OfferText(
            area_of[fit.region].regions,
            unit.kind or "",
            size_class(unit.max_adults + unit.max_children),
            tightness(fit.spare),
            "ageing" if fit.ageing else "fresh",
            0 if heard is None else _whole_steps(now - heard),
        )

    return text


def age_hours(fit: Match, now: int) -> int | None:
    """Return how long ago a shelter was heard of at least (hours, in steps of eight); None where it never was."""
    heard = fit.shelter.heard_at
    return None if heard is None else _whole_steps(now - heard)


def _whole_steps(age: int) -> int:
    """Return an age (ms) in hours, in whole steps of eight."""
    return max(age, 0) // _AGE_STEP_MS * _AGE_STEP_H
