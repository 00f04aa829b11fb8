"""Whether a cell by itself is publishable, and what stands behind a sum of cells."""

import pytest

from services.monitor.publication.disclosure_rules import Cell, merge, rounded
from services.monitor.publication.release_grid import Key
from tests.monitor.release_cells import Row, cells, rows


@pytest.mark.parametrize(
    ("cell", "publishable"),
    [
        (Cell(300, n=10, shelters=5, share=0.5, organisations=2), True),
        (Cell(300, n=10, shelters=5, share=0.5, organisations=1), False),
        (Cell(300, n=9, shelters=5, share=0.2, organisations=2), False),
        (Cell(300, n=10, shelters=4, share=0.3, organisations=2), False),
        (Cell(300, n=30, shelters=9, share=0.51, organisations=2), False),
        (Cell(), False),
    ],
)
def test_ten_of_five_shelters_of_two_organisations_and_none_above_half(cell: Cell, *, publishable: bool) -> None:
    """The rules of a cell hold at their limits; a cell with nothing behind it is not published as 0."""
    assert cell.publishable is publishable


@pytest.mark.parametrize("area", ["PV23", "PV25", "LD04"])
def test_what_stands_behind_a_rest_is_never_overstated(area: str) -> None:
    """The least that can stand behind several months of an area is never more than what does stand behind them."""
    made = list(rows(3))
    country = cells(made)
    months = [Key("occupied", area, f"2023-{month:02d}") for month in (2, 5, 9)]
    exact = cells([row for row in made if row.month in {key.period for key in months}])[Key("occupied", area, "2023")]
    found = merge(country, months)
    assert (found.value, found.shelters) == (exact.value, exact.shelters)
    assert found.n <= exact.n
    assert found.share >= exact.share


def test_areas_add_up() -> None:
    """Two provinces of three and six shelters have nine, and the largest share of one is smaller in both together."""
    made = [Row("occupied", province, "2023-03", f"{province}-{shelter}", f"{province}-{shelter}-{unit}", 1)
            for province, shelters in (("PV21", 3), ("PV23", 6)) for shelter in range(shelters) for unit in range(2)]  # fmt: skip
    found = merge(cells(made), [Key("occupied", "PV21", "2023-03"), Key("occupied", "PV23", "2023-03")])
    assert found == Cell(18, 18, 9, 1 / 9, 2)


@pytest.mark.parametrize(("value", "published"), [(0, 0), (2, 0), (3, 5), (7, 5), (8, 10), (12, 10), (13, 15)])
def test_every_number_is_rounded_to_five(value: int, published: int) -> None:
    """A number published as v was v-2 to v+2."""
    assert rounded(value) == published
    assert abs(published - value) <= 2
