"""Selects the rows of a figure that a plot or a table shows."""

from collections.abc import Mapping

from services.monitor.figures.result import Figure, FigureRow
from services.monitor.report.report_cells import Cell, cell, whole


def wholes(figure: Figure) -> list[FigureRow]:
    """List the rows beside the whole: one a day, month, kind or region, without their parts."""
    return [row for row in figure.rows[1:] if not row.part]


def parts(figure: Figure, whole: FigureRow | None = None) -> list[FigureRow]:
    """List the parts of the first row, or of another whole, in the order of the result."""
    whole = whole or figure.rows[0]
    return [row for row in figure.rows if row.part and (row.scope, row.start, row.end) == (whole.scope, whole.start, whole.end)]


def shares(figure: Figure, by: str, whole: FigureRow | None = None) -> dict[str, Cell]:
    """Return the parts by one of the things they are by: nights by reason.

    A part that is divided again (declined holds, by reason) is there as a whole too: its own parts are left out, or it counted twice.
    """
    return {row.part[by]: cell(row) for row in parts(figure, whole) if set(row.part) == {by}}


def part_of(figure: Figure, values: Mapping[str, Cell], name: str) -> Cell:
    """Return a part of a figure: 0 where the figure is known and has no such part, and else what the figure shows."""
    value = whole(figure)
    return values.get(name, 0 if isinstance(value, int | float) else value)
