"""What the insider believes: as much as the answers tell him, and no more. A doubt that finds nothing protects nobody."""

from collections import Counter
from random import Random

import pytest

from tests.attack.belief import Belief
from tests.attack.questions import Label, Question, Shown, Sort

SORT: Sort = ("crisis", 3)
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
    """Of two that could, half of what he believes; asked for one alone, all of it. What is left is the others' unseen places."""
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
    """A place that is offered after the hour as before it speaks against its shelter."""
    belief = Belief({name: {SORT: 1} for name in ("berk", "den")}, Random(1))
    for shelter in ("berk", "den"):
        belief.hear(_asked(shelter), 0, Counter({NORTH: 1}), 0)
    belief.turn()
    belief.hear(_asked("berk"), 1, Counter({NORTH: 1}), 0)
    belief.hear(_asked("den"), 1, Counter(), 0)
    found = _believed(belief)
    assert found["den"] > 10 * found["berk"]


def test_an_offer_that_is_named_is_known() -> None:
    """Held, and its telephone number read."""
    belief = Belief({name: {SORT: 1} for name in ("berk", "den")}, Random(1))
    both = _asked("berk", "den")
    belief.hear(both, 0, Counter({NORTH: 1}), 0)
    belief.name("den", both, 0, NORTH)
    belief.sweep()
    assert belief.now["den"][0] == (SORT, False)
