"""What may be told of a cell by itself (design, section 7): ten or more, of five shelters or more, none of them above half. Rounded to 5.

Whether a cell that is not told can be worked out from the others is another question: hiding.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.monitor.grid import Key

LEAST: Final = 10
"""Of units, stays, households or requests behind a cell."""
LEAST_SHELTERS: Final = 5
ROUNDING: Final = 5


@dataclass(frozen=True, slots=True)
class Cell:
    """A number, and what stands behind it: so many, of so many shelters, of which the largest has this share.

    Where no shelter is part of a figure (hotel nights, searches), `shelters` is how many there are in the area, and the share is 0.
    """

    value: int = 0
    n: int = 0
    shelters: int = 0
    share: float = 0.0

    @property
    def may_be_told(self) -> bool:
        """Say whether the three rules are kept."""
        return self.n >= LEAST and self.shelters >= LEAST_SHELTERS and self.share <= 1 / 2


Cells = Mapping[Key, Cell]
"""Every cell of the grid, the sums too."""


def rest(cells: Cells, keys: Sequence[Key]) -> Cell:
    """Tell what at least stands behind the sum of some cells: of several areas in one period, or of several periods in one area.

    Areas have nothing in common, so what stands behind them adds up. Periods may have everything in common: the most of one counts.
    """
    parts = [cells[key] for key in keys]
    value = sum(part.value for part in parts)
    if len({key.area for key in keys}) < len(keys):
        return Cell(value, max(part.n for part in parts), max(part.shelters for part in parts), max(part.share for part in parts))
    n = sum(part.n for part in parts)
    largest = max(part.share * part.n for part in parts)
    return Cell(value, n, sum(part.shelters for part in parts), largest / n if n else 0.0)


def rounded(value: int) -> int:
    """Round to 5; what is told as v was v-2 to v+2."""
    return (value + ROUNDING // 2) // ROUNDING * ROUNDING
