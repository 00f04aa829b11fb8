"""The clock of the Netherlands: people there read and write days, months and times by it, whatever the zone of a machine."""

from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from services.domain.durations import SECOND_NS

ZONE: Final = ZoneInfo("Europe/Amsterdam")


def local_ns(instant: int) -> datetime:
    """Return the local time of an instant in nanoseconds since 1970."""
    return datetime.fromtimestamp(instant / SECOND_NS, UTC).astimezone(ZONE)
