"""An insider with a worker's rights, who knows all shelters and what they are like, and the hour of a flight, guesses the shelter.

He asks the same before and after the hour. For each shelter and each kind of unit it has he knows the question that fewest others fit, and
sees of how many places the answer tells: up to three, and roughly how many more. Of the shelters for which there were fewer, the fewest
others fit best; where none stands out, any that could take the household.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from services.domain.events import ShelterRegistered, UnitDeclared
from tests.api.desks import REGIONS, Desks
from tests.attack.month import Flight, Month

# What the API lets a person ask in a minute; in the month each minute has its own, so here each has a name.
_A_MINUTE = 20
# How the API tells how many more there are
_MORE = ("none", "1-2", "3+")

Places = tuple[int, int]
"""How many offers there were, and how many more, roughly."""


@dataclass(frozen=True, slots=True)
class Question:
    """A search, the shelter it is about, and the others that it would fit as well."""

    body: dict[str, Any]
    shelter: str
    others: int
    """How many other shelters it would fit, were they empty."""


@dataclass(slots=True)
class Insider:
    """Asks at most so many questions before the hour, and the same after it. `asked` counts them."""

    at: Desks
    month: Month
    budget: int
    name: str
    asked: int = 0
    _kept: dict[tuple[int, int], list[Question]] = field(default_factory=dict)

    async def before(self, flight: Flight) -> list[Places]:
        """Ask all questions, and note how many places there are."""
        return [await self._ask(question) for question in self.questions(flight)[: self.budget]]

    async def guess(self, flight: Flight, before: list[Places]) -> set[str]:
        """Ask again, and tell the shelters among which he would choose by lot."""
        asked = list(zip(self.questions(flight)[: self.budget], before, strict=True))
        went = [question for question, places in asked if places > (0, 0) and await self._ask(question) < places]
        fewest = min((question.others for question in went), default=0)
        return {question.shelter for question in went if question.others == fewest} or self.possible(flight)

    def possible(self, flight: Flight) -> set[str]:
        """Tell which shelters have a unit for the household at all."""
        return {shelter for shelter, units in self.month.units.items() if any(_takes(unit, flight) for unit in units.values())}

    def questions(self, flight: Flight) -> list[Question]:
        """Work out, of every shelter that is possible and each kind it has, the question that fewest others fit; the most telling first."""
        household = (flight.adults, flight.children)
        if household not in self._kept:
            shelters = sorted(self.possible(flight))
            made = [self._best(flight, shelter, kind) for shelter in shelters for kind in self._kinds(flight, shelter)]
            self._kept[household] = sorted(made, key=lambda question: question.others)
        return self._kept[household]

    def _kinds(self, flight: Flight, shelter: str) -> list[str]:
        return sorted({unit.kind for unit in self.month.units[shelter].values() if _takes(unit, flight)})

    def _best(self, flight: Flight, shelter: str, kind: str) -> Question:
        mine = self.month.registered[shelter]
        near = sorted(REGIONS, key=lambda code: sum(other.region == code for other in self.month.registered.values()), reverse=True)
        shut = [code for code in near if code != mine.region][:10]
        narrowed = (self._question(flight, shelter, needs | {"kinds": [kind]}, shut) for needs in _narrowings(mine))
        return min(narrowed, key=lambda question: question.others)

    def _question(self, flight: Flight, shelter: str, narrowed: dict[str, Any], shut: list[str]) -> Question:
        others = [
            name
            for name, known in self.month.registered.items()
            if name != shelter and known.region not in shut and _fits(known, self.month.units.get(name, {}), flight, narrowed)
        ]
        body = {"women": flight.adults, "children": [{"age": 1, "boy": False}] * flight.children, "exclude_regions": shut, **narrowed}
        return Question(body, shelter, len(others))

    async def _ask(self, question: Question) -> Places:
        """Search; tell of how many places the answer tells."""
        who = self.at.callers.worker(f"{self.name}-{self.asked // _A_MINUTE}")
        self.asked += 1
        answer = await self.at.client.post("/v1/searches", headers=who, json=question.body)
        assert answer.status_code == 200, answer.text
        told = answer.json()
        return len(told["offers"]), _MORE.index(told["more"])


def _takes(unit: UnitDeclared, flight: Flight) -> bool:
    return unit.max_adults >= flight.adults and unit.max_children >= flight.children


def _narrowings(mine: ShelterRegistered) -> Iterable[dict[str, Any]]:
    """List the needs that a shelter meets: its languages and services, by one and by two."""
    for languages in _some(mine.languages):
        for services in _some(mine.services):
            yield {"languages": languages, "services": services, "security": mine.security}


def _some(codes: Iterable[str]) -> list[list[str]]:
    listed = sorted(codes)
    return [[], *([code] for code in listed), *map(list, combinations(listed, 2))]


def _fits(known: ShelterRegistered, units: Mapping[str, UnitDeclared], flight: Flight, narrowed: dict[str, Any]) -> bool:
    secure = ("open", "secure", "high_secure")
    return (
        set(narrowed["languages"]) <= set(known.languages)
        and set(narrowed["services"]) <= set(known.services)
        and secure.index(known.security) >= secure.index(narrowed["security"])
        and any(_takes(unit, flight) and (not narrowed["kinds"] or unit.kind in narrowed["kinds"]) for unit in units.values())
    )
