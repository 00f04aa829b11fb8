"""The figures of data quality: how well the log was kept that all other figures come from."""

from collections.abc import Iterator
from typing import Final

from services.domain.durations import NS_PER_MS
from services.monitor.figures.arithmetic import Calculator, FigureValue
from services.monitor.figures.definitions import check_calculators
from services.monitor.figures.dimensions import NO_REGION
from services.monitor.figures.query_context import QueryContext
from services.monitor.figures.result import Weight
from services.monitor.sql_files import statements

# In the order of the columns of the table
REMARKS: Final = ("late", "correction", "disordered", "double", "oversized")
_SQL: Final = statements(__name__)


def _remarked_events(context: QueryContext) -> Iterator[FigureValue]:
    """Count the events with a remark, and those with each."""
    counts = context.by_cell(_SQL["remarks"], no_region=NO_REGION, ns_per_ms=NS_PER_MS)
    for key in context.wanted:
        total, *of_each = counts.get(key, (0,) * (1 + len(REMARKS)))
        recorded = context.has_records("beds", key) or context.has_records("demand", key)
        yield FigureValue(key, total if recorded else None, Weight(n=total))
        for remark, count in zip(REMARKS, of_each, strict=True):
            yield FigureValue(key, count if recorded else None, Weight(n=count), {"remark": remark})


def _silent_shelters(context: QueryContext) -> Iterator[FigureValue]:
    """Count the registered shelters that were silent for longer than the limit."""
    counts = context.by_cell(_SQL["silent"])
    for key in context.wanted:
        silent, registered = counts.get(key, (0, 0))
        yield FigureValue(key, silent if registered else None, Weight(n=registered, shelters=registered, largest=min(registered, 1)))


QUALITY: Final[dict[str, Calculator]] = check_calculators(
    __name__, {"remarked-events": _remarked_events, "silent-shelters": _silent_shelters}
)
