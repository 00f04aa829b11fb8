"""What of a whole is in none of its rows: stays of a unit that was never declared, holds of a shelter that is not registered.

Law: over regions, kinds and months, for as far as a figure adds up over them, the rows and what is left out make up the whole.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from services.monitor.figures.definitions import Axis, Definition
from services.monitor.figures.result import FigureRow
from services.monitor.query import By, Query

LEFT_OUT: Final = {"left_out": "in_no_row"}
"""The part of a whole that is in none of the rows; with the name of another part beside it, of that part."""
_AXES: Final[Mapping[By, Axis]] = {"region": "place", "province": "place", "kind": "kind", "month": "time", "day": "time"}
_Part = tuple[tuple[str, str], ...]


def with_left_out(definition: Definition, query: Query, rows: tuple[FigureRow, ...]) -> tuple[FigureRow, ...]:
    """Return the rows of a figure, behind the whole and its parts what of each is in none of the others, where that is anything.

    Means are left as they are: what they are about belongs to a region and a kind, or is not counted at all.
    """
    whole = sum(1 for _ in _of_whole(rows))
    if not query.by or not {_AXES[by] for by in query.by} <= set(definition.adds_up):
        return rows
    counted = _sums(rows[whole:])
    missing = [(row, row.value - counted[_part(row)]) for row in rows[:whole] if isinstance(row.value, int)]
    left_out = [replace(row, part={**row.part, **LEFT_OUT}, value=value, weight=None) for row, value in missing if value]
    return (*rows[:whole], *left_out, *rows[whole:])


def _of_whole(rows: Iterable[FigureRow]) -> Iterator[FigureRow]:
    """Yield the row of the whole, and of each of its parts."""
    for number, row in enumerate(rows):
        if number and not row.part:
            return
        yield row


def _sums(rows: Iterable[FigureRow]) -> Counter[_Part]:
    sums = Counter[_Part]()
    for row in rows:
        sums[_part(row)] += int(row.value or 0)
    return sums


def _part(row: FigureRow) -> _Part:
    return tuple(sorted(row.part.items()))
