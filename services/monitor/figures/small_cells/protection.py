"""Limits a result to what an analyst may see (design, section 7): the value of a cell that is too small is left out, and it says so.

Guarantees: what is left out follows from what is asked about and from the registrations, never from a number.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Final

from services.domain.durations import HOUR_MS
from services.monitor.dutch_calendar import local
from services.monitor.dutch_calendar import month as month_of
from services.monitor.figures.istanbul_norm import NORM
from services.monitor.figures.query_context import QueryContext
from services.monitor.figures.result import Figure, FigureResult, FigureRow
from services.monitor.figures.small_cells.cell_rule import enough
from services.monitor.figures.small_cells.household_filters import FILTERS, filters_of
from services.monitor.figures.small_cells.members import members_of
from services.monitor.figures.small_cells.month_grid import draw
from services.monitor.query import Period, Scope

# The norm leaves out one kind: beside the figures of all kinds it would reveal the rest
_KINDS_OF: Final = dict.fromkeys(NORM, frozenset({"assisted"}))


class _Cells:
    """Which cells of one query are answered."""

    def __init__(self, context: QueryContext) -> None:
        self._members = members_of(context)
        self._province_of = {code: row.province for code, row in context.store.regions.items()}
        self._filters = filters_of(context.query.household) if context.query.household else ()

    def has(self, figure: Figure, row: FigureRow) -> bool:
        """Return whether a number is answered."""
        kinds = {row.scope.kind} if row.scope.kind else set[str]()
        return self._answers(
            row,
            overflow=figure.definition.figure == "overflow",
            kinds=kinds | _KINDS_OF.get(figure.definition.figure, frozenset()),
            filters=self._filters if figure.definition.needs_household else (),
        )

    def _answers(self, row: FigureRow, *, overflow: bool, kinds: Collection[str], filters: Collection[str]) -> bool:
        provinces = tuple(self._province_of.items())
        any_month = False
        if row.start == row.end and self._members.is_changing(row.start):
            return False
        for month in _months(row):
            if members := self._members.of(month):
                any_month = True
                grid = draw(members, provinces, tuple(FILTERS) if filters else ())
                whole = row.start <= month.start and month.end <= row.end
                if not grid.has(row.scope, overflow=overflow, kinds=kinds, filters=filters):
                    return False
                if not whole and not self._is_steady(month, row.scope):
                    return False
        # Before the first registration there is no shelter, and no number of one
        return any_month or row.value is None

    def _is_steady(self, month: Period, scope: Scope) -> bool:
        """Return whether no shelter came or went alone: two moments of that month, before and after, would show it by itself."""
        changes = ([each for each in members if self._is_in(each.region, scope)] for members in self._members.moves(month))
        return all(enough(changed) for changed in changes if changed)

    def _is_in(self, region: str, scope: Scope) -> bool:
        return scope.region in {None, region} and scope.province in {None, self._province_of.get(region)}


def protect(context: QueryContext, result: FigureResult) -> FigureResult:
    """Return a result without the values of cells that are too small. Its times are full hours."""
    cells = _Cells(context)
    figures = tuple(Figure(figure.definition, tuple(_rows(cells, figure))) for figure in result.figures)
    nation = all(not figure.rows[0].too_few for figure in figures)
    return replace(result, figures=figures, coverage=result.coverage if nation else None)


def _rows(cells: _Cells, figure: Figure) -> Iterator[FigureRow]:
    shown = True
    for row in figure.rows:
        shown = cells.has(figure, row) if not row.part else shown
        rounded = replace(row, end=-(-row.end // HOUR_MS) * HOUR_MS)
        yield rounded if shown else replace(rounded, value=None, weight=None, too_few=True, forgotten=False)


def _months(row: FigureRow) -> Iterator[Period]:
    """Yield the months of Europe/Amsterdam in which the time of a row lies."""
    instant = row.start
    while instant == row.start or instant < row.end:
        month = month_of(f"{local(instant):%Y-%m}")
        yield month
        instant = month.end
