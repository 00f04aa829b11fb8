"""Answers a query from the interval tables. No other module computes a number of the monitor."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from services.adapters.view.ports import FOLD_VERSION
from services.domain.durations import NS_PER_MS
from services.monitor.figures.arithmetic import Calculator, FigureValue
from services.monitor.figures.definitions import DEFINITIONS, Definition
from services.monitor.figures.demand import DEMAND
from services.monitor.figures.hotels import HOTELS
from services.monitor.figures.istanbul_norm import NORM
from services.monitor.figures.places import PLACES
from services.monitor.figures.quality import QUALITY
from services.monitor.figures.query_context import Key, QueryContext
from services.monitor.figures.result import Figure, FigureResult, FigureRow, with_left_out
from services.monitor.figures.small_cells.protection import protect
from services.monitor.figures.stays import STAYS
from services.monitor.figures.time_full import FULL
from services.monitor.intervals.table_store import TableStore
from services.monitor.query import Query, UnanswerableError
from services.monitor.sql_files import statements

CALCULATORS: Final[dict[str, Calculator]] = {**PLACES, **FULL, **NORM, **STAYS, **HOTELS, **DEMAND, **QUALITY}
"""The calculator of each figure, by its id."""
_SQL: Final = statements(__name__)


def answer(store: TableStore, query: Query) -> FigureResult:
    """Compute the figures of a query from the tables of a store; UnanswerableError when it makes no sense."""
    for name in query.figures:
        _check(name, query)
    with QueryContext(store, query) as context:
        result = FigureResult(
            query=query,
            figures=tuple(_figure(context, DEFINITIONS[name]) for name in query.figures),
            offsets=context.offsets,
            clock=context.clock,
            coverage=_coverage(context),
            fold_version=FOLD_VERSION,
            simulated=store.simulated,
        )
        return protect(context, result) if query.protected else result


def _check(name: str, query: Query) -> None:
    definition = DEFINITIONS.get(name)
    if definition is None:
        raise UnanswerableError("no such figure: see the definitions")
    for error in _errors(definition, query):
        raise UnanswerableError(f"{definition.figure} {error}")


def _errors(definition: Definition, query: Query) -> Iterator[str]:
    if definition.when == "period" and query.period is None:
        yield "needs a period"
    if definition.when == "instant" and query.period is not None:
        yield "needs an instant"
    if not definition.by_kind and (query.scope.kind or "kind" in query.by):
        yield "is not available by kind of unit"
    if definition.needs_household and query.household is None:
        yield "needs a household"


def _figure(context: QueryContext, definition: Definition) -> Figure:
    rows = tuple(_rows(context, CALCULATORS[definition.figure]))
    return Figure(definition, rows if context.query.protected else with_left_out(definition, context.query, rows))


def _rows(context: QueryContext, calculate: Calculator) -> list[FigureRow]:
    """Lay out the values of a figure: cells and times in the order asked for, each whole before its parts."""
    by_key: defaultdict[Key, list[FigureValue]] = defaultdict(list)
    for value in calculate(context):
        by_key[value.key].append(value)
    return [_row(context, value) for key in context.wanted for value in sorted(by_key[key], key=lambda value: bool(value.part))]


def _row(context: QueryContext, value: FigureValue) -> FigureRow:
    cell, idx = value.key
    scope, time = context.dimensions.scopes[cell], context.dimensions.times[idx]
    gone = context.is_forgotten(value.key)
    return FigureRow(
        scope=scope,
        start=time.start,
        end=time.end,
        part=value.part,
        value=None if gone else value.value,
        weight=value.weight,
        forgotten=gone or value.forgotten,
    )


def _coverage(context: QueryContext) -> float | None:
    """Return the share of registered shelters that were heard of within the limit (contract R9); None where none is registered.

    It is averaged over the whole time asked about; of the live view it is the share at its clock.
    """
    context.execute(_SQL["registered"])
    time = context.dimensions.times[0]
    if context.live:
        part, whole = context.rows(_SQL["share_now"], now=time.start * NS_PER_MS, instant=time.a)[0]
    else:
        part, whole = context.rows(_SQL["share_over_time"], a=time.a, b=time.b)[0]
    return int(part or 0) / int(whole) if whole else None
