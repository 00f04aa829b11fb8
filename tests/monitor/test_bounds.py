"""What a stranger can work out, against trying every country there could be."""

import itertools
import random

import pytest

from services.monitor.bounds import Stranger, safe
from services.monitor.grid import PARTS, Key

SOUTH = PARTS["LD04"]
MARCH = "2023-03"
TRIED = 10


def part(figure: str = "a", area: str = "LD04") -> Key:
    """Name a cell of March."""
    return Key(figure, area, MARCH)


def country(a: tuple[int, ...], b: tuple[int, ...]) -> dict[Key, int]:
    """Make a part of the country of two provinces, with two figures and their sums."""
    made = {part(figure, province): value for figure, values in (("a", a), ("b", b)) for province, value in zip(SOUTH, values, strict=True)}
    return made | {part("a"): sum(a), part("b"): sum(b)}


# Ten values a cell: ten thousand countries, less those in which the lesser figure is the greater
EVERY = [
    country(a, b)
    for a, b in itertools.product(itertools.product(range(TRIED), repeat=2), repeat=2)
    if all(lesser <= greater for lesser, greater in zip(a, b, strict=True))
]


@pytest.mark.parametrize("seed", range(40))
def test_the_bounds_are_those_of_every_country_there_could_be(seed: int) -> None:
    """Two provinces, two figures of which one is never the greater, some numbers told: every pair of tables is tried."""
    chance = random.Random(seed)
    true = chance.choice([one for one in EVERY if max(one[part("b", province)] for province in SOUTH) < TRIED - 4])
    told = {key: (value + 2) // 5 * 5 for key, value in true.items() if chance.random() < 0.6 and key != part("a", "PV30")}
    possible = [one[part("a", "PV30")] for one in EVERY if all(abs(one[key] - value) <= 2 for key, value in told.items())]
    least, most, _ = Stranger(told, {"a": "b"}).bounds([part("a", "PV30")])
    assert least == min(possible)
    assert min(most, TRIED - 1) == max(possible)


def test_a_sum_less_its_parts_gives_a_hidden_cell_away() -> None:
    """Unless something else is hidden with it; what gives it away is named."""
    told = {part(): 100, part("a", "PV31"): 95}
    stranger = Stranger(told, {})
    assert stranger.bounds([part("a", "PV30")]) == (1, 9, set(told))
    assert not safe(1, 9, 5)
    stranger.forget(part("a", "PV31"))
    assert stranger.bounds([part("a", "PV30")])[:2] == (0, 102)
    assert safe(0, 102, 5)


@pytest.mark.parametrize(
    ("least", "most", "value", "hides"), [(0, 10, 4, True), (0, 9, 4, False), (90, 140, 100, True), (90, 139, 100, False)]
)
def test_hidden_means_not_within_ten_nor_within_half(least: float, most: float, value: int, *, hides: bool) -> None:
    """A large number needs a wide doubt."""
    assert safe(least, most, value) is hides
