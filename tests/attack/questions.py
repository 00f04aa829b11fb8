"""What an insider can ask for a household, and what each shelter would show of itself if it had room: he has read the code."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any, NamedTuple

from services.adapters.regions import RegionRow
from services.api import areas
from services.api.areas import Area
from services.domain.crowd import Crowd, Least, Place, fitting
from services.domain.events import Need
from services.domain.picture import ShelterPicture, UnitPicture
from services.domain.search import Ask, fit_of, takes

KINDS = ("emergency", "crisis", "follow_up", "assisted")
_SERVICES = ("addiction", "psychiatric", "trafficking", "no_residence_permit", "intellectual_disability")
_LANGUAGES = ("en", "ar", "tr", "pl", "uk")
_SONS = (None, None, 13, 15, 17)
# Within so many beds two fits are nearly equal to the API
_BEDS = 2
_MOST_EXCLUDED = 10

Label = tuple[str, str, str]
"""How an offer looks: area, kind, fit."""
Sort = tuple[str, int]
"""Units of a shelter that few questions about this household tell apart: kind and places. Features are not asked for."""


Slot = tuple[Sort, bool]
"""A unit that somebody could live in and nobody does, and whether it is held for somebody: then nothing is told of it."""


class Shown(NamedTuple):
    """What a shelter would show of itself, and how early: the lower, the sooner it is offered."""

    turn: int
    label: Label


@dataclass(frozen=True, slots=True)
class Question:
    """A search, and what it would show of each shelter, by the unit that were free there."""

    body: dict[str, Any]
    shows: dict[str, dict[Slot, Shown]]


def sort_of(unit: UnitPicture) -> Sort:
    """Tell the sort of a unit."""
    return unit.kind or "", unit.max_adults + unit.max_children


def area_of(regions: dict[str, RegionRow], known: Iterable[ShelterPicture], least: int) -> dict[str, Area]:
    """Form the areas as the API does."""
    shelters: dict[str, int] = {}
    for shelter in known:
        shelters[shelter.region or ""] = shelters.get(shelter.region or "", 0) + 1
    return {region: area for area in areas.form(regions.values(), shelters, least) for region in area.regions}


def questions(
    household: tuple[int, int], known: list[ShelterPicture], of_region: dict[str, Area], least: Least, chance: Random, number: int
) -> list[Question]:
    """Make up so many questions that the API would answer: broad ones and narrow ones, of all that can be asked."""
    made: list[Question] = []
    named = {region: area.name for region, area in of_region.items()}
    for ask, body in _asks(household, of_region, chance):
        crowd = fitting(known, ask, named, least)
        if not crowd.narrow:
            shows: dict[str, dict[Slot, Shown]] = {}
            could = crowd.shelters
            for shelter in known:
                if shelter.shelter in could:
                    units = [unit for unit in shelter.units.values() if takes(unit, ask)]
                    shows[shelter.shelter] = {
                        (sort_of(unit), False): _shown(unit, ask, crowd, of_region, shelter.region or "") for unit in units
                    }
            made.append(Question(body, shows))
        if len(made) == number:
            break
    return made


def _shown(unit: UnitPicture, ask: Ask, crowd: Crowd, of_region: dict[str, Area], region: str) -> Shown:
    told = crowd.told(Place(unit.kind or "", fit_of(unit, ask), of_region[region].name))
    area = areas.joined({area for area in of_region.values() if area.name in told.areas})
    spare = unit.max_adults + unit.max_children - ask.people
    return Shown(spare // _BEDS, (area.name, told.kind or "", told.fit or ""))


def _asks(household: tuple[int, int], of_region: dict[str, Area], chance: Random) -> Iterator[tuple[Ask, dict[str, Any]]]:
    adults, children = household
    yield from (_made(adults, children, kinds=kinds) for kinds in ((), *((kind,) for kind in KINDS)))
    while True:
        yield _made(
            adults,
            children,
            kinds=chance.choice(((), *((kind,) for kind in KINDS), ("emergency", "crisis"), ("follow_up", "assisted"))),
            services=_some(_SERVICES, chance, 0.4),
            languages=_some(_LANGUAGES, chance, 0.3),
            security=chance.choice(("open", "open", "open", "secure", "high_secure")),
            son=chance.choice(_SONS) if children else None,
            men=chance.choice((0, 0, 0, 0, 1)),
            excluded=_excluded(of_region, chance),
        )


def _some(codes: tuple[str, ...], chance: Random, often: float) -> tuple[str, ...]:
    number = 0 if chance.random() > often else chance.choice((1, 1, 2))
    return tuple(sorted(chance.sample(codes, number)))


def _excluded(of_region: dict[str, Area], chance: Random) -> tuple[str, ...]:
    match chance.choice(("nothing", "areas", "regions", "but one")):
        case "areas":
            shut = [region for area in chance.sample(sorted(set(of_region.values()), key=str), 3) for region in area.regions]
        case "regions":
            shut = chance.sample(sorted(of_region), _MOST_EXCLUDED)
        case "but one":
            region = chance.choice(sorted(of_region))
            shut = [other for other in of_region[region].regions if other != region]
            shut += chance.sample([other for other in sorted(of_region) if other not in (*shut, region)], _MOST_EXCLUDED)
        case _:
            shut = []
    return tuple(shut[:_MOST_EXCLUDED])


def _made(
    adults: int,
    children: int,
    *,
    kinds: tuple[str, ...] = (),
    services: tuple[str, ...] = (),
    languages: tuple[str, ...] = (),
    security: str = "open",
    son: int | None = None,
    men: int = 0,
    excluded: tuple[str, ...] = (),
) -> tuple[Ask, dict[str, Any]]:
    men = min(men, adults)
    need = Need(kinds=kinds, features=(), men=men, oldest_son_age=son, security=security, services=services, languages=languages)
    ages = [{"age": 1 if son is None else son, "boy": son is not None}, *({"age": 1, "boy": False} for _ in range(children - 1))]
    body = {
        "women": adults - men,
        "men": men,
        "children": ages[:children],
        "kinds": list(kinds),
        "services": list(services),
        "languages": list(languages),
        "security": security,
        "exclude_regions": list(excluded),
    }
    return Ask(adults=adults, children=children, need=need, exclude_regions=excluded), body
