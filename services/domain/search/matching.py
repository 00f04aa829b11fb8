"""Where a household can go (design, section 5): what fits, the order of offers, near misses. Pure: time and randomness are arguments.

The laws of this file:
- What is offered the log would grant at once: a unit fits by the rule of R10, and its shelter accepts the household.
- Unknown is never free: a shelter that was not heard of is to be called first, and is no offer. An excluded region is neither.
- A near miss has exactly one condition that fails; without that condition it would fit.
- A held unit is shown only to the owner of its hold: two of three moves go to a place that was held an hour before, so that a unit which
  goes from held to occupied would show where a household went.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import combinations
from random import Random
from typing import Final, Literal, NamedTuple, get_args

from services.domain.beds.shelter_snapshot import ShelterSnapshot, UnitSnapshot
from services.domain.beds.staleness import Freshness, StalenessLimits, freshness
from services.domain.events.catalog import Need, ShelterRegistered
from services.domain.events.value_types import SECURITY

Condition = Literal[
    "two_units",
    "closed",
    "kind",
    "features",
    "children",
    "adults",
    "languages",
    "services",
    "security",
    "sons",
    "audience",
    "paused",
    "region",
]
"""Why a unit is a near miss, in the order of the answer: first what is easiest to lift or to ask for otherwise."""
Tightness = Literal["exact", "close", "roomy"]
_ORDER: Final[tuple[Condition, ...]] = get_args(Condition)

MOST: Final = 3
"""More than three offers would be a list of shelters, and shelters can't be browsed."""
# Within these two matches are nearly equal: a bed too many, or half an hour's drive, is no reason to fill one shelter before another.
_BEDS: Final = 2
_KM: Final = 50
_ROOMY: Final = 3
_STRENGTH: Final = {security: strength for strength, security in enumerate(SECURITY)}

Distance = Callable[[str], float]
"""Returns the distance (km) of the area of a region from where the household would rather be."""
ShownAs = Callable[["Match"], Hashable]
"""Returns all that an answer shows of a match: two matches with equal values look alike to the caller."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchCriteria:
    """What a household needs and where it must not go. `need` is as the contract has it."""

    adults: int
    children: int
    need: Need
    exclude_regions: tuple[str, ...] = ()

    @property
    def people(self) -> int:
        """The size of the household."""
        return self.adults + self.children


@dataclass(frozen=True, slots=True)
class Match:
    """A shelter, and of its units that fit the one the log would grant (R10).

    `spare` is the number of places too many; `ageing` is true for every shelter that is not fresh.
    """

    shelter: ShelterSnapshot
    unit: UnitSnapshot
    region: str
    spare: int
    ageing: bool


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A unit that fits but for one condition; with `two_units` it is one of two that fit together."""

    shelter: ShelterSnapshot
    unit: UnitSnapshot
    region: str
    condition: Condition


@dataclass(slots=True)
class SearchResult:
    """What the country has for a household: numbers of units that are not overflow, and the shelters with one that fits."""

    free: int = 0
    fitting: int = 0
    excluded: int = 0
    """Units that are free and fit, in a region that the caller excludes."""
    unknown: int = 0
    fits: list[Match] = field(default_factory=list)
    call_first: list[Match] = field(default_factory=list)
    """Shelters that were not heard of within the limit (R9): only the shelter can say whether it has room."""


TimedShelter = tuple[ShelterSnapshot, int]
"""A shelter, and the time (ms) it is read at: the reader's now, never below the clock of its partition."""


def find_matches(country: Iterable[TimedShelter], criteria: SearchCriteria, limits: StalenessLimits) -> SearchResult:
    """Return what fits a household in the whole country."""
    result = SearchResult()
    for shelter, now in country:
        usable = [] if shelter.paused or shelter.registration is None else list(_usable(shelter, now))
        if usable and shelter.registration:
            age = freshness(shelter.heard_at, now, limits)
            if age == "unknown":
                result.unknown += len(usable)
            else:
                result.free += len(usable)
            if not any(_wrong_shelter(shelter.registration, criteria)):
                _add(result, shelter, [unit for unit in usable if unit_accepts(unit, criteria)], criteria, age)
    return result


def unit_accepts(unit: UnitSnapshot, criteria: SearchCriteria) -> bool:
    """Return whether a unit takes the household (R10)."""
    return unit.takes(criteria.adults, criteria.children, criteria.need.kinds, criteria.need.features)


def tightness(spare: int) -> Tightness:
    """Return how tightly a unit with so many places too many fits."""
    return "exact" if spare == 0 else "close" if spare < _ROOMY else "roomy"


def shelter_accepts(registered: ShelterRegistered, criteria: SearchCriteria) -> bool:
    """Return whether a shelter accepts the household, in whichever region it is."""
    return not any(_wrong_shelter(registered, criteria))


class Requirement(NamedTuple):
    """A part of what a household needs: features of the unit, services and languages of the shelter, in the order of the need."""

    features: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()


def has(unit: UnitSnapshot, registered: ShelterRegistered, need: Need) -> Requirement:
    """Return the part of a need that is there."""
    return _wanted(unit, registered, need, there=True)


def lacks(unit: UnitSnapshot, registered: ShelterRegistered, need: Need) -> Requirement:
    """Return the part of a need that is not there."""
    return _wanted(unit, registered, need, there=False)


def _wanted(unit: UnitSnapshot, registered: ShelterRegistered, need: Need, *, there: bool) -> Requirement:
    return Requirement(
        tuple(name for name in need.features if (name in unit.features) is there),
        tuple(name for name in need.services if (name in registered.services) is there),
        tuple(name for name in need.languages if (name in registered.languages) is there),
    )


def _usable(shelter: ShelterSnapshot, now: int) -> Iterator[UnitSnapshot]:
    """Yield the units that are free, or would be if the shelter were heard of and its intake not paused (R7)."""
    for unit in shelter.units.values():
        if unit.could_be_free and not unit.overflow and not (unit.held and now < unit.held.until):
            yield unit


def _add(result: SearchResult, shelter: ShelterSnapshot, fitting: list[UnitSnapshot], criteria: SearchCriteria, age: Freshness) -> None:
    """Add the units of a shelter that fit to the result."""
    if not fitting:
        return
    region = shelter.region or ""
    tightest = min(fitting, key=lambda unit: (unit.max_adults + unit.max_children, unit.unit))  # R10
    fit = Match(shelter, tightest, region, tightest.max_adults + tightest.max_children - criteria.people, age != "fresh")
    if region in criteria.exclude_regions:
        result.excluded += 0 if age == "unknown" else len(fitting)
    elif age == "unknown":
        result.call_first.append(fit)
    else:
        result.fitting += len(fitting)
        result.fits.append(fit)


def ranked(fits: Iterable[Match], distance: Distance, random: Random, shown_as: ShownAs) -> list[Match]:
    """Return matches in the order of offers: tightest first, then freshest, then nearest; random among the nearly equal.

    Of those that look alike one keeps its place and the others go to the end: three offers differ where they can.
    """

    def rank(fit: Match) -> tuple[int, bool, int, float]:
        return fit.spare // _BEDS, fit.ageing, int(distance(fit.region)) // _KM, random.random()

    first: dict[Hashable, Match] = {}
    repeated = [fit for fit in sorted(fits, key=rank) if first.setdefault(shown_as(fit), fit) is not fit]
    return [*first.values(), *repeated]


def near_misses(country: Iterable[TimedShelter], criteria: SearchCriteria, limits: StalenessLimits) -> list[NearMiss]:
    """List the near misses of the country; no occupied unit, and none of a shelter that was not heard of."""
    return [
        miss
        for shelter, now in country
        if shelter.registration and not shelter.unknown(now, limits)
        for miss in near_misses_in(shelter, shelter.registration, criteria, now)
    ]


def choose_near_misses(nearly: Iterable[NearMiss], distance: Distance, random: Random) -> list[NearMiss]:
    """Return at most three near misses: of each condition the nearest, random among the equally near, in whichever order they come."""
    nearest: dict[Condition, tuple[float, list[NearMiss]]] = {}
    for miss in nearly:
        away = distance(miss.region)
        least, near = nearest.get(miss.condition, (away + 1, []))
        if away < least:
            nearest[miss.condition] = (away, [miss])
        elif away == least:
            near.append(miss)
    return [random.choice(sorted(nearest[condition][1], key=_place)) for condition in _ORDER if condition in nearest][:MOST]


def _place(miss: NearMiss) -> tuple[str, str]:
    return miss.shelter.shelter, miss.unit.unit


def near_misses_in(shelter: ShelterSnapshot, registered: ShelterRegistered, criteria: SearchCriteria, now: int) -> Iterator[NearMiss]:
    """Yield the units of a shelter that fail one condition, and one of two units that would fit together."""
    wrong: list[Condition] = [*_wrong_shelter(registered, criteria), *_wrong_place(shelter, registered, criteria)]
    if len(wrong) > 1:
        return
    for unit in shelter.units.values():
        closed: list[Condition] = ["closed"] if unit.closed else []
        failing = [*wrong, *_wrong_unit(unit, criteria), *closed] if _unused(unit, now) else []
        if len(failing) == 1:
            yield NearMiss(shelter, unit, registered.region, failing[0])
    if not wrong:
        yield from _together(shelter, registered, criteria, now)


def _wrong_shelter(registered: ShelterRegistered, criteria: SearchCriteria) -> Iterator[Condition]:
    """Yield the conditions of this household that the shelter fails."""
    need = criteria.need
    if (need.men and "men" not in registered.audience) or (criteria.adults > need.men and "women" not in registered.audience):
        yield "audience"
    if need.oldest_son_age is not None and registered.max_son_age is not None and need.oldest_son_age > registered.max_son_age:
        yield "sons"
    if _STRENGTH[registered.security] < _STRENGTH[need.security]:
        yield "security"
    if need.services and not set(need.services) <= set(registered.services):
        yield "services"
    if need.languages and not set(need.languages) <= set(registered.languages):
        yield "languages"


def _wrong_place(shelter: ShelterSnapshot, registered: ShelterRegistered, criteria: SearchCriteria) -> Iterator[Condition]:
    if registered.region in criteria.exclude_regions:
        yield "region"
    if shelter.paused:
        yield "paused"


def _wrong_unit(unit: UnitSnapshot, criteria: SearchCriteria) -> Iterator[Condition]:
    """Yield the conditions of this household that the unit fails: none where it `takes` the household."""
    if unit.max_adults < criteria.adults:
        yield "adults"
    if unit.max_children < criteria.children:
        yield "children"
    if criteria.need.kinds and unit.kind not in criteria.need.kinds:
        yield "kind"
    if criteria.need.features and not set(criteria.need.features) <= set(unit.features):
        yield "features"


def _unused(unit: UnitSnapshot, now: int) -> bool:
    """Return whether a unit is declared, not overflow, and neither occupied nor held; it may be closed."""
    return unit.declared and not unit.overflow and not unit.stays and not (unit.held and now < unit.held.until)


def _together(shelter: ShelterSnapshot, registered: ShelterRegistered, criteria: SearchCriteria, now: int) -> Iterator[NearMiss]:
    """Yield one of two units that are each too small and together large enough; the shelter must say whether both can be given."""
    right = [unit for unit in _usable(shelter, now) if set(_wrong_unit(unit, criteria)) <= {"adults", "children"}]
    for one, other in combinations(right, 2):
        small = not unit_accepts(one, criteria) and not unit_accepts(other, criteria)
        if small and one.max_adults + other.max_adults >= criteria.adults and one.max_children + other.max_children >= criteria.children:
            yield NearMiss(shelter, one, registered.region, "two_units")
            return
