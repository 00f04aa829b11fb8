"""Selects the rows of a figure that a plot or a table shows."""

from services.monitor.figures.result import Figure, FigureRow, Value


def wholes(figure: Figure) -> list[FigureRow]:
    """List the rows beside the whole: one a day, month, kind or region, without their parts."""
    return [row for row in figure.rows[1:] if not row.part]


def parts(figure: Figure, whole: FigureRow | None = None) -> list[FigureRow]:
    """List the parts of the first row, or of another whole, in the order of the result."""
    whole = whole or figure.rows[0]
    return [row for row in figure.rows if row.part and (row.scope, row.start, row.end) == (whole.scope, whole.start, whole.end)]


def shares(figure: Figure, by: str, whole: FigureRow | None = None) -> dict[str, Value]:
    """Add the parts up by one of the things they are by: nights by reason, whatever the accommodation."""
    sums: dict[str, Value] = {}
    for row in parts(figure, whole):
        if by in row.part:
            before = sums.get(row.part[by])
            sums[row.part[by]] = row.value if before is None or row.value is None else before + row.value
    return sums
