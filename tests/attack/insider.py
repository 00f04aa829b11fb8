"""The insider: a worker who knows all shelters and what they are like, the household, and the hour of its flight, and guesses the shelter.

The attacker asks the question to which the countries that are possible so far would answer most differently, before the hour and after
it, until the budget is spent or no question would give information. Ambiguous offers are named by holding them, reading the telephone
number and releasing them; areas and stream are read too. The belief is `belief.py`.
"""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import log2
from random import Random
from typing import Any, Final

from services.adapters.auth.pseudonyms import Pseudonyms
from services.adapters.http.sealed_tokens import SealedTokens
from services.adapters.kafka.topics import partition_of
from services.api.searches.sealed_offers import open_offer
from services.domain.durations import HOUR_MS
from tests.api.desks import REGIONS
from tests.attack.belief import Belief, prior, rough
from tests.attack.month import Flight, Month
from tests.attack.questions import Areas, Question, Sort, questions, sort_of
from tests.attack.served import Served
from tests.attack.variants import Label, Place, Variant

_POOL: Final = 90
_SAMPLES: Final = 10
# Of the samples so many are drawn anew after each answer
_FRESH: Final = 3
# A question that gives less information than this (bits) is not worth a turn
_WORTH: Final = 0.05
# So long that two chains of one flight nearly agree: a shorter one believes too much of the shelter it stands at by chance
_LAST_SWEEPS: Final = 250
_MORE: Final = ("none", "1-2", "3+")
# Evidence beside the offers: an area that lost its last place, and a shelter with an offer older than the flight
_AREA_LOST: Final = 10.0
_OLDER: Final = 0.03
_PARTITIONS: Final = 12
_UNAVAILABLE: Final = 503
_PATIENCE: Final = 60
# An answer is read page by page up to so many offers
_OFFERS: Final = 9


@dataclass(frozen=True, slots=True)
class Budget:
    """How many requests are spent before the hour, and of them how many held offers; and after it, `then`: by default as many.

    With `unheld`, never more than so many searches without a hold: then an offer is held only to begin that count anew.
    """

    searches: int
    names: int = 0
    then: "Budget | None" = None
    unheld: int | None = None


@dataclass(slots=True)
class Seen:
    """What is seen beside searches: what is free by area and kind, and where the stream stands."""

    areas: dict[str, tuple[str, str]]
    stream: str


@dataclass(slots=True)
class Asked:
    """What an alarm could count of one flight, in the order in which it was done: `s` a search, `h` a held offer, `g` one given back."""

    before: str = ""
    after: str = ""


@dataclass(slots=True)
class Spending:
    """What is left of a budget, and what was done with it in the letters of `Asked`."""

    budget: Budget
    done: str = ""

    @property
    def searches(self) -> int:
        """How many searches may be made now."""
        left = self.budget.searches - self.done.count("s") - self.done.count("h")
        since = len(self.done) - self.done.rfind("g") - 1
        return left if self.budget.unheld is None else min(left, self.budget.unheld - since)

    @property
    def holds(self) -> bool:
        """Whether an offer may be held: a quiet insider does so only when no search is left without a hold."""
        left = min(self.budget.names - self.done.count("h"), self.budget.searches - len(self.done) + self.done.count("g"))
        return left > 0 and (self.budget.unheld is None or not self.searches)

    def search(self) -> None:
        """Spend a search."""
        self.done += "s"

    def hold(self) -> None:
        """Spend a hold, which is given back at once."""
        self.done += "hg"


@dataclass(slots=True)
class Insider:
    """One insider. `took` notes of each answer how long it took (ms), how many offers it had, and how many more there were."""

    at: Served
    month: Month
    budget: Budget
    name: str
    chances: int
    """The seed of its chances."""
    variant: Variant
    chance: Random = field(default_factory=Random)
    asked: Asked = field(default_factory=Asked)
    took: list[tuple[float, int, str]] = field(default_factory=list)
    _areas: Areas = field(default_factory=dict)
    _pools: dict[tuple[Any, ...], list[Question]] = field(default_factory=dict)
    _ages: list[tuple[Question, Label, int]] = field(default_factory=list)

    async def before(self, flight: Flight) -> tuple[Belief, Seen]:
        """Ask an hour before. Each flight has its own chances, so that one alone can be played again."""
        for chance in (self.chance, self.at.chance):
            chance.seed(f"{self.chances} {flight.hour}")
        self.asked = Asked()
        belief = Belief(sorts(self.month, flight), self.chance)
        seen = await self._look()
        self.asked.before = await self._ask_all(belief, flight, 0)
        return belief, seen

    async def after(self, flight: Flight, belief: Belief, before: Seen) -> dict[str, float]:
        """Ask an hour after, and return how probable each shelter is."""
        belief.turn()
        self._ages.clear()
        seen = await self._look()
        self.asked.after = await self._ask_all(belief, flight, 1)
        weights: defaultdict[str, float] = defaultdict(float)
        for number in range(_LAST_SWEEPS):
            belief.sweep()
            if number >= _LAST_SWEEPS // 4:
                for shelter in belief.sorts:
                    weights[shelter] += belief.weigh(shelter)
        older = self._older()
        found = {
            shelter: weight * self._beside(shelter, before, seen) * (_OLDER if shelter in older else 1.0)
            for shelter, weight in weights.items()
        }
        return {shelter: weight / sum(found.values()) for shelter, weight in found.items()}

    def _older(self) -> set[str]:
        """Return the shelters with a free place last heard of before the flight: an admission would have made it younger."""
        could: dict[tuple[int, Label], set[str]] = {}
        youngest: dict[tuple[int, Label], int] = {}
        for question, label, age in self._ages:
            key = id(question), label
            youngest[key] = min(age, youngest.get(key, age))
            could[key] = {name for name, shows in question.shows.items() if any(shown.label == label for shown in shows.values())}
        alone = [next(iter(names)) for key, names in could.items() if len(names) == 1 and youngest[key] > 1]
        return set(alone)

    def _beside(self, shelter: str, before: Seen, after: Seen) -> float:
        region = self.month.registered[shelter].region
        lost = before.areas[region] != after.areas[region] and _rank(after.areas[region]) < _rank(before.areas[region])
        moved = _moved(before.stream, after.stream)
        here = partition_of(shelter.encode(), _PARTITIONS)
        return (_AREA_LOST if lost else 1.0) * (1.0 if moved is None or here in moved else 0.001)

    async def _ask_all(self, belief: Belief, flight: Flight, layer: int) -> str:
        """Spend the budget, and return what was done in the letters of `Asked`."""
        spending, pool = Spending((self.budget.then if layer else None) or self.budget), list(self._pool(flight))
        samples = [_drawn(belief, layer) for _ in range(_SAMPLES)]
        while spending.searches and pool:
            question, worth = self._best(pool, samples)
            if worth < _WORTH:
                break
            offers, more = await self._ask(question, spending)
            labels = self._heard(belief, question, layer, offers, more)
            if not more:  # asked again it would answer nothing else
                pool.remove(question)
            samples = [*samples[_FRESH:], *(_drawn(belief, layer) for _ in range(_FRESH))]
            could = [len(belief.could_be(belief.answers[-1], label)) for label in labels]
            for _, label, offer in sorted(zip(could, labels, offers, strict=True), key=lambda each: -each[0]):
                if spending.holds and len(belief.could_be(belief.answers[-1], label)) > 1:
                    spending.hold()
                    if shelter := await self._named(offer["offer"]):
                        belief.name(shelter, question, layer, label)
        return spending.done

    def _heard(self, belief: Belief, question: Question, layer: int, offers: list[dict[str, Any]], more: int) -> list[Label]:
        labels = [self._label(offer) for offer in offers]
        counted: Counter[Label] = Counter()
        for offer, label in zip(offers, labels, strict=True):
            counted[label] += offer.get("same", 1)
            if layer:
                self._ages.append((question, label, self._age(offer)))
        belief.hear(question, layer, counted, more)
        return labels

    def _pool(self, flight: Flight) -> list[Question]:
        key = (flight.adults, flight.children, *sorted(self._areas.items()))
        if key not in self._pools:
            chance = Random(f"{flight.adults} {flight.children}")
            household = (flight.adults, flight.children)
            self._pools[key] = questions(household, self.month.known(), self._areas, self.variant, chance, _POOL)
        return self._pools[key]

    def _best(self, pool: list[Question], samples: list[dict[str, Any]]) -> tuple[Question, float]:
        worth, _, best = max((_doubt(question, samples), self.chance.random(), number) for number, question in enumerate(pool))
        return pool[best], worth

    async def _ask(self, question: Question, spending: "Spending") -> tuple[list[dict[str, Any]], int]:
        """Ask, and ask for more up to nine offers; return them, and how many more there are."""
        answer = await self._search(question.body, spending)
        offers = answer["offers"]
        while answer["more"] != "none" and spending.searches and answer["offers_left"] and answer["offers"]:
            answer = await self._search(question.body | {"again_of": answer["search"], "more": True}, spending)
            offers = [*offers, *answer["offers"]]
        return offers, _MORE.index(answer["more"])

    async def _search(self, body: dict[str, Any], spending: "Spending") -> dict[str, Any]:
        spending.search()
        who = self.at.desks.callers.worker(self.name)
        for _ in range(_PATIENCE):  # a busy machine answers late, and the API then says that it can't answer now
            started = time.perf_counter()
            answer = await self.at.client.post("/v1/searches", headers=who, json=body)
            took = (time.perf_counter() - started) * 1_000
            if answer.status_code != _UNAVAILABLE:
                break
            await asyncio.sleep(1)
        assert answer.status_code == 200, answer.text
        read: dict[str, Any] = answer.json()
        self.took.append((took, len(read["offers"]), read["more"]))
        return read

    def _label(self, offer: Mapping[str, Any]) -> Label:
        """Return the words of an offer; of a variant that is not built, as it would word the same place."""
        where = "+".join(region["code"] for region in offer["regions"])
        if self.variant.where == "area" and self.variant.size:
            return (where, offer["kind"], offer["size"], offer["fit"])
        region = self.month.registered[self._opened(offer)].region
        place = Place(region, self._areas[region], offer["kind"], 0, offer["fit"])
        where, kind, _, fit = self.variant.label(place, (), REGIONS)
        return (where, kind, offer["size"] if self.variant.size else "", fit)

    def _age(self, offer: Mapping[str, Any]) -> int:
        if self.variant.age_step > 1:
            return int(offer["age_hours"])
        kept = self.at.kept
        shelter = kept.registries[partition_of(self._opened(offer).encode(), kept.partitions)].shelters[self._opened(offer)]
        return (kept.now - (shelter.snapshot.heard_at or 0)) // HOUR_MS

    def _opened(self, offer: Mapping[str, Any]) -> str:
        """Open a sealed offer, which no attacker can: only to word a variant that is not built."""
        pseudonyms = Pseudonyms("key")
        opened = open_offer(SealedTokens(pseudonyms.sealing_key("offers")), offer["offer"], pseudonyms.asked_by(self.name))
        assert opened
        return opened.shelter

    async def _named(self, offer: str) -> str | None:
        """Hold an offer for as long as it takes to read the telephone number."""
        who = self.at.desks.callers.worker(self.name)
        held = await self.at.client.post("/v1/holds", headers=who, json={"offer": offer})
        if held.status_code != 201:
            return None
        hold = held.json()
        await self.at.client.delete(f"/v1/holds/{hold['hold']}", headers=who)
        phones = {each.intake_phone: name for name, each in self.month.registered.items()}
        return phones.get(hold["intake_phone"])

    async def _look(self) -> Seen:
        await self.at.desks.board.refresh()
        who = self.at.desks.callers.worker(self.name)
        answer = (await self.at.client.get("/v1/areas", headers=who)).json()
        listed = [(area, [_code(region) for region in area["regions"]]) for area in answer["areas"]]
        self._areas = {code: tuple(codes) for _, codes in listed for code in codes}
        areas = {code: (area["value"], str(area.get("free", ""))) for area, codes in listed for code in codes}
        async with self.at.client.stream("GET", "/v1/live", headers=who) as stream:
            async for line in stream.aiter_lines():
                if line.startswith("id: "):
                    return Seen(areas, line.removeprefix("id: "))
        return Seen(areas, "")


def _code(region: Any) -> str:
    return region["code"] if isinstance(region, dict) else str(region)


def _rank(said: tuple[str, str]) -> int:
    value, free = said
    return _MORE.index(free) if free in _MORE else int(value == "capacity")


def sorts(month: Month, flight: Flight) -> dict[str, dict[Sort, int]]:
    """Map the shelters that could take the household in to their units by sort."""
    found = {
        shelter.shelter: Counter(
            sort_of(unit) for unit in shelter.units.values() if unit.max_adults >= flight.adults and unit.max_children >= flight.children
        )
        for shelter in month.known()
    }
    return {shelter: dict(units) for shelter, units in found.items() if units}


def chances(month: Month, flight: Flight) -> dict[str, float]:
    """Compute how probable each shelter is before anything is asked."""
    weights = {shelter: prior(units) for shelter, units in sorts(month, flight).items()}
    return {shelter: weight / sum(weights.values()) for shelter, weight in weights.items()}


def _drawn(belief: Belief, layer: int) -> dict[str, Any]:
    """Draw a country that could be so."""
    belief.sweep()
    return {name: state[layer] for name, state in belief.now.items() if state[layer]}


def _doubt(question: Question, samples: list[dict[str, Any]]) -> float:
    """Compute how much the countries differ in what they would answer, in bits."""
    answers = Counter(_answered(question, sample) for sample in samples)
    return -sum(number / len(samples) * log2(number / len(samples)) for number in answers.values())


def _answered(question: Question, sample: dict[str, Any]) -> tuple[Any, ...]:
    free = sorted(shown for name, slot in sample.items() if (shown := question.shows.get(name, {}).get(slot)))
    if len(free) <= _OFFERS:
        return tuple(sorted(shown.label for shown in free))
    return (rough(len(free) - _OFFERS), free[0].turn)


def _moved(before: str, after: str) -> set[int] | None:
    """Return which partitions have moved, as far as the stream says so; None when it does not."""
    feeds = [stream.partition(";")[0].split(",") for stream in (before, after)]
    if any(len(feed) != _PARTITIONS for feed in feeds):
        return None
    return {number for number, (was, now) in enumerate(zip(*feeds, strict=True)) if was != now}
