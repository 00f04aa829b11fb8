"""The figures of the time without a free place: of any kind, or none that takes a given household."""

from collections.abc import Callable, Iterator
from typing import Final

from services.domain.durations import MINUTE_NS
from services.monitor.figures.arithmetic import Calculator, FigureValue, share
from services.monitor.figures.definitions import check_calculators
from services.monitor.figures.household_fit import fitting_offers
from services.monitor.figures.query_context import TEXT, Key, QueryContext
from services.monitor.figures.result import Value
from services.monitor.figures.unit_durations import weights
from services.monitor.query import UnanswerableError
from services.monitor.sql_files import statements

_SQL: Final = statements(__name__)


def _figure(formula: Callable[[int, int], Value], *, for_household: bool = False) -> Calculator:
    """Make a calculator of a formula over how long (ns) there were units, and how long none of them was free."""

    def calculate(context: QueryContext) -> Iterator[FigureValue]:
        times, weight = _times(context, for_household=for_household), weights(context)
        for key in context.wanted:
            yield FigureValue(key, formula(*times.get(key, (0, 0))), weight[key])

    return calculate


def _times(context: QueryContext, *, for_household: bool) -> dict[Key, tuple[int, int]]:
    """Return how long there were units, and how long none was free, or none that takes the household."""
    offers = _fitting_offers(context) if for_household else []
    context.create_table("fitting", {"offer": TEXT}, ((offer,) for offer in offers))
    times = context.by_cell(_SQL["times_full"], for_household=for_household)
    return {key: (int(present), int(full)) for key, (present, full) in times.items()}


def _fitting_offers(context: QueryContext) -> list[str]:
    household = context.query.household
    if household is None:
        raise UnanswerableError("this figure needs a household")
    return fitting_offers([offer for (offer,) in context.rows(_SQL["offers"])], household)


def _minutes(present: int, full: int) -> Value:
    return full / MINUTE_NS if present else None


def _share(present: int, full: int) -> Value:
    return share(full, present)


FULL: Final[dict[str, Calculator]] = check_calculators(
    __name__,
    {
        "minutes-full": _figure(_minutes),
        "share-full": _figure(_share),
        "minutes-none-fitting": _figure(_minutes, for_household=True),
        "share-none-fitting": _figure(_share, for_household=True),
    },
)
