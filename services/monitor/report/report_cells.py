"""Cells: what the report shows of a number.

It is a number, unknown, too few (of a cell that is too small for an analyst), or forgotten (it depends on what the log no longer holds).

Guarantees: what is hidden or forgotten is never written as unknown, and none of the three as 0.
"""

from enum import Enum
from typing import Final

from services.monitor.figures.result import Figure, FigureRow, Value


class Hidden(Enum):
    """Why a number is not shown though it may be known."""

    TOO_FEW = "too_few"
    FORGOTTEN = "forgotten"


Cell = Value | Hidden
TOO_FEW: Final = Hidden.TOO_FEW


def cell(row: FigureRow) -> Cell:
    """Return what a row shows."""
    return TOO_FEW if row.too_few else Hidden.FORGOTTEN if row.forgotten else row.value


def whole(figure: Figure) -> Cell:
    """Return what the whole scope and period of a figure shows."""
    return cell(figure.rows[0])


def height(value: Cell) -> float | None:
    """Return a cell as the height of a mark; None where there is no number to draw."""
    return None if value is None or isinstance(value, Hidden) else float(value)


def ratio(part: Cell, of: Cell) -> Cell:
    """Divide two cells; unknown where there is nothing to divide by."""
    if isinstance(part, Hidden):
        return part
    if isinstance(of, Hidden):
        return of
    return None if part is None or not of else part / of
