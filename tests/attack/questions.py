"""What an attacker can ask for a household, and what each shelter would show of itself if it had room: the code is public."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, Final, NamedTuple

from services.domain.beds.shelter_snapshot import ShelterSnapshot, UnitSnapshot
from services.domain.beds.staleness import StalenessLimits
from services.domain.events.catalog import Need
from services.domain.search.matching import SearchCriteria, find_matches, tightness, unit_accepts
from tests.api.desks import REGIONS
from tests.attack.variants import Label, Place, Variant

KINDS: Final = ("emergency", "crisis", "follow_up", "assisted")
_SERVICES = ("addiction", "psychiatric", "trafficking", "no_residence_permit", "intellectual_disability")
_FEATURES = ("wheelchair", "pets", "own_kitchen", "own_bathroom", "cot")
_LANGUAGES = ("en", "ar", "tr", "pl", "uk")
_SONS = (None, None, 13, 15, 17)
# Within so many beds two fits are nearly equal to the API
_BEDS = 2
_MOST_EXCLUDED = 10

Areas = Mapping[str, tuple[str, ...]]
"""Of each region the regions of its area, as `GET /v1/areas` says them to any worker."""


class Sort(NamedTuple):
    """What distinguishes one unit of a shelter from another by questions about a household."""

    kind: str
    max_adults: int
    max_children: int
    features: tuple[str, ...]


Slot = tuple[Sort, bool]
"""A unit without a household, and whether it is held: then no answer mentions it."""


class Shown(NamedTuple):
    """What a shelter would show of itself, and its turn: the lower, the sooner it is offered."""

    turn: int
    label: Label


@dataclass(frozen=True, slots=True)
class Question:
    """A search, and what it would show of each shelter, by the unit that is free there."""

    body: dict[str, Any]
    shows: dict[str, dict[Slot, Shown]]


def sort_of(unit: UnitSnapshot) -> Sort:
    """Return the sort of a unit."""
    return Sort(unit.kind or "", unit.max_adults, unit.max_children, tuple(sorted(unit.features)))


def questions(
    household: tuple[int, int], known: list[ShelterSnapshot], areas: Areas, variant: Variant, chance: Random, number: int
) -> list[Question]:
    """Make up so many questions, broad and narrow, of all that can be asked."""
    asks = _asks(household, areas, chance)
    return [_question(ask, body, known, areas, variant) for ask, body in (next(asks) for _ in range(number))]


def _question(ask: SearchCriteria, body: dict[str, Any], known: list[ShelterSnapshot], areas: Areas, variant: Variant) -> Question:
    shows: dict[str, dict[Slot, Shown]] = {}
    for shelter in known:
        region = shelter.region or ""
        # Empty shelters that were never heard of: those to call first are those that could ever take the household in
        if find_matches(((shelter, 0),), ask, StalenessLimits()).call_first:
            units = [unit for unit in shelter.units.values() if unit_accepts(unit, ask)]
            shows[shelter.shelter] = {(sort_of(unit), False): _shown(unit, ask, region, areas, variant) for unit in units}
    return Question(body, shows)


def _shown(unit: UnitSnapshot, ask: SearchCriteria, region: str, areas: Areas, variant: Variant) -> Shown:
    persons = unit.max_adults + unit.max_children
    place = Place(region, areas[region], unit.kind or "", persons, tightness(persons - ask.people))
    return Shown((persons - ask.people) // _BEDS, variant.label(place, ask.exclude_regions, REGIONS))


def _asks(household: tuple[int, int], areas: Areas, chance: Random) -> Iterator[tuple[SearchCriteria, dict[str, Any]]]:
    adults, children = household
    yield from (_made(adults, children, kinds=kinds) for kinds in ((), *((kind,) for kind in KINDS)))
    while True:
        yield _made(
            adults,
            children,
            kinds=chance.choice(((), *((kind,) for kind in KINDS), ("emergency", "crisis"), ("follow_up", "assisted"))),
            features=_some(_FEATURES, chance, 0.3),
            services=_some(_SERVICES, chance, 0.4),
            languages=_some(_LANGUAGES, chance, 0.3),
            security=chance.choice(("open", "open", "open", "secure", "high_secure")),
            son=chance.choice(_SONS) if children else None,
            men=chance.choice((0, 0, 0, 0, 1)),
            excluded=_excluded(areas, chance),
        )


def _some(codes: tuple[str, ...], chance: Random, often: float) -> tuple[str, ...]:
    number = 0 if chance.random() > often else chance.choice((1, 1, 2))
    return tuple(sorted(chance.sample(codes, number)))


def _excluded(areas: Areas, chance: Random) -> tuple[str, ...]:
    """Exclude nothing; or of ten areas one region each, which halves all of them at once; or all of some areas."""
    listed = sorted(set(areas.values()))
    match chance.choice(("nothing", "areas", "one of each")):
        case "areas":
            shut = [region for area in chance.sample(listed, min(4, len(listed))) for region in area]
        case "one of each":
            joined = [area for area in listed if len(area) > 1]
            shut = [chance.choice(area) for area in chance.sample(joined, min(_MOST_EXCLUDED, len(joined)))]
        case _:
            shut = []
    return tuple(shut[:_MOST_EXCLUDED])


def _made(
    adults: int,
    children: int,
    *,
    kinds: tuple[str, ...] = (),
    features: tuple[str, ...] = (),
    services: tuple[str, ...] = (),
    languages: tuple[str, ...] = (),
    security: str = "open",
    son: int | None = None,
    men: int = 0,
    excluded: tuple[str, ...] = (),
) -> tuple[SearchCriteria, dict[str, Any]]:
    men = min(men, adults)
    need = Need(kinds=kinds, features=features, men=men, oldest_son_age=son, security=security, services=services, languages=languages)
    body = {
        "adults": adults,
        "men": men,
        "children": children,
        "oldest_son_age": son if children else None,
        "kinds": list(kinds),
        "features": list(features),
        "services": list(services),
        "languages": list(languages),
        "security": security,
        "exclude_regions": list(excluded),
    }
    return SearchCriteria(adults=adults, children=children, need=need, exclude_regions=excluded), body
