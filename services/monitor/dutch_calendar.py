"""Days, months and years of Europe/Amsterdam, and the 04:00 of each night, also when the clock goes forward or back.

Instants are milliseconds since 1970; an interval has its first instant and not its last.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Final, Literal

from services.adapters.dutch_time import ZONE
from services.monitor.query import Period

# Clocks change between two and three: each day has 04:00 once, 23, 24 or 25 hours after the one before
_NIGHT: Final = time(4)
_DAY: Final = timedelta(days=1)


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


def _beginnings(period: Period, by: Literal["month", "day"]) -> Iterator[int]:
    day = local(period.start).date()
    while (start := midnight(day)) < period.end:
        if start > period.start:
            yield start
        day = _next_month(day) if by == "month" else day + _DAY


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
