"""Whether a cell by itself may be published (design, section 7): n of 10 or more, of 5 shelters of 2 organisations or more.

None of them has more than half. A shelter counts that was heard of within 30 days. What is published is rounded to 5.
Whether a hidden cell can be computed from the others is another question: cell_suppression.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.monitor.figures.small_cells.cell_rule import LEAST_ORGANISATIONS, LEAST_SHELTERS
from services.monitor.publication.release_grid import Key

LEAST: Final = 10
"""Units, stays, households or requests behind a cell."""
LARGEST_SHARE: Final = 0.5
"""Of one shelter in a cell."""
ROUNDING: Final = 5


@dataclass(frozen=True, slots=True)
class Cell:
    """A number, and what stands behind it: so many, of so many shelters and organisations, of which the largest has this share.

    Where no shelter is part of a figure (hotel nights, searches), `shelters` is how many there are in the area, and the share is 0.
    """

    value: int = 0
    n: int = 0
    shelters: int = 0
    share: float = 0.0
    organisations: int = 0

    @property
    def publishable(self) -> bool:
        """Whether the rules are kept."""
        are_enough = self.shelters >= LEAST_SHELTERS and self.organisations >= LEAST_ORGANISATIONS
        return self.n >= LEAST and are_enough and self.share <= LARGEST_SHARE


Cells = Mapping[Key, Cell]
"""Every cell of the grid, the sums too."""


def merge(cells: Cells, keys: Sequence[Key]) -> Cell:
    """Return the sum of cells, with the least that can stand behind it: of several areas in one period, or several periods of one area.

    Areas have nothing in common, so what stands behind them adds up. Periods may have everything in common: the most of one counts.
    Organisations may be the same in several areas: here too the most of one counts.
    """
    parts = [cells[key] for key in keys]
    value, organisations = sum(part.value for part in parts), max((part.organisations for part in parts), default=0)
    if len({key.area for key in keys}) < len(keys):
        share = max(part.share for part in parts)
        return Cell(value, max(part.n for part in parts), max(part.shelters for part in parts), share, organisations)
    n = sum(part.n for part in parts)
    largest = max(part.share * part.n for part in parts)
    return Cell(value, n, sum(part.shelters for part in parts), largest / n if n else 0.0, organisations)


def rounded(value: int) -> int:
    """Return a value rounded to 5: what is published as v was v-2 to v+2."""
    return (value + ROUNDING // 2) // ROUNDING * ROUNDING
