"""What an attacker can infer, compared with trying every possible country."""

import ctypes
import itertools
import random

import pytest

from services.monitor.publication.attacker_bounds import Attacker, is_protected
from services.monitor.publication.release_grid import PARTS, Key

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
    """For two provinces and two figures, with some numbers published, the bounds are those over every pair of tables that agrees."""
    chance = random.Random(seed)
    true = chance.choice([one for one in EVERY if max(one[part("b", province)] for province in SOUTH) < TRIED - 4])
    published = {key: (value + 2) // 5 * 5 for key, value in true.items() if chance.random() < 0.6 and key != part("a", "PV30")}
    possible = [one[part("a", "PV30")] for one in EVERY if all(abs(one[key] - value) <= 2 for key, value in published.items())]
    least, most, _ = Attacker(published, {"a": "b"}).feasible_interval([part("a", "PV30")])
    assert least == min(possible)
    assert min(most, TRIED - 1) == max(possible)


def test_a_sum_less_its_parts_gives_a_hidden_cell_away() -> None:
    """A hidden cell is the rest of its sum unless another part is hidden too; the numbers that reveal it are named."""
    published = {part(): 100, part("a", "PV31"): 95}
    attacker = Attacker(published, {})
    assert attacker.feasible_interval([part("a", "PV30")]) == (1, 9, set(published))
    assert not is_protected(1, 9, 5)
    attacker.retract(part("a", "PV31"))
    assert attacker.feasible_interval([part("a", "PV30")])[:2] == (0, 102)
    assert is_protected(0, 102, 5)


@pytest.mark.parametrize(
    ("least", "most", "value", "hides"), [(0, 10, 4, True), (0, 9, 4, False), (90, 140, 100, True), (90, 139, 100, False)]
)
def test_hidden_means_not_within_ten_nor_within_half(least: float, most: float, value: int, *, hides: bool) -> None:
    """A hidden number has a doubt of at least ten, and of at least half of it."""
    assert is_protected(least, most, value) is hides


def test_the_solver_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    """Standard output, where the answer of a verb is to stand, stays empty while bounds are computed, also for what C writes."""
    Attacker({part(): 100}, {"a": "b"}).feasible_interval([part("a", "PV30")])
    ctypes.CDLL(None).fflush(None)
    assert capfd.readouterr().out == ""
