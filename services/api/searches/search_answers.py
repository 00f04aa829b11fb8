"""Decides searches over the country as it is now, and writes what they are answered with.

Guarantees: the shelter of an offer stands in the sealed text alone. A shelter that is to be called is named by its number and its region.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from services.adapters.http.sealed_tokens import SealedTokens
from services.adapters.regions import RegionRow
from services.api.areas.grouping import Areas
from services.api.areas.locations import Locations, named
from services.api.read_model.country_cache import CountrySnapshot
from services.api.read_model.data_age import format_ms
from services.api.searches.decision import OfferText, Question, SearchDecision, age_hours, decide_search, offer_texts, rank
from services.api.searches.models import CallFirst, FreshOffers, NearMissPlace, OfferedPlace, SearchAnswer, ShelterToCall, Wanted
from services.api.searches.offer_budget import Chain, OfferBudget
from services.api.searches.sealed_offers import seal_offer, seal_search
from services.domain.beds.shelter_snapshot import ShelterSnapshot, UnitSnapshot
from services.domain.events.catalog import SearchMade
from services.domain.search.count_buckets import SizeClass, bucket_count, size_class
from services.domain.search.matching import MOST, Match, NearMiss, Requirement, has, lacks, unit_accepts

# A country asks from fewer places in a night.
_REMEMBERED: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchAnswers:
    """Decides and answers. `chance` decides among the nearly equal that are offered."""

    regions: Mapping[str, RegionRow]
    areas: Areas
    seals: SealedTokens
    chance: Random
    budget: OfferBudget
    _locations: dict[tuple[str, tuple[str, ...]], Locations] = field(default_factory=dict)
    """By where a question is asked from, and the regions that are excluded."""

    async def decide(self, country: CountrySnapshot, question: Question) -> tuple[SearchMade, SearchDecision]:
        """Decide a search; the places that its chain of searches is offered are taken from the budget of the chain."""
        locations, search = self._locations_for(country, question), question.search
        ranked = rank(question, country, locations, self.chance)
        chain = Chain(search.root, search.search, question.only_new)
        granted = await self.budget.take(chain, [fit.shelter.shelter for fit in ranked], MOST)
        return decide_search(question, country, locations, ranked, granted)

    def answer(self, country: CountrySnapshot, question: Question, decision: SearchDecision) -> SearchAnswer:
        """Return the answer of a search."""
        call_first = CallFirst(shelters=bucket_count(len(decision.call_first)))
        if question.list_calls:
            call_first.listed = _shelters_to_call(self.seals, question, decision.listed, decision.locations, country.now)
        return SearchAnswer(**self._members(country, question, decision), call_first=call_first)

    def fresh_offers(self, country: CountrySnapshot, question: Question, decision: SearchDecision) -> FreshOffers:
        """Return what there is now for an earlier search."""
        return FreshOffers(**self._members(country, question, decision))

    def _members(self, country: CountrySnapshot, question: Question, decision: SearchDecision) -> dict[str, Any]:
        locations = decision.locations
        return {
            **country.head,
            "search": seal_search(self.seals, question.search),
            "offers": _offered_places(self.seals, question, decision.offers, locations, country.now),
            "offers_until": format_ms(question.until),
            "offers_left": decision.offers_left,
            "why_none": decision.why_none,
            "more": bucket_count(decision.more),
            "misses": _near_miss_places(question, decision.misses, locations),
        }

    def _locations_for(self, country: CountrySnapshot, question: Question) -> Locations:
        """Return where the places are, as the answer of this question may say it."""
        area_of = self.areas.by_region(country.registered(), country.now, country.version)
        origin, excluded = asked = (question.near or question.search.region, question.ask.exclude_regions)
        locations = self._locations.get(asked)
        if locations is None or locations.area_of is not area_of:
            if len(self._locations) >= _REMEMBERED:
                self._locations.clear()
            locations = self._locations[asked] = Locations(self.regions, area_of, origin, frozenset(excluded))
        return locations


def _offered_places(seals: SealedTokens, question: Question, offers: Iterable[Match], locations: Locations, now: int) -> list[OfferedPlace]:
    """Return what is offered, those that are alike as one."""
    alike: dict[OfferText, list[Match]] = {}
    text_of = offer_texts(locations, now)
    for fit in offers:
        alike.setdefault(text_of(fit), []).append(fit)
    return [_offered(seals, question, text, fits, locations) for text, fits in alike.items()]


def _offered(seals: SealedTokens, question: Question, text: OfferText, fits: list[Match], locations: Locations) -> OfferedPlace:
    first = fits[0]
    where = locations.of(first.region)
    there, wanting = _wanted(first.shelter, first.unit, question)
    return OfferedPlace(
        offer=seal_offer(seals, question.offer(first.shelter.shelter)),
        area=where.area,
        regions=where.regions,
        distance_km=where.distance_km,
        kind=text.kind,
        size=text.size,
        fit=text.fit,
        has=there,
        lacks=wanting,
        freshness=text.freshness,
        age_hours=text.age_hours,
        same=len(fits),
    )


def _near_miss_places(question: Question, misses: Iterable[NearMiss], locations: Locations) -> list[NearMissPlace]:
    """Return what nearly fits, with the condition that fails."""
    places = []
    for miss in misses:
        where = locations.of(miss.region)
        _, wanting = _wanted(miss.shelter, miss.unit, question)
        places.append(
            NearMissPlace(
                condition=miss.condition,
                area=where.area,
                regions=where.regions,
                distance_km=where.distance_km,
                kind=miss.unit.kind,
                size=_size(miss.unit),
                lacks=wanting,
            )
        )
    return places


def _shelters_to_call(
    seals: SealedTokens, question: Question, fits: Iterable[Match], locations: Locations, now: int
) -> list[ShelterToCall]:
    """Return whom to call first; when the shelter says yes the offer can be held. Without an offer where two units are meant."""
    return [
        ShelterToCall(
            offer=seal_offer(seals, question.offer(fit.shelter.shelter)) if unit_accepts(fit.unit, question.ask) else None,
            region=named(locations.rows[fit.region]),
            distance_km=locations.of(fit.region).distance_km,
            intake_phone=fit.shelter.registration.intake_phone if fit.shelter.registration else None,
            kind=fit.unit.kind,
            size=_size(fit.unit),
            age_hours=age_hours(fit, now),
        )
        for fit in fits
    ]


def _size(unit: UnitSnapshot) -> SizeClass:
    return size_class(unit.max_adults + unit.max_children)


def _wanted(shelter: ShelterSnapshot, unit: UnitSnapshot, question: Question) -> tuple[Wanted, Wanted]:
    """Return what of the needs is there and what is not, and nothing else of what the shelter has."""
    registered, need = shelter.registration, question.ask.need
    there, wanting = (has(unit, registered, need), lacks(unit, registered, need)) if registered else (Requirement(), Requirement())
    return _named_needs(there), _named_needs(wanting)


def _named_needs(needs: Requirement) -> Wanted:
    return {"features": needs.features, "services": needs.services, "languages": needs.languages}
