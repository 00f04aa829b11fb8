"""The queries of a report: everything in it comes from these results, each of which names what it was computed from."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from services.monitor.dutch_calendar import year as year_of
from services.monitor.figures.result import Ask, FigureResult
from services.monitor.query import By, Query

OCCUPANCY: Final = ("occupancy", "occupancy-of-capacity", "occupancy-at-four", "occupancy-with-held", "occupancy-of-beds")
_YEAR: Final = (
    *("capacity", "beds", *OCCUPANCY, "istanbul-places", "istanbul-norm", "istanbul-share", "inhabitants-per-place"),
    *("hotel-nights", "hotel-nights-unended", "hotel-person-nights", "hotel-households", "hotel-persons"),
    *("hotel-nights-by-evidence", "hotel-nights-avoidable"),
    *("searches", "unmet-need", "unmet-share", "placed-within-a-day", "time-to-place-median", "holds"),
    *("waiting", "waiting-time-median", "waiting-time-p90", "regions-waiting"),
    *("municipalities-waiting", "inhabitants-waiting"),
    *("stay-median", "stay-mean", "stay-survival-median"),
)
_QUERIES: Final[dict[str, tuple[tuple[str, ...], tuple[By, ...]]]] = {
    "year": (_YEAR, ()),
    "kinds": (("capacity", "occupancy", "share-full", "stay-survival"), ("kind",)),
    "days": (("occupancy",), ("day",)),
    "months": (("occupancy", "hotel-nights", "waiting", "regions-waiting"), ("month",)),
    "regions": (("capacity", "occupancy", "share-full", "istanbul-share"), ("region",)),
    # Of the year before
    "before": (("hotel-nights",), ("month",)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportAnswers:
    """The results of a report: of the year as a whole, by kind, day, month and region; and of the year before, by month.

    Where each region is too small for an analyst, `regions` is by province.
    """

    year: FigureResult
    kinds: FigureResult
    days: FigureResult
    months: FigureResult
    regions: FigureResult
    before: FigureResult

    @property
    def by_name(self) -> dict[str, FigureResult]:
        """Every result by its name."""
        return {name: getattr(self, name) for name in _QUERIES}


def ask_all(ask: Ask, year: int, advance: Callable[[int], None] = lambda _: None) -> ReportAnswers:
    """Ask for a year. The first result decides up to which records the others look. `advance` is called after each result."""
    results: dict[str, FigureResult] = {}
    for name, (figures, by) in _QUERIES.items():
        offsets = results["year"].offsets if results else None
        query = Query(figures=figures, period=year_of(year - (name == "before")), by=by, offsets=offsets)
        results[name] = ask(query)
        if by == ("region",) and _hides_all(results[name]):
            results[name] = ask(replace(query, by=("province",)))
        advance(1)
    return ReportAnswers(**results)


def _hides_all(result: FigureResult) -> bool:
    return all(row.too_few for figure in result.figures for row in figure.rows[1:])


QUERY_COUNT: Final = len(_QUERIES)
