"""What honest crisis workers of a simulated month do: search, refine, ask for more, hold, and give back what does not suit.

The simulator's workers search once and hold once. Here each of its searches becomes what a person does with the answer: every search of the
log is asked of the country as it stood, each offer is worded by a variant, and a worker holds what may lie within reach of the household.
Every constant is assumed, and none is read off what would come out well.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from random import Random
from typing import Final, Literal

from services.adapters.regions import kilometres
from services.api.areas.grouping import Areas
from services.api.read_model.disclosure_level import Disclosure
from services.domain.beds.partition_fold import PartitionState
from services.domain.beds.shelter_snapshot import ShelterSnapshot
from services.domain.beds.staleness import StalenessLimits
from services.domain.events.catalog import DEMAND_EVENTS, SearchMade
from services.domain.search.matching import Match, SearchCriteria, find_matches, ranked
from services.simulator.model.calendar import DAY, MINUTE, hour_of
from services.simulator.model.context import LoggedEvent
from services.simulator.model.parameters import Parameters
from tests.api.desks import REGIONS
from tests.attack.variants import Variant

What = Literal["search", "refine", "hold", "given-back", "answered"]

# How far (km) from its region a household can go: anywhere, within a province or two, or near work, school and family
_REACH: Final[Mapping[float, float]] = {1_000.0: 0.5, 100.0: 0.3, 50.0: 0.2}
# A desk has one worker at night and two by day and in the evening, in shifts of eight hours
_SHIFT_H: Final = 8
_BY_DAY: Final = 2
# Nothing fits: the worker widens the question once, and half of the time once more, up to eight times; something fits: one in four asks on
_WIDENS: Final = 0.5
_MOST_WIDENED: Final = 8
_ASKS_ON: Final = 0.25
# A colleague looks for the same household too
_TWICE: Final = 0.1
# Minutes: to fill in a household, to read a page of offers, to hold, and to find with the household that the place does not suit
_FILL_IN, _READ, _HOLD, _TALK = 1.0, 0.5, 0.5, 3.0
_PAGE: Final = 3
_OFFERS: Final = 9
# An honest worker gives up a shelter that does not answer after an hour or two, and 6 in 10 of those in the simulator do so
_GIVES_UP: Final = 0.6


@dataclass(frozen=True, slots=True)
class Act:
    """Something that a person of a desk does at an instant (ms), for a household."""

    at: int
    person: str
    desk: str
    what: What
    household: str


@dataclass(slots=True)
class Worked:
    """What the workers of some months did with one variant, and how it went."""

    acts: list[Act] = field(default_factory=list)
    minutes: list[float] = field(default_factory=list)
    """From the first search to the hold of a place within reach."""
    within: int = 0
    """Searches for which a place within reach was free."""
    unsuitable: int = 0
    """Holds that were given back because the place turned out not to suit."""

    def join(self, other: "Worked", apart: str) -> None:
        """Add another month, with other persons."""
        self.acts += [Act(act.at, apart + act.person, apart + act.desk, act.what, apart + act.household) for act in other.acts]
        self.minutes += other.minutes
        self.within += other.within
        self.unsuitable += other.unsuitable


@dataclass(frozen=True, slots=True)
class Asked:
    """One search of the log: when and for whom, what fits, and which regions make up each area."""

    at: int
    root: str
    again: bool
    region: str
    ask: SearchCriteria
    fits: list[Match]
    areas: Mapping[str, tuple[str, ...]]


def asked(log: Iterable[LoggedEvent], first: int) -> Iterator[Asked]:
    """Ask every search of a log from an instant on of the country as it stood."""
    registry, roots = PartitionState(), dict[str, str]()
    for place, logged in enumerate(log):
        match logged.event.data:
            case SearchMade() as made:
                roots[made.search] = root = roots.get(made.again_of or "", made.search)
                if logged.at >= first:
                    shelters = [shelter.snapshot for shelter in registry.shelters.values()]
                    ask = SearchCriteria(adults=made.adults, children=made.children, need=made.need, exclude_regions=made.exclude_regions)
                    fits = find_matches(((shelter, logged.at) for shelter in shelters), ask, StalenessLimits()).fits
                    yield Asked(logged.at, root, made.again_of is not None, made.region, ask, fits, areas_of(shelters, logged.at))
            case data if not isinstance(data, DEMAND_EVENTS):
                registry.advance_clock(logged.at)
                registry.apply(logged.event, place)


_AREAS: Final = Areas(rows=REGIONS, disclosure=Disclosure(), heard_days=30, wall=lambda: 0)


def areas_of(shelters: Iterable[ShelterSnapshot], now: int) -> dict[str, tuple[str, ...]]:
    """Map each region to the regions of its area, as the API forms them."""
    return {region: area.regions for region, area in _AREAS.by_region(shelters, now).items()}


def work(each: Asked, variant: Variant, seed: int) -> Worked:
    """Do what a worker does with one search; the same household has the same chances with every variant."""
    done, chance = Worked(), Random(f"{seed} {each.at} {each.root}")
    reach = Random(f"{seed} {each.root}").choices(list(_REACH), list(_REACH.values()))[0]
    person, colleague = _persons(each, chance)
    clock = each.at
    done.acts.append(_act(each, clock, person, "refine" if each.again else "search"))
    if chance.random() < _TWICE:
        done.acts.append(_act(each, clock + round(chance.uniform(5, 20) * MINUTE), colleague, "search"))
    if not each.fits:
        for _ in range(_widened(chance)):
            clock += round(chance.uniform(1, 3) * MINUTE)
            done.acts.append(_act(each, clock, person, "refine"))
        return done
    if chance.random() < _ASKS_ON:
        done.acts.append(_act(each, clock + MINUTE, person, "refine"))
    done.within = any(_away(each.region, fit.region) <= reach for fit in each.fits)
    _hold(each, variant, reach, person, done, chance)
    return done


def _hold(each: Asked, variant: Variant, reach: float, person: str, done: Worked, chance: Random) -> None:
    """Read page by page, hold what may be within reach, give it back where it is not."""
    spent, pages = _FILL_IN, iter(_ranked(each, variant, chance))
    shown: list[Match] = []
    while len(shown) < _OFFERS and (page := list(islice(pages, _PAGE))):
        if shown:
            done.acts.append(_act(each, each.at + round(spent * MINUTE), person, "refine"))
        shown += page
        spent += _READ
        for fit in _promising(each, variant, reach, page):
            spent += _HOLD
            done.acts.append(_act(each, each.at + round(spent * MINUTE), person, "hold"))
            if _away(each.region, fit.region) <= reach:
                done.minutes.append(spent)
                _answered(each, each.at + round(spent * MINUTE), person, done, chance)
                return
            spent += _TALK
            done.unsuitable += 1
            done.acts.append(_act(each, each.at + round(spent * MINUTE), person, "given-back"))


def _answered(each: Asked, at: int, person: str, done: Worked, chance: Random) -> None:
    """Have the shelter answer a hold, as often as in the simulator; else some workers give it back."""
    parameters = Parameters()
    if chance.random() < parameters.accepts + parameters.declines:
        done.acts.append(_act(each, at + round(chance.uniform(0.5, 25) * MINUTE), person, "answered"))
    elif chance.random() < _GIVES_UP:
        done.acts.append(_act(each, at + round(chance.uniform(60, 120) * MINUTE), person, "given-back"))


def _promising(each: Asked, variant: Variant, reach: float, page: list[Match]) -> list[Match]:
    """Choose from a page what surely lies within reach, then what may, the nearest first."""
    spans = [(variant_span(each, variant, fit), number, fit) for number, fit in enumerate(page)]
    could = [(far > reach, near, number, fit) for (near, far), number, fit in spans if near <= reach]
    return [fit for *_, fit in sorted(could, key=lambda one: one[:3])]


def _ranked(each: Asked, variant: Variant, chance: Random) -> list[Match]:
    return ranked(each.fits, lambda region: _span(each, variant, region)[0], chance, lambda fit: fit.shelter.shelter)


def variant_span(each: Asked, variant: Variant, fit: Match) -> tuple[float, float]:
    """Return how near and how far (km) a place can be, as far as an offer says."""
    return _span(each, variant, fit.region)


def _span(each: Asked, variant: Variant, region: str) -> tuple[float, float]:
    match variant.where:
        case "region":
            could: Iterable[str] = (region,)
        case "area":
            could = (code for code in each.areas[region] if code not in each.ask.exclude_regions)
        case "province":
            could = (code for code, row in REGIONS.items() if row.province == REGIONS[region].province)
    away = [_away(each.region, code) for code in could]
    return min(away), max(away)


def _away(one: str, other: str) -> float:
    return kilometres(REGIONS[one], REGIONS[other]) or 0.0


def _persons(each: Asked, chance: Random) -> tuple[str, str]:
    hour = hour_of(each.at)
    shift = f"{each.region}-{each.at // DAY}-{hour // _SHIFT_H}"
    number = 0 if hour < _SHIFT_H else chance.randrange(_BY_DAY)
    return f"{shift}-{number}", f"{shift}-{number + 1}"


def _widened(chance: Random) -> int:
    number = 1
    while number < _MOST_WIDENED and chance.random() < _WIDENS:
        number += 1
    return number


def _act(each: Asked, at: int, person: str, what: What) -> Act:
    return Act(at, person, f"crisis-{each.region}", what, each.root)
