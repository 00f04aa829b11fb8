"""Days, months and years of Europe/Amsterdam, and the 04:00 of each night, also when the clock goes forward or back.

Instants are milliseconds since 1970 where no other unit is named; an interval has its first instant and not its last.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Final, Literal

from services.adapters.dutch_time import ZONE
from services.domain.durations import DAY_NS, HOUR_NS, SECOND_NS
from services.monitor.query import Period

# Clocks change between two and three: each day has 04:00 once, 23, 24 or 25 hours after the one before
_NIGHT: Final = time(4)
_DAY: Final = timedelta(days=1)
DUTCH_DAY: Final = 23 * 24 * 25 * HOUR_NS
"""A Dutch day as a number: a day of 23, of 24 and of 25 hours are each a whole number of parts of it."""
# Before 1970 clocks had odd seconds, and the tables end in 2262: a day counts 24 hours there
_ZONE_KNOWN: Final = range(292 * 365 * DAY_NS)


def instant(at: datetime) -> int:
    """Return an instant in milliseconds since 1970."""
    return round(at.timestamp() * 1_000)


def local(ms: int) -> datetime:
    """Return the local time of an instant."""
    return datetime.fromtimestamp(ms / 1_000, UTC).astimezone(ZONE)


def midnight(day: date) -> int:
    """Return the instant a day begins."""
    return instant(datetime.combine(day, time(), ZONE))


def four_o_clock(day: date) -> int:
    """Return the instant of 04:00 of a day."""
    return instant(datetime.combine(day, _NIGHT, ZONE))


def year(number: int) -> Period:
    """Return the period of a year."""
    return Period(midnight(date(number, 1, 1)), midnight(date(number + 1, 1, 1)))


def month(name: str) -> Period:
    """Return the period of a month (`2023-03`)."""
    first = date.fromisoformat(f"{name}-01")
    return Period(midnight(first), midnight(_next_month(first)))


def day(of: date) -> Period:
    """Return the period of a day: of 23, 24 or 25 hours."""
    return Period(midnight(of), midnight(of + _DAY))


def nights(start: int, end: int) -> Iterator[date]:
    """List the days with their 04:00 between two instants."""
    day = local(start).date()
    while (four := four_o_clock(day)) < end:
        if four >= start:
            yield day
        day += _DAY


def night_before(at: int) -> int:
    """Return the last 04:00 before an instant."""
    day = local(at).date()
    return next(four for days in range(3) if (four := four_o_clock(day - days * _DAY)) < at)


def split(period: Period, by: Literal["month", "day"]) -> list[Period]:
    """Cut a period where a month or a day begins."""
    edges = [period.start, *_beginnings(period, by), period.end]
    return [Period(start, end) for start, end in pairwise(edges) if start < end]


# A stay is in several cells of a question, and in the next question: as many as a year and a half have
@lru_cache(maxsize=2**15)
def dutch_days(start: int, end: int) -> int:
    """Return how many Dutch days lie between two instants (ns), as a multiple of DUTCH_DAY.

    A day is over when the clock on the wall is where it was at the start, be that 23, 24 or 25 hours later; the last one counts by the part
    of it that has passed.
    """
    if start not in _ZONE_KNOWN or end not in _ZONE_KNOWN:
        return (end - start) * (DUTCH_DAY // DAY_NS)
    began = _local_second(start)
    days = (_local_second(end).date() - began.date()).days
    while days and _same_time(start, began, days) > end:
        days -= 1
    last = _same_time(start, began, days)
    return days * DUTCH_DAY + (end - last) * DUTCH_DAY // (_same_time(start, began, days + 1) - last)


def days_before(instant: int, days: int) -> int:
    """Return the instant (ns) so many Dutch days before another, at the same time by the clock on the wall."""
    return _same_time(instant, _local_second(instant), -days)


def _local_second(ns: int) -> datetime:
    return datetime.fromtimestamp(ns // SECOND_NS, UTC).astimezone(ZONE)


def _same_time(start: int, began: datetime, days: int) -> int:
    """Return the instant (ns) so many days on at which the clock shows the same; where that hour is left out, an hour later."""
    if not days:
        return start
    moved = datetime.combine(began.date() + days * _DAY, began.time(), ZONE)
    return round(moved.timestamp()) * SECOND_NS + start % SECOND_NS


def _beginnings(period: Period, by: Literal["month", "day"]) -> Iterator[int]:
    day = local(period.start).date()
    while (start := midnight(day)) < period.end:
        if start > period.start:
            yield start
        day = _next_month(day) if by == "month" else day + _DAY


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
