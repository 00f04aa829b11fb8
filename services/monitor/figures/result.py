"""The answer to a query: numbers with their definition, the offsets they were computed from, and how much of the country was heard of.

Law: over regions, kinds and months, for as far as a figure adds up over them, its rows and what is left out make up the whole.
Guarantees: what is unknown is None, written as "unknown" and never as 0. Every number comes from whole numbers by at most one division.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from services.monitor.figures.definitions import Axis, Definition
from services.monitor.query import NATION, By, Offsets, Query, Scope

Value = int | float | None
"""Whole where the unit counts something, a fraction where it is a share, a mean or a length of time; None: unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """What a number rests on: so many units, stays, households or requests. Small numbers must not be published.

    `shelters` and `largest` (how many of them are of the largest shelter) are None where no shelter is part of it. Only
    the number of shelters has `heard`, those heard of within 30 days, and `organisations`, of how many those are.
    """

    n: int
    shelters: int | None = None
    largest: int | None = None
    heard: int | None = None
    organisations: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureRow:
    """One number. `start` and `end` (ms) bound the part of the period it is about; both are T for an instant.

    `part` says which part of the whole it is, by what its definition lists (`{"reason": "at_night"}`); it is empty for the whole.
    `too_few` says that the cell is too small for an analyst, `forgotten` that it depends on a need that is no longer kept and was not
    worked out before; the value is None then.
    """

    scope: Scope = NATION
    start: int
    end: int
    part: Mapping[str, str] = field(default_factory=dict)
    value: Value
    weight: Weight | None = None
    too_few: bool = False
    forgotten: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """The numbers of one figure: the whole scope first, then the rows by region, month and so on, each followed by its parts."""

    definition: Definition
    rows: tuple[FigureRow, ...]

    @property
    def value(self) -> Value:
        """The number of the whole scope and period."""
        return self.rows[0].value

    @property
    def forgotten(self) -> bool:
        """Whether that number is not known because it depends on a need that is no longer kept."""
        return self.rows[0].forgotten


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureResult:
    """Figures in the order asked for. The same query with these `offsets` gives the same digits.

    `clock` is the highest clock (ms) of the records read, None without records. `coverage` is the share of registered shelters that were
    heard of within the limit (contract R9), at the instant or on average over the period. `simulated` says that the log is of no real
    country: every page must show it.
    """

    query: Query
    figures: tuple[Figure, ...]
    offsets: Offsets
    clock: int | None
    coverage: float | None
    fold_version: int
    simulated: bool

    @property
    def shown_clock(self) -> int | None:
        """The clock of the last record; of a protected query the time that it asked by: that of a record shows what a few shelters did."""
        return self.query.as_known_at if self.query.protected and self.clock is not None else self.clock

    @property
    def shown_offsets(self) -> Offsets:
        """The offsets; of a protected query none of any topic, for the same reason."""
        return {topic: {} for topic in self.offsets} if self.query.protected else self.offsets

    def __getitem__(self, figure: str) -> Figure:
        """Return one figure by its id."""
        return next(each for each in self.figures if each.definition.figure == figure)


Ask = Callable[[Query], FigureResult]
"""Answers a query; UnanswerableError when it makes no sense."""


LEFT_OUT: Final = {"left_out": "in_no_row"}
"""The part of a whole that is in none of the rows; with the name of another part beside it, of that part."""
_AXES: Final[Mapping[By, Axis]] = {"region": "place", "province": "place", "kind": "kind", "month": "time", "day": "time"}
_Part = tuple[tuple[str, str], ...]


def with_left_out(definition: Definition, query: Query, rows: tuple[FigureRow, ...]) -> tuple[FigureRow, ...]:
    """Return the rows of a figure, behind the whole and its parts what of each is in none of the others, where that is anything.

    Means are left as they are: what they are about belongs to a region and a kind, or is not counted at all.
    """
    if not query.by or not {_AXES[by] for by in query.by} <= set(definition.adds_up):
        return rows
    whole = next((number for number, row in enumerate(rows) if number and not row.part), len(rows))
    counted = _sums(rows[whole:])
    missing = [(row, row.value - counted[_part(row)]) for row in rows[:whole] if isinstance(row.value, int)]
    left_out = [replace(row, part={**row.part, **LEFT_OUT}, value=value, weight=None) for row, value in missing if value]
    return (*rows[:whole], *left_out, *rows[whole:])


def _sums(rows: Iterable[FigureRow]) -> Counter[_Part]:
    sums = Counter[_Part]()
    for row in rows:
        sums[_part(row)] += int(row.value or 0)
    return sums


def _part(row: FigureRow) -> _Part:
    return tuple(sorted(row.part.items()))
