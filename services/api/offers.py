"""What is offered (design, section 5): a sealed token that names a shelter to the API alone, hers for ten minutes, and what she is told.

Nothing in an answer names a shelter or a region: an area has at least ten shelters, of those that fit at least five could be meant
(`crowds.py`), and an age is told in steps of eight hours. A search is handed out the same way, so that it is hers to go on with although
nothing in the log says whose it is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

from services.adapters.regions import RegionRow
from services.api import areas
from services.api.areas import Area
from services.api.mirror import Country
from services.api.sealing import Seals
from services.domain.events import Need
from services.domain.freshness import HOUR_MS
from services.domain.search import Ask, Fit, Miss, takes

# Long enough to talk it over with the household; what was free then is old.
OFFER_MS: Final = 600_000
# A household is somewhere by the next night, or has been searched for again.
SEARCH_MS: Final = 24 * HOUR_MS
# Contract, section 1
_LONGEST_ID: Final = 40
# As fine as fresh and ageing are: an age that goes back to nothing within the hour says where something happened
_AGE_STEP_H: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A search that was made: whose (a pseudonym), for a desk of which region, and until when it may be gone on with (ms)."""

    search: str
    region: str
    asked_by: str
    until: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A shelter offered for what was asked, to be held until an instant (ms)."""

    shelter: str
    of: Search
    until: int
    ask: Ask
    near: str | None


def seal_search(seals: Seals, search: Search) -> str:
    """Hand a search out."""
    return seals.seal("search", [search.search, search.region, search.asked_by, search.until])


def open_search(seals: Seals, text: str, asked_by: str, now: int) -> Search | None:
    """Take a search back; None when it is not hers, over, or none."""
    read = seals.open("search", text)
    search = Search(**dict(zip(("search", "region", "asked_by", "until"), read, strict=True))) if read else None
    return search if search and search.asked_by == asked_by and now < search.until else None


def seal_offer(seals: Seals, offer: Offer) -> str:
    """Hand an offer out."""
    ask, need = offer.ask, offer.ask.need
    wanted = [need.kinds, need.features, need.men, need.oldest_son_age, need.security, need.services, need.languages]
    who = [offer.of.search, offer.of.region, offer.of.asked_by, offer.of.until]
    # As long as the longest id: else the length of an offer would tell the shelter
    shelter = offer.shelter.ljust(_LONGEST_ID)
    return seals.seal("offer", [shelter, who, offer.until, offer.near, ask.adults, ask.children, ask.exclude_regions, wanted])


def open_offer(seals: Seals, text: str, asked_by: str) -> Offer | None:
    """Take an offer back, over or not; None when it is not hers, or none."""
    read = seals.open("offer", text)
    if not read:
        return None
    shelter, (search, region, whose, search_until), until, near, adults, children, excluded, wanted = read
    kinds, features, men, oldest, security, services, languages = wanted
    need = Need(
        kinds=tuple(kinds),
        features=tuple(features),
        men=men,
        oldest_son_age=oldest,
        security=security,
        services=tuple(services),
        languages=tuple(languages),
    )
    of = Search(search=search, region=region, asked_by=whose, until=search_until)
    ask = Ask(adults=adults, children=children, need=need, exclude_regions=tuple(excluded))
    return Offer(shelter=shelter.rstrip(), of=of, until=until, ask=ask, near=near) if whose == asked_by else None


def coarse(number: int) -> str:
    """Tell how many roughly: an exact number would tell when one of them goes."""
    return "none" if number <= 0 else "1-2" if number < 3 else "3+"


@dataclass(slots=True)
class Areas:
    """Tells the area of a region, as the shelters are registered now."""

    rows: Mapping[str, RegionRow]
    least: int
    _of: tuple[dict[str, int], dict[str, Area]] | None = None
    _seen: Country | None = None

    def of(self, country: Country) -> dict[str, Area]:
        """Form the areas, anew only when shelters have come or moved."""
        if self._of and self._seen is country:
            return self._of[1]
        self._seen = country
        shelters: dict[str, int] = {}
        for shelter, _ in country.shelters():
            if shelter.region:
                shelters[shelter.region] = shelters.get(shelter.region, 0) + 1
        if self._of is None or self._of[0] != shelters:
            formed = areas.form(self.rows.values(), shelters, self.least)
            self._of = (shelters, {region: area for area in formed for region in area.regions})
        return self._of[1]


class Told(NamedTuple):
    """How a place may be told of: where, and its kind and fit if others are of the same."""

    area: Area
    kind: str | None
    fit: str | None


def told_offers(seals: Seals, fits: Iterable[tuple[Fit, Told]], template: Offer, country: Country) -> list[dict[str, Any]]:
    """Tell what is offered; the shelter stands in the sealed offer alone."""
    return [
        {
            "offer": seal_offer(seals, replace(template, shelter=fit.shelter.shelter)),
            **_where(told.area),
            "kind": told.kind,
            "fit": told.fit,
            "freshness": "ageing" if fit.ageing else "fresh",
            "age_hours": _hours(fit, country.now) or 0,
        }
        for fit, told in fits
    ]


def told_misses(misses: Iterable[tuple[Miss, Told]]) -> list[dict[str, Any]]:
    """Tell what nearly fits."""
    return [{"condition": miss.condition, **_where(told.area), "kind": told.kind} for miss, told in misses]


def told_calls(seals: Seals, fits: Iterable[Fit], template: Offer, country: Country) -> list[dict[str, Any]]:
    """Tell whom to call first: a number to call can't do without its region. When the shelter says yes, the offer can be held.

    Where two units are meant there is nothing to hold: a hold is of one.
    """
    return [
        {
            "offer": seal_offer(seals, replace(template, shelter=fit.shelter.shelter)) if takes(fit.unit, template.ask) else None,
            "region": fit.region,
            "intake_phone": fit.shelter.registration.intake_phone if fit.shelter.registration else None,
            "kind": fit.unit.kind,
            "age_hours": _hours(fit, country.now),
        }
        for fit in fits
    ]


def _where(area: Area) -> dict[str, Any]:
    return {"area": area.name, "provinces": area.provinces}


def _hours(fit: Fit, now: int) -> int | None:
    heard = fit.shelter.heard_at
    return None if heard is None else max(now - heard, 0) // HOUR_MS // _AGE_STEP_H * _AGE_STEP_H
