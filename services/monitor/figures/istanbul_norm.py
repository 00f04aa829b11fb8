"""The figures of the Istanbul norm: places of all kinds but `assisted` against inhabitants."""

from collections.abc import Callable, Iterator
from typing import Final

from services.monitor.figures.arithmetic import Calculator, FigureValue, mean, share
from services.monitor.figures.definitions import check_calculators
from services.monitor.figures.query_context import QueryContext
from services.monitor.figures.result import Value
from services.monitor.figures.unit_durations import registered_times, weights
from services.monitor.sql_files import statements

# Explanatory report to the Istanbul Convention, article 23
_INHABITANTS_PER_PLACE: Final = 10_000
_EXCLUDED_KIND: Final = "assisted"
_SQL: Final = statements(__name__)


def _figure(formula: Callable[[int, int, int], Value]) -> Calculator:
    """Make a calculator of a formula over the unit-time of its places (ns), the length of the time (ns) and the inhabitants."""

    def calculate(context: QueryContext) -> Iterator[FigureValue]:
        unit_times = context.by_cell(_SQL["norm_times"], excluded_kind=_EXCLUDED_KIND)
        known, weight = registered_times(context), weights(context)
        for key in context.wanted:
            places = int(unit_times.get(key, (0,))[0])
            value = formula(places, context.length(key), context.inhabitants(key)) if key in known else None
            yield FigureValue(key, value, weight[key])

    return calculate


def _norm(context: QueryContext) -> Iterator[FigureValue]:
    """Divide the inhabitants; a region without a shelter is asked for places too, so only a log without a record leaves it unknown."""
    weight = weights(context)
    for key in context.wanted:
        asked = context.inhabitants(key) / _INHABITANTS_PER_PLACE
        yield FigureValue(key, asked if context.has_records("beds", key) else None, weight[key])


NORM: Final[dict[str, Calculator]] = check_calculators(
    __name__,
    {
        "istanbul-places": _figure(lambda places, length, _: mean(places, length)),
        "istanbul-norm": _norm,
        "istanbul-share": _figure(lambda places, length, inhabitants: share(places * _INHABITANTS_PER_PLACE, length * inhabitants)),
        "inhabitants-per-place": _figure(lambda places, length, inhabitants: share(inhabitants * length, places)),
    },
)
