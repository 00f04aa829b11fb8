"""What may be told of a cell by itself, and of what is left of a sum."""

import pytest

from services.monitor.disclosure import Cell, rest, rounded
from services.monitor.grid import Key
from tests.monitor.countries import Row, cells, rows


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        (Cell(300, n=10, shelters=5, share=0.5), True),
        (Cell(300, n=9, shelters=5, share=0.2), False),
        (Cell(300, n=10, shelters=4, share=0.3), False),
        (Cell(300, n=30, shelters=9, share=0.51), False),
        (Cell(), False),
    ],
)
def test_ten_of_five_shelters_and_none_above_half(cell: Cell, *, told: bool) -> None:
    """The three rules of a cell, each at its limit; nothing is not told as 0."""
    assert cell.may_be_told is told


@pytest.mark.parametrize("area", ["PV23", "PV25", "LD04"])
def test_what_stands_behind_a_rest_is_never_overstated(area: str) -> None:
    """Of months of one area, whose units are mostly the same, and of areas, which have nothing in common."""
    made = list(rows(3))
    country = cells(made)
    months = [Key("occupied", area, f"2023-{month:02d}") for month in (2, 5, 9)]
    exact = cells([row for row in made if row.month in {key.period for key in months}])[Key("occupied", area, "2023")]
    found = rest(country, months)
    assert (found.value, found.shelters) == (exact.value, exact.shelters)
    assert found.n <= exact.n
    assert found.share >= exact.share


def test_areas_add_up() -> None:
    """Two provinces of three and six shelters are nine, and the larger share of one is a smaller one of both."""
    made = [Row("occupied", province, "2023-03", f"{province}-{shelter}", f"{province}-{shelter}-{unit}", 1)
            for province, shelters in (("PV21", 3), ("PV23", 6)) for shelter in range(shelters) for unit in range(2)]  # fmt: skip
    found = rest(cells(made), [Key("occupied", "PV21", "2023-03"), Key("occupied", "PV23", "2023-03")])
    assert found == Cell(18, 18, 9, 1 / 9)


@pytest.mark.parametrize(("value", "told"), [(0, 0), (2, 0), (3, 5), (7, 5), (8, 10), (12, 10), (13, 15)])
def test_every_number_is_rounded_to_five(value: int, told: int) -> None:
    """What is told as v was v-2 to v+2."""
    assert rounded(value) == told
    assert abs(told - value) <= 2
