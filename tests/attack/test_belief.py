"""What an insider may believe: as much as the answers say, and no more."""

from collections import Counter
from random import Random

import pytest

from tests.attack.belief import Belief
from tests.attack.questions import Question, Shown, Sort
from tests.attack.variants import Label

SORT = Sort("crisis", 1, 2, ())
NORTH: Label = ("north", "crisis", "exact")


def _asked(*shelters: str) -> Question:
    return Question({}, {shelter: {(SORT, False): Shown(0, NORTH)} for shelter in shelters})


def _believed(belief: Belief) -> dict[str, float]:
    weights: Counter[str] = Counter()
    for _ in range(300):
        belief.sweep()
        weights.update({shelter: belief.weigh(shelter) for shelter in belief.sorts})
    return {shelter: weight / weights.total() for shelter, weight in weights.items()}


@pytest.mark.parametrize(("narrowed", "berk"), [(("berk", "den"), 0.5), (("berk",), 1.0)])
def test_a_place_that_goes_is_of_one_that_could_show_it(narrowed: tuple[str, ...], berk: float) -> None:
    """A place that is gone after the hour is shared between the two that could have shown it; a narrower question leaves one of them."""
    belief = Belief({name: {SORT: 1} for name in ("berk", "den", "els")}, Random(1))
    belief.hear(_asked("berk", "den", "els"), 0, Counter({NORTH: 1}), 0)
    belief.hear(_asked("els"), 0, Counter(), 0)
    belief.hear(_asked(*narrowed), 0, Counter({NORTH: 1}), 0)
    belief.turn()
    belief.hear(_asked("berk", "den", "els"), 1, Counter(), 0)
    found = _believed(belief)
    of_both = found["berk"] + found["den"]
    assert of_both > 0.8
    assert found["berk"] / of_both == pytest.approx(berk, abs=0.15)


def test_what_is_still_there_did_not_go() -> None:
    """A place that is offered after the hour as before it makes its shelter ten times less probable."""
    belief = Belief({name: {SORT: 1} for name in ("berk", "den")}, Random(1))
    for shelter in ("berk", "den"):
        belief.hear(_asked(shelter), 0, Counter({NORTH: 1}), 0)
    belief.turn()
    belief.hear(_asked("berk"), 1, Counter({NORTH: 1}), 0)
    belief.hear(_asked("den"), 1, Counter(), 0)
    found = _believed(belief)
    assert found["den"] > 10 * found["berk"]


def test_an_offer_that_is_named_is_known() -> None:
    """An offer that was held, and its telephone number read, belongs to that shelter."""
    belief = Belief({name: {SORT: 1} for name in ("berk", "den")}, Random(1))
    both = _asked("berk", "den")
    belief.hear(both, 0, Counter({NORTH: 1}), 0)
    belief.name("den", both, 0, NORTH)
    belief.sweep()
    assert belief.now["den"][0] == (SORT, False)
