"""The figures of stays and holds: how long people stayed, where they went, what became of the holds that were requested."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple, get_args

from services.domain.beds.holds import Status
from services.domain.durations import MINUTE_NS, NS_PER_MS
from services.domain.events.value_types import DESTINATIONS
from services.monitor.dutch_calendar import DUTCH_DAY, dutch_days
from services.monitor.figures.arithmetic import Calculator, FigureValue, nearest_rank
from services.monitor.figures.definitions import check_calculators
from services.monitor.figures.dimensions import NO_REGION
from services.monitor.figures.query_context import Key, QueryContext
from services.monitor.figures.result import Weight
from services.monitor.figures.unit_durations import registered_times
from services.monitor.intervals.table_schemas import NEVER
from services.monitor.sql_files import statements

_STATUSES: Final[tuple[Status, ...]] = get_args(Status)
# The days of the survival curve that are given: each of two weeks, then one a week for two years
_DAYS: Final = (*range(14), *range(14, 2 * 365, 7))
_SQL: Final = statements(__name__)


class EndedStay(NamedTuple):
    """A stay that ended in the time asked about, and its length in Dutch days, as a multiple of DUTCH_DAY."""

    shelter: str
    length: int
    destination: str


class StayAge(NamedTuple):
    """The age of a stay when it was first seen in the time asked about, and when it was last seen; whether it ended then.

    Ages are in Dutch days, as multiples of DUTCH_DAY.
    """

    entry: int
    exit: int
    ended: bool


class HoldOutcome(NamedTuple):
    """A hold that was requested in the time: what became of it by its end, and how long (ms) until it was accepted."""

    shelter: str
    status: str
    reason: str | None
    accepted_after: int | None


def _ended_stays(context: QueryContext) -> defaultdict[Key, list[EndedStay]]:
    """List the stays that ended. Only the whole nation has those of units that were never declared, or of no registered shelter."""
    stays: defaultdict[Key, list[EndedStay]] = defaultdict(list)
    context.execute(_SQL["stays_then"])
    for cell, idx, shelter, start, end, destination in context.rows(_SQL["stays_ended"]):
        stays[cell, idx].append(EndedStay(shelter, dutch_days(start, end), destination))
    return stays


def _stay_ages(context: QueryContext) -> defaultdict[Key, list[StayAge]]:
    """List the stays of which a part lies in the time."""
    stays: defaultdict[Key, list[StayAge]] = defaultdict(list)
    context.execute(_SQL["stays_then"])
    for cell, idx, start, seen, last_seen, ended in context.rows(_SQL["stays_lived"]):
        stays[cell, idx].append(StayAge(dutch_days(start, seen), dutch_days(start, last_seen), ended))
    return stays


def _requested_holds(context: QueryContext) -> defaultdict[Key, list[HoldOutcome]]:
    """List the holds requested, by the clock of the log. A hold belongs to the region its shelter was last registered in."""
    holds: defaultdict[Key, list[HoldOutcome]] = defaultdict(list)
    values = {"clock": context.clock or 0, "never": NEVER, "no_region": NO_REGION, "ns_per_ms": NS_PER_MS}
    for cell, idx, *row in context.rows(_SQL["holds_requested"], **values):
        holds[cell, idx].append(HoldOutcome(*row))
    return holds


def kaplan_meier(stays: list[StayAge]) -> Iterator[tuple[int, int]]:
    """Yield the share still present after each whole day, as numerator and denominator: Kaplan-Meier with late entry.

    A stay is at risk on the Dutch days of its life that began within the time asked about; it leaves on the day it ends.
    """
    entries, ends, exits = Counter[int](), Counter[int](), Counter[int]()
    for stay in stays:
        first, last = -(-stay.entry // DUTCH_DAY), stay.exit // DUTCH_DAY
        if first <= last:
            entries[first] += 1
            exits[last] += 1
            ends[last] += stay.ended
    at_risk, part, whole = 0, 1, 1
    for day in range(_DAYS[-1]):
        at_risk += entries[day]
        if ends[day]:
            part, whole = part * (at_risk - ends[day]), whole * at_risk
        at_risk -= exits[day]
        yield part, whole


def _length(formula: Callable[[list[int]], float]) -> Calculator:
    """Make a calculator of a formula over the lengths of the stays that ended, in parts of DUTCH_DAY."""

    def calculate(context: QueryContext) -> Iterator[FigureValue]:
        by_key = _ended_stays(context)
        for key in context.wanted:
            stays = by_key[key]
            yield FigureValue(key, formula([stay.length for stay in stays]) if stays else None, _weight(stays))

    return calculate


def _stays_ended(context: QueryContext) -> Iterator[FigureValue]:
    """Count the stays that ended, by where the household went."""
    by_key, known = _ended_stays(context), registered_times(context)
    for key in context.wanted:
        stays, is_known = by_key[key], key in known
        yield FigureValue(key, len(stays) if is_known else None, _weight(stays))
        for destination in DESTINATIONS:
            left = [stay for stay in stays if stay.destination == destination]
            yield FigureValue(key, len(left) if is_known else None, _weight(left), {"destination": destination})


def _survival(context: QueryContext) -> Iterator[FigureValue]:
    """Compute the share of stays still present after so many days."""
    by_key = _stay_ages(context)
    for key in context.wanted:
        stays = by_key[key]
        curve = [(1, 1), *kaplan_meier(stays)]
        yield FigureValue(key, 1.0 if stays else None, Weight(n=len(stays)))
        for day in _DAYS:
            part, whole = curve[day]
            yield FigureValue(key, part / whole if stays else None, None, {"day": str(day)})


def _survival_median(context: QueryContext) -> Iterator[FigureValue]:
    """Find the number of days after which half of the stays are still present, or fewer."""
    by_key = _stay_ages(context)
    for key in context.wanted:
        stays = by_key[key]
        halved = (day for day, (part, whole) in enumerate(kaplan_meier(stays), 1) if 2 * part <= whole)
        yield FigureValue(key, next(halved, None) if stays else None, Weight(n=len(stays)))


def _holds(context: QueryContext) -> Iterator[FigureValue]:
    """Count the holds by outcome, and those of an outcome by reason."""
    by_key = _requested_holds(context)
    for key in context.wanted:
        holds, recorded = by_key[key], context.has_records("beds", key)
        yield FigureValue(key, len(holds) if recorded else None, _weight(holds))
        for status in _STATUSES:
            of_status = [hold for hold in holds if hold.status == status]
            yield FigureValue(key, len(of_status) if recorded else None, _weight(of_status), {"outcome": status})
            for reason in sorted({hold.reason for hold in of_status if hold.reason}):
                of_reason = [hold for hold in of_status if hold.reason == reason]
                yield FigureValue(key, len(of_reason), _weight(of_reason), {"outcome": status, "reason": reason})


def _hold_answer_median(context: QueryContext) -> Iterator[FigureValue]:
    """Compute the median time, in minutes, until a shelter accepted a hold."""
    by_key = _requested_holds(context)
    for key in context.wanted:
        accepted = [hold for hold in by_key[key] if hold.accepted_after is not None]
        times = [hold.accepted_after * NS_PER_MS for hold in accepted if hold.accepted_after is not None]
        yield FigureValue(key, nearest_rank(times, 1, 2) / MINUTE_NS if times else None, _weight(accepted))


def _weight(rows: list[EndedStay] | list[HoldOutcome]) -> Weight:
    by_shelter = Counter(row.shelter for row in rows)
    return Weight(n=len(rows), shelters=len(by_shelter), largest=max(by_shelter.values(), default=0))


STAYS: Final[dict[str, Calculator]] = check_calculators(
    __name__,
    {
        "stays-ended": _stays_ended,
        "stay-median": _length(lambda lengths: nearest_rank(lengths, 1, 2) / DUTCH_DAY),
        "stay-p90": _length(lambda lengths: nearest_rank(lengths, 9, 10) / DUTCH_DAY),
        "stay-mean": _length(lambda lengths: sum(lengths) / (len(lengths) * DUTCH_DAY)),
        "stay-survival": _survival,
        "stay-survival-median": _survival_median,
        "holds": _holds,
        "hold-answer-median": _hold_answer_median,
    },
)
