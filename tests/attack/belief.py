"""What an insider may believe after some answers: a chain of countries that could have given them (Gibbs sampling), before and after.

Law: the belief is as strong as the answers allow, and no stronger. The state of a shelter is the unit that stands free or held there
before the hour and after it; a country counts by how likely it would have given the answers, by the rules of the API. Only the age of an
offer is left out here: it is weighed at the end (`insider.py`).
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from math import comb, exp, log
from random import Random

from tests.attack.questions import Question, Shown, Slot, Sort
from tests.attack.variants import Label

# Of the units of a kind, those that stand free and those that are held; and how many households move into one in a day. A worker
# knows that much; here it is counted in the months of seeds 4, 5 and 6
_FREE = {"emergency": 0.025, "crisis": 0.006, "follow_up": 0.019, "assisted": 0.024}
_HELD = {"emergency": 0.025, "crisis": 0.006, "follow_up": 0.0002, "assisted": 0.0002}
_ENTERED = {"emergency": 0.15, "crisis": 0.034, "follow_up": 0.006, "assisted": 0.006}
_Became = tuple[bool | None, bool | None]
# What becomes of a place from an hour before to an hour after: held, free (or neither), before and after
_BECOMES: dict[_Became, float] = {
    (False, False): 0.92,
    (False, None): 0.033,
    (False, True): 0.046,
    (True, True): 0.75,
    (True, None): 0.19,
    (True, False): 0.06,
    (None, False): 0.08,
}
# The same of the place that a household went to
_WENT: dict[_Became, float] = {
    (False, False): 0.01,
    (False, None): 0.27,
    (False, True): 0.005,
    (True, True): 0.01,
    (True, None): 0.63,
    (True, False): 0.005,
    (None, None): 0.07,
}
# An offer that a country can't explain, and a number of more that it can't: shelters have two free units now and then
_WRONG, _WRONG_MORE = log(0.0001), log(0.15)
# Of the shelters this share is drawn in a sweep
_DRAWN = 0.5
# So many pairs may change places in a sweep
_PAIRS = 10

State = tuple[Slot | None, Slot | None]
"""The unit that is free or held in a shelter, before and after; None for none."""


@dataclass(slots=True)
class Answer:
    """The answer to a question before (0) or after (1), and what the country of the moment would have to answer."""

    question: Question
    layer: int
    offered: Counter[Label]
    more: int
    worst: int = 0
    """The turn of the last that was offered, at least: whatever comes before it was offered as well."""
    times: int = 1
    """How often the same was answered."""
    free: Counter[Shown] = field(default_factory=Counter)
    known: dict[Shown | None, float] = field(default_factory=dict)
    """How likely beside which place, as long as the country is as it is."""

    @property
    def complete(self) -> bool:
        """Whether everything that fits was offered."""
        return self.more == 0

    def is_same(self, question: Question, layer: int, offered: Counter[Label], more: int) -> bool:
        """Check whether an answer is this one once more."""
        return self.question is question and (self.layer, self.offered, self.more) == (layer, offered, more)

    def hear_again(self) -> None:
        """Count the same answer once more."""
        self.times += 1
        self.known = {}

    def rules_out(self, shown: Shown | None) -> bool:
        """Check whether a place would have been offered that was not."""
        if shown is None:
            return False
        return shown.label not in self.offered and (self.complete or shown.turn < self.worst)

    def change(self, shown: Shown, by: int) -> None:
        """Add a place to the country, or take one away."""
        self._add(shown, by)
        self.known = {}

    def likely(self, beside: Shown | None) -> float:
        """Compute how likely (log) the country and one place beside it would have given this answer."""
        if (log_likelihood := self.known.get(beside)) is None:
            if beside:
                self._add(beside, 1)
            self.known[beside] = log_likelihood = _likely(self.free, self.offered, self.more) * self.times
            if beside:
                self._add(beside, -1)
        return log_likelihood

    def _add(self, shown: Shown, by: int) -> None:
        self.free[shown] += by
        if not self.free[shown]:  # what there is none of is not gone through
            del self.free[shown]


def _worst(question: Question, offered: Counter[Label]) -> int:
    turns: dict[Label, int] = {}
    for shows in question.shows.values():
        for turn, label in shows.values():
            turns[label] = min(turn, turns.get(label, turn))
    return max((turns.get(label, 0) for label in offered), default=0)


def _likely(have: Counter[Shown], offered: Counter[Label], more: int) -> float:
    turns: dict[int, dict[Label, int]] = {}
    for (turn, label), number in have.items():
        if number:
            of_turn = turns.setdefault(turn, {})
            of_turn[label] = of_turn.get(label, 0) + number
    there, left = sum(sum(of_turn.values()) for of_turn in turns.values()), dict(offered)
    room = offered.total()
    found = 0.0 if more == rough(there - room) else _WRONG_MORE
    for turn in sorted(turns):
        of_turn, size = turns[turn], sum(turns[turn].values())
        if size > room:
            found += _by_lot(of_turn, left, size)
            break
        for label, number in of_turn.items():
            left[label] = left.get(label, 0) - number
        room -= size
    return found + _WRONG * sum(map(abs, left.values()))


def _by_lot(of_turn: dict[Label, int], left: dict[Label, int], size: int) -> float:
    """Take what is left to explain from those that are equal, and compute how likely that was (log)."""
    ways, drawn = 1, 0
    for label, number in of_turn.items():
        taken = min(max(left.get(label, 0), 0), number)
        if taken:
            ways, drawn = ways * comb(number, taken), drawn + taken
            left[label] -= taken
    return log(ways / comb(size, drawn))


def rough(more: int) -> int:
    """Return how many more as roughly as the API does: 0, 1 for one or two, 2 for three and more."""
    return 0 if more <= 0 else 1 if more < 3 else 2


def prior(shelter: dict[Sort, int]) -> float:
    """Compute how probable it is that a household goes to a shelter of which only its units are known, up to a factor."""
    return sum(number * _ENTERED[sort.kind] for sort, number in shelter.items())


def seen(shelter: dict[Sort, int], before: int, after: int) -> float:
    """Compute how much more probable a flight to a shelter is, up to a factor, where it is known how many fitting units were free."""
    if before <= after:
        return prior(shelter) * (_WENT[True, None] + _WENT[None, None])
    free = sum(number * _FREE[sort.kind] for sort, number in shelter.items())
    gone_with, gone_without = (became[False, None] + became[False, True] for became in (_WENT, _BECOMES))
    return prior(shelter) / free * gone_with / gone_without


@dataclass(slots=True)
class Belief:
    """The chain. `sorts`: of each shelter that could be meant the sorts of units that take the household, and how many of each."""

    sorts: dict[str, dict[Sort, int]]
    chance: Random
    answers: list[Answer] = field(default_factory=list)
    states: dict[str, list[State]] = field(default_factory=dict)
    now: dict[str, State] = field(default_factory=dict)
    _of: defaultdict[str, list[Answer]] = field(default_factory=lambda: defaultdict(list))
    _could: dict[tuple[int, Label], list[str]] = field(default_factory=dict)
    _rows: dict[str, dict[State, list[tuple[Answer, Shown]]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for shelter, sorts in self.sorts.items():
            self.states[shelter] = [(None, None), *(((sort, held), None) for sort in sorts for held in (False, True))]
            weights = [exp(self._before(shelter, state[0])) for state in self.states[shelter]]
            self.now[shelter] = self.chance.choices(self.states[shelter], weights)[0]

    def turn(self) -> None:
        """Go on to after the hour: what was free or held is so still, or changed, or gone; something may have become free."""
        self._could.clear()
        self._rows.clear()
        for shelter, states in self.states.items():
            come = [(sort, False) for sort in self.sorts[shelter]]
            self.states[shelter] = [
                (before, after)
                for before, _ in states
                for after in ([None, *come] if before is None else [None, (before[0], False), (before[0], True)])
            ]
            before = self.now[shelter][0]
            self.now[shelter] = (before, before)

    def hear(self, question: Question, layer: int, offered: Counter[Label], more: int) -> None:
        """Take an answer in, and drop what it rules out for certain."""
        again = next((each for each in self.answers if each.is_same(question, layer, offered, more)), None)
        if again:
            again.hear_again()
            return
        answer = Answer(question, layer, offered, more, _worst(question, offered))
        for shelter, shows in question.shows.items():
            if shelter in self.states:
                self._drop(shelter, [state for state in self.states[shelter] if answer.rules_out(_shown(shows, state[layer]))])
                self._of[shelter].append(answer)
                self._rows.pop(shelter, None)
                if shown := _shown(shows, self.now[shelter][layer]):
                    answer.change(shown, 1)
        self.answers.append(answer)

    def name(self, shelter: str, question: Question, layer: int, label: Label) -> None:
        """Take in that an offer was of this shelter, because it was held and the telephone number read."""
        shows = question.shows.get(shelter, {})
        self._drop(
            shelter, [state for state in self.states.get(shelter, []) if getattr(_shown(shows, state[layer]), "label", None) != label]
        )

    def _drop(self, shelter: str, ruled_out: list[State]) -> None:
        left = [state for state in self.states.get(shelter, []) if state not in ruled_out]
        if left and len(left) < len(self.states[shelter]):
            self.states[shelter] = left
            self._could.clear()
            self._rows.pop(shelter, None)
            if self.now[shelter] in ruled_out:
                self._be(shelter, left[0])

    def _be(self, shelter: str, state: State) -> None:
        for answer in self._of[shelter]:
            shows = answer.question.shows[shelter]
            for sort, by in ((self.now[shelter], -1), (state, 1)):
                if shown := _shown(shows, sort[answer.layer]):
                    answer.change(shown, by)
        self.now[shelter] = state

    def sweep(self) -> None:
        """Draw shelters anew, each given all others; and swap some pairs that could be one and the same offer."""
        for shelter, states in self.states.items():
            if len(states) > 1 and self.chance.random() < _DRAWN:
                self._draw(shelter, states)
        for answer in self.chance.choices(self.answers, k=_PAIRS if self.answers else 0):
            labels = sorted(answer.offered)
            could = self.could_be(answer, self.chance.choice(labels)) if labels else []
            if len(could) > 1:
                self._swap(*self.chance.sample(could, 2))

    def could_be(self, answer: Answer, label: Label) -> list[str]:
        """List the shelters that an offer can have been of."""
        if (found := self._could.get((id(answer), label))) is None:
            found = self._could[id(answer), label] = [
                shelter
                for shelter, shows in answer.question.shows.items()
                if any(getattr(_shown(shows, state[answer.layer]), "label", None) == label for state in self.states.get(shelter, ()))
            ]
        return found

    def _swap(self, one: str, other: str) -> None:
        """Swap the states of two shelters if that explains the answers as well (Metropolis): a single draw explains no offer less."""
        was = self.now[one], self.now[other]
        back, there = self._alike(one, was[0]), self._alike(other, was[1])
        here, away = self._alike(one, was[1]), self._alike(other, was[0])
        if _how(was[0]) == _how(was[1]) or not here or not away:
            return
        heard = list({id(answer): answer for answer in (*self._of[one], *self._of[other])}.values())
        before = self._together(one, other, heard)
        self._be(one, self.chance.choice(here))
        self._be(other, self.chance.choice(away))
        gained = self._together(one, other, heard) - before + log(len(here) * len(away) / (len(back) * len(there)))
        if self.chance.random() >= exp(min(0.0, gained)):
            self._be(one, was[0])
            self._be(other, was[1])

    def _alike(self, shelter: str, state: State) -> list[State]:
        return [each for each in self.states[shelter] if _how(each) == _how(state)]

    def _together(self, one: str, other: str, heard: list[Answer]) -> float:
        both = self._likely(one, self.now[one]) + self._likely(other, self.now[other])
        return both + sum(answer.likely(None) for answer in heard)

    def _draw(self, shelter: str, states: list[State]) -> None:
        rows, was = self._shown_by_state(shelter), self.now[shelter]
        known = [answer.known for answer, _ in rows[was]]
        for answer, shown in rows[was]:
            answer.change(shown, -1)
        # How much more likely the answers are beside a place than without it
        logs = [
            self._likely(shelter, state) + sum(answer.likely(shown) - answer.likely(None) for answer, shown in rows[state])
            for state in states
        ]
        most = max(logs)
        self.now[shelter] = now = self.chance.choices(states, [exp(each - most) for each in logs])[0]
        for answer, shown in rows[now]:
            answer.change(shown, 1)
        if now == was:
            for (answer, _), before in zip(rows[was], known, strict=True):
                answer.known = before

    def _shown_by_state(self, shelter: str) -> dict[State, list[tuple[Answer, Shown]]]:
        """Map the states of a shelter to what it would show of itself, in which answers."""
        if (rows := self._rows.get(shelter)) is None:
            heard = [(answer, answer.question.shows[shelter]) for answer in self._of[shelter]]
            rows = self._rows[shelter] = {
                state: [(answer, shown) for answer, shows in heard if (shown := _shown(shows, state[answer.layer]))]
                for state in self.states[shelter]
            }
        return rows

    def _likely(self, shelter: str, state: State) -> float:
        before, after = state
        if before is None:
            return 0.0 if after is None else log(_BECOMES[None, after[1]] * self._share(shelter, after))
        return self._before(shelter, before) + log(_BECOMES[before[1], after[1] if after else None])

    def _before(self, shelter: str, slot: Slot | None) -> float:
        return 0.0 if slot is None else log(self._share(shelter, slot))

    def _share(self, shelter: str, slot: Slot) -> float:
        sort, held = slot
        return self.sorts[shelter][sort] * (_HELD if held else _FREE)[sort.kind]

    def weigh(self, shelter: str) -> float:
        """Compute how much more probable this country is if the household went to a shelter than if it did not."""
        before, after = self.now[shelter]
        if before is None:
            return _WENT[None, None] * prior(self.sorts[shelter])
        how = before[1], after[1] if after else None
        entered = self.sorts[shelter][before[0]] * _ENTERED[before[0].kind] / self._share(shelter, before)
        return entered * _WENT[how] / _BECOMES[how]


def _how(state: State) -> tuple[bool | None, bool | None]:
    before, after = state
    return before[1] if before else None, after[1] if after else None


def _shown(shows: dict[Slot, Shown], slot: Slot | None) -> Shown | None:
    return shows.get(slot) if slot else None
