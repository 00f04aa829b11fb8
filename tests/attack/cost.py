"""`python -m tests.attack.cost [HOUSEHOLDS [SEED…]]`: what it costs households and those who search for them that an insider learns little.

Law: what is answered is worked out by the rules of the API alone. Households are drawn as the simulator draws them, and each asks a country
at work, at an instant of a simulated month; its own crisis workers search and hold as often as they must. `--least 5,30 10,10` compares:
so many shelters for a question to be answered, so many for each way in which a place is told of.
"""

import argparse
import asyncio
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from random import Random

from rich.console import Console

from services.adapters.rates import USUAL, Asked, MemoryRates
from services.adapters.settings import Settings
from services.api.areas import Area
from services.domain.crowd import Crowd, Least, Place, emptied, fitting
from services.domain.events import DEMAND_EVENTS, HoldAccepted, HoldDeclined, HoldRequested, SearchMade
from services.domain.freshness import Limits
from services.domain.picture import ShelterPicture
from services.domain.registry import Registry
from services.domain.search import Ask, Fit, fit_of, look
from services.simulator.chance import Chance
from services.simulator.hours import DAY
from services.simulator.households import Household, drawn
from services.simulator.world import Logged
from tests.api.desks import REGIONS
from tests.attack.month import START, month
from tests.attack.questions import area_of
from tests.attack.served import LEAST

_DAYS, _FIRST = 30, 7
_AREA = Settings.model_fields["area_shelters"].default
# From here on a shelter may have a limit to the age of sons
_SON = 12
_S = 1_000

NEEDS: dict[str, Callable[[Household], bool]] = {
    "any": lambda _: True,
    "wheelchair": lambda household: "wheelchair" in household.need.features,
    "another feature": lambda household: bool(set(household.need.features) - {"wheelchair"}),
    "a man": lambda household: household.need.men > 0,
    "a son over 12": lambda household: (household.need.oldest_son_age or 0) > _SON,
    "another language": lambda household: household.need.languages != ("nl",),
    "a service": lambda household: bool(household.need.services),
    "security": lambda household: household.need.security != "open",
}


@dataclass(slots=True)
class Answered:
    """How households were answered: `narrow` to phone, unlooked; of those a place stood `free` for, how many were offered one."""

    number: int = 0
    narrow: int = 0
    free: int = 0
    offered: int = 0
    of_kind: int = 0
    areas: int = 0

    def add(self, crowd: Crowd, free: list[Place]) -> None:
        """Count one; of an offer, whether its kind was told, and in how many areas it could be."""
        self.number += 1
        self.narrow += crowd.narrow
        self.free += bool(free)
        if free and not crowd.narrow:
            told = crowd.told(free[0])
            self.offered += 1
            self.of_kind += told.kind is not None
            self.areas += len(told.areas)

    def line(self, name: str) -> str:
        """Write it as a row of a table."""
        counts = f"{self.number:>7}{self.narrow:>8}{_share(self.narrow, self.number):>8}{self.free:>7}{self.offered:>9}"
        return f"{name:<26}{counts}{_share(self.of_kind, self.offered):>11}{self.areas / max(1, self.offered):>10.1f}"


@dataclass(slots=True)
class Cost:
    """What it costs, by what households need; and whoever searches or holds, by how often she would have had to wait."""

    least: Least
    of: dict[str, Answered] = field(default_factory=lambda: {need: Answered() for need in NEEDS})

    def add(self, household: Household, shelters: list[ShelterPicture], fits: list[Fit]) -> None:
        """Count a household, under each of its needs."""
        ask, area_of = _asked(household), _areas(shelters)
        crowd = fitting(map(emptied, shelters), ask, {region: area.name for region, area in area_of.items()}, self.least)
        free = [Place(fit.unit.kind or "", fit_of(fit.unit, ask), area_of[fit.region].name) for fit in fits]
        for need, has in NEEDS.items():
            if has(household):
                self.of[need].add(crowd, free)

    def lines(self) -> Iterator[str]:
        """Write it as a table."""
        head = f"{'asked':>7}{'narrow':>8}{'share':>8}{'free':>7}{'offered':>9}{'kind told':>11}{'of areas':>10}"
        yield f"{f'{self.least.answer} answer, {self.least.place} are alike':<26}{head}"
        yield from (counted.line(need) for need, counted in self.of.items())


@dataclass(slots=True)
class Waits:
    """How often one person a desk, who does all that it does, would have had to wait for her turn."""

    now: float = 0.0
    asked: dict[Asked, int] = field(default_factory=dict)
    waited: dict[Asked, list[float]] = field(default_factory=dict)

    async def play(self, log: Iterable[Logged]) -> None:
        """Play all searches and holds of a country; what a shelter answers gives the turn back."""
        rates, desks = MemoryRates(lambda: self.now, USUAL), dict[str, str]()
        for logged in log:
            self.now = logged.at / _S
            match logged.event.data:
                case SearchMade(region=region):
                    await self._take(rates, region, "search")
                case HoldRequested(hold=hold, desk=desk):
                    desks[hold] = desk
                    await self._take(rates, desk, "name")
                case HoldAccepted(hold=hold) | HoldDeclined(hold=hold) if hold in desks:
                    await rates.give_back(desks.pop(hold), "name")
                case _:
                    pass

    async def _take(self, rates: MemoryRates, who: str, asked: Asked) -> None:
        self.asked[asked] = self.asked.get(asked, 0) + 1
        wait_s = await rates.wait_s(who, asked)
        if wait_s:
            self.waited.setdefault(asked, []).append(wait_s)

    def lines(self) -> Iterator[str]:
        """Write it in words."""
        for asked, number in self.asked.items():
            waits = self.waited.get(asked, [])
            yield f"{asked}: of {number} by one person a desk {len(waits)} had to wait, at most {max(waits, default=0) / 60:.0f} minutes"


def cost(log: list[Logged], seed: int, number: int, costs: Iterable[Cost]) -> None:
    """Let so many households ask a played month, spread over its days."""
    chance, moments, registry, played = Chance(seed), Random(seed), Registry(), 0
    inhabitants = {code: row.inhabitants for code, row in REGIONS.items()}
    for instant in sorted(START + int(moments.uniform(_FIRST, _DAYS) * DAY) for _ in range(number)):
        while played < len(log) and log[played].at <= instant:
            if not isinstance(log[played].event.data, DEMAND_EVENTS):
                registry.hear(log[played].at)
                registry.take(log[played].event, played)
            played += 1
        shelters = [shelter.picture for shelter in registry.shelters.values()]
        household = drawn(chance, chance.weighted(inhabitants), tuple(REGIONS))
        fits = look(((shelter, instant) for shelter in shelters), _asked(household), Limits()).fits
        for each in costs:
            each.add(household, shelters, fits)


def _asked(household: Household) -> Ask:
    return Ask(adults=household.adults, children=household.children, need=household.need, exclude_regions=household.unsafe)


def _areas(shelters: list[ShelterPicture]) -> dict[str, Area]:
    return area_of(REGIONS, shelters, _AREA)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "-"


def _least(text: str) -> Least:
    answer, place = text.split(",")
    return Least(int(answer), int(place))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.attack.cost")
    parser.add_argument("households", nargs="?", type=int, default=1_000)
    parser.add_argument("seeds", nargs="*", type=int, default=[7, 8, 9])
    parser.add_argument("--least", nargs="*", type=_least, default=[Least(5, 5), LEAST, Least(10, 10)])
    given = parser.parse_args()
    told, waits = [Cost(least) for least in given.least], Waits()
    for each in given.seeds:
        played = month(each, _DAYS)
        cost(played, each, given.households, told)
        asyncio.run(waits.play(played))
    for of_least in told:
        Console(highlight=False).print("\n".join(of_least.lines()))
    Console(highlight=False).print("\n".join(waits.lines()))
