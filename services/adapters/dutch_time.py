"""The clock of the Netherlands: people there read and write days, months and times by it, whatever the zone of a machine."""

from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from services.domain.durations import SECOND_MS, SECOND_NS

ZONE: Final = ZoneInfo("Europe/Amsterdam")


def local_ns(instant: int) -> datetime:
    """Return the local time of an instant in nanoseconds since 1970."""
    return datetime.fromtimestamp(instant / SECOND_NS, UTC).astimezone(ZONE)


def months_before(now: int, months: int) -> int:
    """Return the instant (ms) at which the month began that lies so many months before that of `now` (ms)."""
    at = datetime.fromtimestamp(now / SECOND_MS, ZONE)
    years, month = divmod(at.year * 12 + at.month - 1 - months, 12)
    return round(datetime(years, month + 1, 1, tzinfo=ZONE).timestamp()) * SECOND_MS
