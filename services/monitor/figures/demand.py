"""The figures of requests and waiting lists: how many households asked, how that ended, how long it took.

A request is a chain of searches for the same household (`again_of`), from one that follows no known search. Searches that follow each
other in a ring have no first one, and are no request.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from services.adapters.regions import RegionRow
from services.domain.durations import DAY_NS, MINUTE_NS
from services.domain.events.value_types import SEARCH_OUTCOMES
from services.monitor.dutch_calendar import DUTCH_DAY, dutch_days
from services.monitor.figures.arithmetic import Calculator, FigureValue, mean, nearest_rank, share
from services.monitor.figures.definitions import check_calculators
from services.monitor.figures.query_context import Key, QueryContext
from services.monitor.figures.result import Weight
from services.monitor.intervals.known_rows import OPEN
from services.monitor.sql_files import statements

_MET: Final = ("held", "waiting_list")
_OUTCOMES: Final = (*SEARCH_OUTCOMES, OPEN)
_UNMET: Final = tuple(outcome for outcome in SEARCH_OUTCOMES if outcome not in _MET)
_SQL: Final = statements(__name__)


class PlaceRequest(NamedTuple):
    """A chain of searches: how it ended, and how long (ns) after its first search it first ended in a hold."""

    outcome: str
    held_after: int | None


def _requests(context: QueryContext) -> defaultdict[Key, Counter[PlaceRequest]]:
    """Count the requests with their first search in the time, by its region. A million requests have a few thousand different values."""
    requests: defaultdict[Key, Counter[PlaceRequest]] = defaultdict(Counter)
    context.known.follow_requests()
    for cell, idx, outcome, held_after, count in context.rows(_SQL["requests"]):
        requests[cell, idx][PlaceRequest(outcome, held_after)] = count
    return requests


def _by_outcome(outcomes: tuple[str, ...]) -> Calculator:
    """Make a calculator that counts the requests that ended in one of some ways, and those of each."""

    def calculate(context: QueryContext) -> Iterator[FigureValue]:
        requests = _requests(context)
        for key in context.wanted:
            recorded, counts = context.has_records("demand", key), _outcomes(requests[key])
            total = sum(counts[outcome] for outcome in outcomes)
            yield FigureValue(key, total if recorded else None, Weight(n=total))
            for outcome in outcomes:
                count = counts[outcome]
                yield FigureValue(key, count if recorded else None, Weight(n=count), {"outcome": outcome})

    return calculate


def _outcomes(requests: Counter[PlaceRequest]) -> Counter[str]:
    counts = Counter[str]()
    for request, count in requests.items():
        counts[request.outcome] += count
    return counts


def _unmet_share(context: QueryContext) -> Iterator[FigureValue]:
    """Divide the unmet requests by those that have ended."""
    requests = _requests(context)
    for key in context.wanted:
        counts = _outcomes(requests[key])
        ended = counts.total() - counts[OPEN]
        yield FigureValue(key, share(sum(counts[outcome] for outcome in _UNMET), ended), Weight(n=ended))


def _placed_within_a_day(context: QueryContext) -> Iterator[FigureValue]:
    """Divide the requests that ended in a hold within a day by all of them."""
    requests = _requests(context)
    for key in context.wanted:
        total = requests[key].total()
        placed = sum(count for request, count in requests[key].items() if request.held_after is not None and request.held_after < DAY_NS)
        yield FigureValue(key, share(placed, total), Weight(n=total))


def _times_to_place(context: QueryContext) -> Callable[[Key], list[int]]:
    requests = _requests(context)
    return lambda key: [request.held_after for request in requests[key].elements() if request.held_after is not None]


def _waiting_times(context: QueryContext) -> Callable[[Key], list[int]]:
    """List how long each household waited that left a list for a place, in Dutch days as multiples of DUTCH_DAY."""
    times: defaultdict[Key, list[int]] = defaultdict(list)
    for cell, idx, start, end in context.rows(_SQL["placed_after"]):
        times[cell, idx].append(dutch_days(start, end))
    return lambda key: times[key]


def _percentile(times_of: Callable[[QueryContext], Callable[[Key], list[int]]], numerator: int, denominator: int, unit: int) -> Calculator:
    """Make a calculator of a percentile of times, in the unit that so many parts of theirs make up."""

    def calculate(context: QueryContext) -> Iterator[FigureValue]:
        times_by_key = times_of(context)
        for key in context.wanted:
            times = times_by_key(key)
            yield FigureValue(key, nearest_rank(times, numerator, denominator) / unit if times else None, Weight(n=len(times)))

    return calculate


def _waiting(context: QueryContext) -> Iterator[FigureValue]:
    """Count the open entries."""
    times = context.by_cell(_SQL["waiting_times"])
    for key in context.wanted:
        time, count = times.get(key, (0, 0))
        recorded = context.has_records("demand", key)
        yield FigureValue(key, mean(int(time), context.length(key)) if recorded else None, Weight(n=count))


def _share_waiting(size: Callable[[RegionRow], int | None]) -> Calculator:
    """Make a calculator of the share of time that the regions had an open entry, each counted by its size; unknown where one has none."""

    def calculate(context: QueryContext) -> Iterator[FigureValue]:
        times: defaultdict[Key, dict[str, int]] = defaultdict(dict)
        for cell, idx, region, time in context.rows(_SQL["regions_waiting"]):
            times[cell, idx][region] = int(time)
        for key in context.wanted:
            sizes = {region.code: size(region) for region in context.regions(key)}
            known = {region: number for region, number in sizes.items() if number is not None}
            waiting = sum(time * known.get(region, 0) for region, time in times[key].items())
            value = share(waiting, context.length(key) * sum(known.values()))
            is_known = context.has_records("demand", key) and len(known) == len(sizes)
            yield FigureValue(key, value if is_known else None, Weight(n=len(times[key])))

    return calculate


DEMAND: Final[dict[str, Calculator]] = check_calculators(
    __name__,
    {
        "searches": _by_outcome(_OUTCOMES),
        "unmet-need": _by_outcome(_UNMET),
        "unmet-share": _unmet_share,
        "placed-within-a-day": _placed_within_a_day,
        "time-to-place-median": _percentile(_times_to_place, 1, 2, MINUTE_NS),
        "time-to-place-p90": _percentile(_times_to_place, 9, 10, MINUTE_NS),
        "waiting": _waiting,
        "waiting-time-median": _percentile(_waiting_times, 1, 2, DUTCH_DAY),
        "waiting-time-p90": _percentile(_waiting_times, 9, 10, DUTCH_DAY),
        "regions-waiting": _share_waiting(lambda _: 1),
        "municipalities-waiting": _share_waiting(lambda region: region.municipalities),
        "inhabitants-waiting": _share_waiting(lambda region: region.inhabitants),
    },
)
