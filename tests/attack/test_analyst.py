"""What an analyst, who knows a household and the hour of its flight, infers from all that the monitor answers."""

from pathlib import Path

from services.monitor.figures.small_cells.cell_rule import LEAST_SHELTERS
from tests.attack.roles import ANALYST, CELL, roles

_FLIGHTS = 12


def test_f1_an_analyst_finds_a_cell_and_no_shelter(tmp_path: Path) -> None:
    """F1: an analyst names the shelter at most twice as often as chance among five, or public knowledge in the cell, and never surely."""
    found = roles(tmp_path, 7, 9, _FLIGHTS)
    analyst, cell = found.guesses[ANALYST], found.guesses[CELL]
    assert len(analyst.chances) == _FLIGHTS
    assert analyst.right <= 2 / LEAST_SHELTERS
    assert analyst.right <= 2 * cell.right
    assert analyst.certain == 0
