"""An insider with a worker's rights, who knows all shelters and what they are like, and the hour of a flight, guesses the shelter.

He asks what would tell him most, given what he was told (of countries that could have answered so, the question on whose answer they
differ most), before the hour and after it, as often as the API lets him; he has offers named by holding them and letting them go; he
looks at the areas and listens to the stream. What he believes then is `Belief`.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import log2
from random import Random
from typing import Any

from services.adapters.topics import partition_of
from tests.api.desks import REGIONS
from tests.attack.belief import Belief, prior, rough
from tests.attack.month import Flight, Month
from tests.attack.questions import Label, Question, area_of, questions, sort_of
from tests.attack.served import Served

_POOL = 90
_SAMPLES = 10
# Of the samples so many are drawn anew after each answer
_FRESH = 4
# So long that two chains of one flight tell nearly the same: a shorter one is too sure of where it stands by chance
_LAST_SWEEPS = 600
_MORE = ("none", "1-2", "3+")
# An area that had room before and has none after
_AREA_LOST = 10.0
_PARTITIONS = 12


@dataclass(frozen=True, slots=True)
class Budget:
    """How often he may ask before the hour: searches, and offers that are named; and how often after it, `then`: by default as often."""

    searches: int
    names: int = 0
    then: "Budget | None" = None


@dataclass(slots=True)
class Seen:
    """What is seen beside searches: areas by their worth, and where the stream stands."""

    areas: dict[str, str]
    stream: str


@dataclass(slots=True)
class Insider:
    """One who asks. `took` notes of each answer how long it took (ms), how many offers it had, and how many more."""

    at: Served
    month: Month
    budget: Budget
    name: str
    chances: int
    """The seed of his chances."""
    chance: Random = field(default_factory=Random)
    asked: int = 0
    took: list[tuple[float, int, str]] = field(default_factory=list)
    _pools: dict[tuple[int, int], list[Question]] = field(default_factory=dict)

    async def before(self, flight: Flight) -> tuple[Belief, Seen]:
        """Look an hour before. Of each flight all chances are its own, so that one alone can be played again."""
        for chance in (self.chance, self.at.chance):
            chance.seed(f"{self.chances} {flight.hour}")
        belief = Belief(sorts(self.month, flight), self.chance)
        seen = await self._look()
        await self._ask_all(belief, flight, 0)
        return belief, seen

    async def after(self, flight: Flight, belief: Belief, before: Seen) -> dict[str, float]:
        """Look an hour after, and tell how probable each shelter is."""
        belief.turn()
        seen = await self._look()
        await self._ask_all(belief, flight, 1)
        weights: defaultdict[str, float] = defaultdict(float)
        for number in range(_LAST_SWEEPS):
            belief.sweep()
            if number >= _LAST_SWEEPS // 4:
                for shelter in belief.sorts:
                    weights[shelter] += belief.weigh(shelter)
        told = {shelter: weight * self._beside(shelter, before, seen) for shelter, weight in weights.items()}
        return {shelter: weight / sum(told.values()) for shelter, weight in told.items()}

    def _beside(self, shelter: str, before: Seen, after: Seen) -> float:
        region = self.month.registered[shelter].region
        lost = before.areas.get(region) == "capacity" and after.areas.get(region, "capacity") != "capacity"
        moved = _moved(before.stream, after.stream)
        here = partition_of(shelter.encode(), _PARTITIONS)
        return (_AREA_LOST if lost else 1.0) * (1.0 if moved is None or here in moved else 0.001)

    async def _ask_all(self, belief: Belief, flight: Flight, layer: int) -> None:
        budget = (self.budget.then if layer else None) or self.budget
        names, pool = budget.names, list(self._pool(flight))
        samples = [_drawn(belief, layer) for _ in range(_SAMPLES)]
        for _ in range(budget.searches):
            question = self._best(pool, samples)
            offers, more = await self._ask(question)
            labels = [_label(offer) for offer in offers]
            belief.hear(question, layer, Counter(labels), more)
            if not more:  # asked again it would tell nothing else
                pool.remove(question)
            samples = [*samples[_FRESH:], *(_drawn(belief, layer) for _ in range(_FRESH))]
            for offer, label in zip(offers, labels, strict=True):
                if names and len(belief.could_be(belief.answers[-1], label)) > 1:
                    names -= 1
                    if shelter := await self._named(offer["offer"]):
                        belief.name(shelter, question, layer, label)

    def _pool(self, flight: Flight) -> list[Question]:
        household = (flight.adults, flight.children)
        if household not in self._pools:
            known = self.month.known()
            chance = Random(str(household))
            self._pools[household] = questions(household, known, area_of(REGIONS, known, 10), self.at.least, chance, _POOL)
        return self._pools[household]

    def _best(self, pool: list[Question], samples: list[dict[str, Any]]) -> Question:
        return max(pool, key=lambda question: (_doubt(question, samples), self.chance.random()))

    async def _ask(self, question: Question) -> tuple[list[dict[str, Any]], int]:
        self.asked += 1
        who = self.at.desks.callers.worker(self.name)
        started = time.perf_counter()
        answer = await self.at.client.post("/v1/searches", headers=who, json=question.body)
        took = (time.perf_counter() - started) * 1_000
        assert answer.status_code == 200, answer.text
        told = answer.json()
        assert not told["narrow"]
        self.took.append((took, len(told["offers"]), told["more"]))
        return told["offers"], _MORE.index(told["more"])

    async def _named(self, offer: str) -> str | None:
        """Hold an offer for as long as it takes to read the telephone number."""
        who = self.at.desks.callers.worker(self.name)
        held = await self.at.client.post("/v1/holds", headers=who, json={"offer": offer})
        if held.status_code != 201:
            return None
        told = held.json()
        await self.at.client.delete(f"/v1/holds/{told['hold']}", headers=who)
        phones = {each.intake_phone: name for name, each in self.month.registered.items()}
        return phones.get(told["intake_phone"])

    async def _look(self) -> Seen:
        await self.at.desks.board.refresh()
        who = self.at.desks.callers.worker(self.name)
        told = (await self.at.client.get("/v1/areas", headers=who)).json()
        areas = {region: area["value"] for area in told["areas"] for region in area["regions"]}
        async with self.at.client.stream("GET", "/v1/live", headers=who) as stream:
            async for line in stream.aiter_lines():
                if line.startswith("id: "):
                    return Seen(areas, line.removeprefix("id: "))
        return Seen(areas, "")


def sorts(month: Month, flight: Flight) -> dict[str, Any]:
    """List the shelters that could take a household in, and their units by sort."""
    found = {
        shelter.shelter: Counter(
            sort_of(unit) for unit in shelter.units.values() if unit.max_adults >= flight.adults and unit.max_children >= flight.children
        )
        for shelter in month.known()
    }
    return {shelter: dict(units) for shelter, units in found.items() if units}


def chances(month: Month, flight: Flight) -> dict[str, float]:
    """Tell how probable each shelter is before anything is asked."""
    weights = {shelter: prior(units) for shelter, units in sorts(month, flight).items()}
    return {shelter: weight / sum(weights.values()) for shelter, weight in weights.items()}


def _drawn(belief: Belief, layer: int) -> dict[str, Any]:
    """Draw a country that could be so."""
    belief.sweep()
    return {name: state[layer] for name, state in belief.now.items() if state[layer]}


def _label(offer: Mapping[str, Any]) -> Label:
    return offer["area"], offer["kind"] or "", offer["fit"] or ""


def _doubt(question: Question, samples: list[dict[str, Any]]) -> float:
    """Tell on how much of what could be answered the countries differ, in bits."""
    answers = Counter(_answered(question, sample) for sample in samples)
    return -sum(number / len(samples) * log2(number / len(samples)) for number in answers.values())


def _answered(question: Question, sample: dict[str, Any]) -> tuple[Any, ...]:
    free = sorted(shown for name, slot in sample.items() if (shown := question.shows.get(name, {}).get(slot)))
    if not free:
        return ()
    return tuple(shown.label for shown in free[:3]) if len(free) <= 3 else (rough(len(free) - 3), free[0].turn)


def _moved(before: str, after: str) -> set[int] | None:
    """Tell which partitions have moved, as far as the stream tells; None when it does not."""
    feeds = [stream.partition(";")[0].split(",") for stream in (before, after)]
    if any(len(feed) != _PARTITIONS for feed in feeds):
        return None
    return {number for number, (was, now) in enumerate(zip(*feeds, strict=True)) if was != now}
