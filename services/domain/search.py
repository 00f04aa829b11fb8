"""Where a household can go (design, section 5): what fits, what is offered first, what nearly fits. Pure: time and chance are arguments.

The laws of this file:
- What is offered the log would grant at once: a unit fits by the rule of R10, and its shelter is one for this household.
- Unknown is never free: a shelter nobody has heard of is to be called first, and is no offer. An excluded region is neither.
- What nearly fits is told with the one condition that fails; were that lifted, it would fit.
- What is held is told to nobody but whose it is: two flights of three go to a place that was held for them an hour before, and where it
  goes from held to lived in, there they went.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import combinations
from random import Random
from typing import Final, Literal, get_args

from services.domain.events import Need, ShelterRegistered
from services.domain.freshness import Limits
from services.domain.picture import ShelterPicture, UnitPicture
from services.domain.values import SECURITY

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
"""Why something nearly fits, in the order in which it is told: first what is soonest lifted or asked for otherwise."""
_ORDER: Final[tuple[Condition, ...]] = get_args(Condition)

MOST: Final = 3
"""More than three offers are a list of shelters, and nobody can browse shelters."""
# Within these two fits are nearly equal: a bed too many, or a region further on, is no reason to fill one shelter before another.
_BEDS: Final = 2
_TILES: Final = 3
_ROOMY: Final = 3

Distance = Callable[[str], int]
"""Tells how many tiles a region is from where the household would rather be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What a household needs and where it must not go. `need` is as the contract has it."""

    adults: int
    children: int
    need: Need
    exclude_regions: tuple[str, ...] = ()

    @property
    def people(self) -> int:
        """How many they are."""
        return self.adults + self.children


@dataclass(frozen=True, slots=True)
class Fit:
    """A shelter with a unit that fits: the one the log would grant (R10)."""

    shelter: ShelterPicture
    unit: UnitPicture
    region: str
    spare: int
    ageing: bool


@dataclass(frozen=True, slots=True)
class Miss:
    """A unit that fits but for one condition; with `two_units` it is one of the two."""

    shelter: ShelterPicture
    unit: UnitPicture
    region: str
    condition: Condition


@dataclass(slots=True)
class Found:
    """What there is in the country for a household, in units that are not overflow; shelters with one that fits."""

    free: int = 0
    fitting: int = 0
    excluded: int = 0
    """Free and fitting, in a region that is not safe."""
    unknown: int = 0
    fits: list[Fit] = field(default_factory=list)
    call_first: list[Fit] = field(default_factory=list)
    """Nobody has heard of these within the limit: whether they have room, they must say themselves."""


Seen = tuple[ShelterPicture, int]
"""A shelter, and the time (ms) it is seen at: the reader's now, never below the clock of its partition."""


def look(country: Iterable[Seen], ask: Ask, limits: Limits) -> Found:
    """Look at the whole country for a household."""
    found = Found()
    for shelter, now in country:
        usable = [] if shelter.paused or shelter.registration is None else list(_usable(shelter, now))
        if usable and shelter.registration:
            unknown = shelter.unknown(now, limits)
            if unknown:
                found.unknown += len(usable)
            else:
                found.free += len(usable)
            if not any(_wrong_shelter(shelter.registration, ask)):
                _weigh(found, shelter, [unit for unit in usable if takes(unit, ask)], ask, (now, limits))
    return found


def takes(unit: UnitPicture, ask: Ask) -> bool:
    """Say whether a unit suits the household (R10)."""
    return unit.takes(ask.adults, ask.children, ask.need.kinds, ask.need.features)


def fit_of(unit: UnitPicture, ask: Ask) -> str:
    """Tell how tightly a unit that takes the household fits: exact, close or roomy."""
    spare = unit.max_adults + unit.max_children - ask.people
    return "exact" if spare == 0 else "close" if spare < _ROOMY else "roomy"


def welcomes(registered: ShelterRegistered, ask: Ask) -> bool:
    """Say whether a shelter is one for the household, wherever it is."""
    return not any(_wrong_shelter(registered, ask))


def _usable(shelter: ShelterPicture, now: int) -> Iterator[UnitPicture]:
    """Yield the units that are free, or would be if it were known, or if intake were not paused (R7)."""
    for unit in shelter.units.values():
        if unit.could_be_free and not unit.overflow and not (unit.held and now < unit.held.until):
            yield unit


def _weigh(found: Found, shelter: ShelterPicture, fitting: list[UnitPicture], ask: Ask, seen: tuple[int, Limits]) -> None:
    if not fitting:
        return
    now, limits = seen
    region, unknown = shelter.region or "", shelter.unknown(now, limits)
    tightest = min(fitting, key=lambda unit: (unit.max_adults + unit.max_children, unit.unit))
    ageing = shelter.heard_at is None or now - shelter.heard_at >= limits.ageing_ms
    fit = Fit(shelter, tightest, region, tightest.max_adults + tightest.max_children - ask.people, ageing)
    if region in ask.exclude_regions:
        found.excluded += 0 if unknown else len(fitting)
    elif unknown:
        found.call_first.append(fit)
    else:
        found.fitting += len(fitting)
        found.fits.append(fit)


def offered(fits: Iterable[Fit], distance: Distance, chance: Random, most: int = MOST) -> list[Fit]:
    """Choose what to offer: the tightest, of those the freshest, of those the nearest; chance among the nearly equal."""
    ranked: defaultdict[tuple[int, bool, int], list[Fit]] = defaultdict(list)
    for fit in fits:
        ranked[fit.spare // _BEDS, fit.ageing, distance(fit.region) // _TILES].append(fit)
    chosen: list[Fit] = []
    for rank in sorted(ranked):
        chosen += chance.sample(ranked[rank], min(most - len(chosen), len(ranked[rank])))
    return chosen


def nearly(country: Iterable[Seen], ask: Ask, limits: Limits) -> list[Miss]:
    """List what fits but for one condition. Nothing that is lived in, and nothing that is unknown."""
    return [
        miss
        for shelter, now in country
        if shelter.registration and not shelter.unknown(now, limits)
        for miss in nearly_of(shelter, shelter.registration, ask, now)
    ]


def misses(nearly: Iterable[Miss], distance: Distance, chance: Random) -> list[Miss]:
    """Tell what nearly fits: of each condition the nearest, and chance among the equally near; at most three."""
    nearest: dict[Condition, tuple[int, list[Miss]]] = {}
    for miss in nearly:
        away = distance(miss.region)
        least, near = nearest.get(miss.condition, (away + 1, []))
        if away <= least:
            nearest[miss.condition] = (away, [*near, miss] if away == least else [miss])
    return [chance.choice(nearest[condition][1]) for condition in _ORDER if condition in nearest][:MOST]


def nearly_of(shelter: ShelterPicture, registered: ShelterRegistered, ask: Ask, now: int) -> Iterator[Miss]:
    """Yield the units of a shelter that fail one condition, and two units that would do together."""
    wrong: list[Condition] = [*_wrong_shelter(registered, ask), *_wrong_place(shelter, registered, ask)]
    if len(wrong) > 1:
        return
    for unit in shelter.units.values():
        closed: list[Condition] = ["closed"] if unit.closed else []
        failing = [*wrong, *_wrong_unit(unit, ask), *closed] if _unused(unit, now) else []
        if len(failing) == 1:
            yield Miss(shelter, unit, registered.region, failing[0])
    if not wrong:
        yield from _together(shelter, registered, ask, now)


def _wrong_shelter(registered: ShelterRegistered, ask: Ask) -> Iterator[Condition]:
    """Yield what makes a shelter none for this household."""
    need = ask.need
    if (need.men and "men" not in registered.audience) or (ask.adults > need.men and "women" not in registered.audience):
        yield "audience"
    if need.oldest_son_age is not None and registered.max_son_age is not None and need.oldest_son_age > registered.max_son_age:
        yield "sons"
    if SECURITY.index(registered.security) < SECURITY.index(need.security):
        yield "security"
    if not set(need.services) <= set(registered.services):
        yield "services"
    if not set(need.languages) <= set(registered.languages):
        yield "languages"


def _wrong_place(shelter: ShelterPicture, registered: ShelterRegistered, ask: Ask) -> Iterator[Condition]:
    if registered.region in ask.exclude_regions:
        yield "region"
    if shelter.paused:
        yield "paused"


def _wrong_unit(unit: UnitPicture, ask: Ask) -> Iterator[Condition]:
    """Yield what makes a unit none for this household: nothing where it `takes` it."""
    if unit.max_adults < ask.adults:
        yield "adults"
    if unit.max_children < ask.children:
        yield "children"
    if ask.need.kinds and unit.kind not in ask.need.kinds:
        yield "kind"
    if not set(ask.need.features) <= set(unit.features):
        yield "features"


def _unused(unit: UnitPicture, now: int) -> bool:
    """Say whether a unit is nobody's, open or closed."""
    return unit.declared and not unit.overflow and not unit.stays and not (unit.held and now < unit.held.until)


def _together(shelter: ShelterPicture, registered: ShelterRegistered, ask: Ask, now: int) -> Iterator[Miss]:
    """Yield one of two units that are too small each and large enough together: whether that can be done, the shelter must say."""
    right = [unit for unit in _usable(shelter, now) if set(_wrong_unit(unit, ask)) <= {"adults", "children"}]
    for one, other in combinations(right, 2):
        small = not takes(one, ask) and not takes(other, ask)
        if small and one.max_adults + other.max_adults >= ask.adults and one.max_children + other.max_children >= ask.children:
            yield Miss(shelter, one, registered.region, "two_units")
            return
