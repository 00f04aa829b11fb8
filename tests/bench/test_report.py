"""Ratios are taken within a round, and an aim is a least for rates and a most for milliseconds."""

from typing import Any

import pytest

from tests.bench.contest import Contest, Contestant, Rival
from tests.bench.report import Result, ratios


async def nothing() -> int:
    """Do nothing."""
    return 0


def contestant(name: str) -> Contestant:
    """Make one that never runs."""
    return Contestant(name=name, argv=[], progress=nothing, events=1)


def test_a_ratio_is_the_median_of_the_rounds() -> None:
    """The ratio is the median of the rounds: one in which the machine was slow counts no more than another."""
    contest = Contest(row="x", first=contestant("ours"), rivals=[Rival(contestant=contestant("theirs"), aim=2.0)])
    contest.rates = {"ours": [30.0, 10.0, 40.0], "theirs": [10.0, 10.0, 20.0]}
    [result] = ratios(contest)
    assert (result.value, result.rounds, result.reached) == (2.0, [3.0, 1.0, 2.0], True)


@pytest.mark.parametrize(
    ("unit", "value", "aim", "reached"),
    [
        ("times", 0.8, 0.8, True),
        ("times", 0.79, 0.8, False),
        ("times as long", 11.0, 11.0, True),
        ("times as long", 11.1, 11.0, False),
        ("ms", 25.0, 25.0, True),
        ("ms", 25.1, 25.0, False),
        ("ms", 1.0, None, None),
        ("/s", 9.0, 9.0, True),
        ("MiB", 9.1, 9.0, False),
    ],
)
def test_an_aim_is_reached_or_not(unit: Any, value: float, aim: Any, reached: Any) -> None:
    """A rate must be at least its aim, a time at most; a result without an aim reaches none."""
    assert Result(row="x", what="y", unit=unit, value=value, aim=aim).reached is reached
