"""Nights, days and months of Europe/Amsterdam, as instants. Milliseconds; a night is its 04:00, which every day has exactly once."""

import itertools
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from services.monitor.question import Period

ZONE: Final = ZoneInfo("Europe/Amsterdam")
# Clocks change between 02:00 and 03:00, so there is one 04:00 a day, 23, 24 or 25 hours after the last
_NIGHT: Final = time(4)
_MIDNIGHT: Final = time(0)


def nights(start: int, end: int) -> list[int]:
    """List the instants 04:00 from `start` up to `end`, that one excluded."""
    return _instants(start, end, _NIGHT, _next_day)


def split(period: Period, by: Literal["month", "day"]) -> list[Period]:
    """Cut a period where a month or a day begins."""
    following = _next_month if by == "month" else _next_day
    first = _local(period.start).replace(day=1) if by == "month" else _local(period.start)
    cuts = [cut for cut in _from(first, period.end, _MIDNIGHT, following) if cut > period.start]
    edges = [period.start, *cuts, period.end]
    return [Period(begin, end) for begin, end in itertools.pairwise(edges) if begin < end]


def _instants(start: int, end: int, at: time, following: Callable[[date], date]) -> list[int]:
    return [instant for instant in _from(_local(start), end, at, following) if instant >= start]


def _from(day: date, end: int, at: time, following: Callable[[date], date]) -> list[int]:
    found = []
    while (instant := int(datetime.combine(day, at, ZONE).timestamp()) * 1_000) < end:
        found.append(instant)
        day = following(day)
    return found


def _local(instant: int) -> date:
    return datetime.fromtimestamp(instant / 1_000, UTC).astimezone(ZONE).date()


def _next_day(day: date) -> date:
    return day + timedelta(days=1)


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
