"""The days of the monitor: Europe/Amsterdam, in which a night is where it is 04:00, also when the clock goes forward or back.

Instants are milliseconds; from one to another is always with the first and without the second.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Final, Literal
from zoneinfo import ZoneInfo

from services.monitor.question import Period

ZONE: Final = ZoneInfo("Europe/Amsterdam")
DAY_MS: Final = 86_400_000
# At four nobody comes or goes. Clocks change between two and three: each day has it once, 23, 24 or 25 hours after the last
_NIGHT: Final = time(4)
_DAY: Final = timedelta(days=1)


def instant(at: datetime) -> int:
    """Tell an instant in milliseconds since 1970."""
    return round(at.timestamp() * 1_000)


def local(ms: int) -> datetime:
    """Tell what the clock on the wall says at an instant."""
    return datetime.fromtimestamp(ms / 1_000, UTC).astimezone(ZONE)


def midnight(day: date) -> int:
    """Tell when a day begins."""
    return instant(datetime.combine(day, time(), ZONE))


def four_o_clock(day: date) -> int:
    """Tell when it is four in the morning of a day."""
    return instant(datetime.combine(day, _NIGHT, ZONE))


def year(of: int) -> Period:
    """Tell from when to when a year lasts."""
    return Period(midnight(date(of, 1, 1)), midnight(date(of + 1, 1, 1)))


def month(of: str) -> Period:
    """Tell from when to when a month (`2023-03`) lasts."""
    first = date.fromisoformat(f"{of}-01")
    return Period(midnight(first), midnight(_next_month(first)))


def nights(start: int, end: int) -> Iterator[date]:
    """List the days whose four o'clock lies from one instant to another."""
    day = local(start).date()
    while (four := four_o_clock(day)) < end:
        if four >= start:
            yield day
        day += _DAY


def night_before(at: int) -> int:
    """Tell when it was four in the morning for the last time before an instant."""
    day = local(at).date()
    return next(four for back in range(3) if (four := four_o_clock(day - back * _DAY)) < at)


def split(period: Period, by: Literal["month", "day"]) -> list[Period]:
    """Cut a period where a month or a day begins."""
    edges = [period.start, *_beginnings(period, by), period.end]
    return [Period(begin, end) for begin, end in pairwise(edges) if begin < end]


def _beginnings(period: Period, by: Literal["month", "day"]) -> Iterator[int]:
    day = local(period.start).date()
    while (begin := midnight(day)) < period.end:
        if begin > period.start:
            yield begin
        day = _next_month(day) if by == "month" else day + _DAY


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
