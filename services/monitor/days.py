"""The days of the monitor: Europe/Amsterdam, in which a night is where it is 04:00, also when the clock goes forward or back."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from services.monitor.question import Period

ZONE: Final = ZoneInfo("Europe/Amsterdam")
DAY_MS: Final = 86_400_000
# At four nobody comes or goes, and no clock change makes that hour twice or not at all
_NIGHT: Final = time(4)


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
    return Period(midnight(first), midnight((first + timedelta(days=31)).replace(day=1)))


def nights(after: int, until: int) -> Iterator[date]:
    """List the days whose four o'clock lies after an instant, and not after another."""
    day = local(after).date()
    while four_o_clock(day) <= until:
        if four_o_clock(day) > after:
            yield day
        day += timedelta(days=1)


def night_before(at: int) -> int:
    """Tell when it was four in the morning for the last time before an instant."""
    day = local(at).date()
    return next(four for back in range(3) if (four := four_o_clock(day - timedelta(days=back))) < at)
