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
            inhabitants = sum(context.store.regions[region].inhabitants for region in context.dimensions.regions[key[0]])
            places = int(unit_times.get(key, (0,))[0])
            yield FigureValue(key, formula(places, context.length(key), inhabitants) if key in known else None, weight[key])

    return calculate


NORM: Final[dict[str, Calculator]] = check_calculators(
    __name__,
    {
        "istanbul-places": _figure(lambda places, length, _: mean(places, length)),
        "istanbul-norm": _figure(lambda _, __, inhabitants: inhabitants / _INHABITANTS_PER_PLACE),
        "istanbul-share": _figure(lambda places, length, inhabitants: share(places * _INHABITANTS_PER_PLACE, length * inhabitants)),
        "inhabitants-per-place": _figure(lambda places, length, inhabitants: share(inhabitants * length, places)),
    },
)
