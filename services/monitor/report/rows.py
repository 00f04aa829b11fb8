"""Finds the rows of an answer that a plot or a table is of."""

from services.monitor.answer import Figure, Row, Value


def wholes(figure: Figure) -> list[Row]:
    """List the rows beside the whole: one a day, month, kind or region, without their parts."""
    return [row for row in figure.rows[1:] if not row.of]


def parts(figure: Figure, of: Row | None = None) -> list[Row]:
    """List the parts of the whole, or of another row, in the order of the answer."""
    whole = figure.rows[0] if of is None else of
    return [row for row in figure.rows if row.of and (row.scope, row.start, row.end) == (whole.scope, whole.start, whole.end)]


def shares(figure: Figure, by: str, of: Row | None = None) -> dict[str, Value]:
    """Add the parts up by one of the things they are by: nights by reason, whatever the accommodation."""
    found: dict[str, Value] = {}
    for row in parts(figure, of):
        if by in row.of:
            before = found.get(row.of[by])
            found[row.of[by]] = row.value if before is None or row.value is None else before + row.value
    return found
