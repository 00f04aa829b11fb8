"""Time in the country, in milliseconds since 1970: what the clock on the wall says there, and what the log's clock says meanwhile."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
YEAR = 365 * DAY

# Winter time all year: an hour more or less changes nothing that is measured here
_ZONE = HOUR
_MORNING, _EVENING = 8, 20


def year_of(instant: int) -> int:
    """Tell the year."""
    return datetime.fromtimestamp((instant + _ZONE) / 1_000, UTC).year


def start_of_year(year: int) -> int:
    """Tell when a year begins there."""
    return int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) * 1_000 - _ZONE


def hour_of(instant: int) -> int:
    """Tell the hour of the day, 0 to 23."""
    return (instant + _ZONE) // HOUR % 24


def start_of_day(instant: int) -> int:
    """Tell when the day of an instant began there."""
    return (instant + _ZONE) // DAY * DAY - _ZONE


def night(instant: int) -> bool:
    """Say whether offices are shut."""
    return not _MORNING <= hour_of(instant) < _EVENING


def by_day(instant: int, into: int) -> int:
    """Put off what happens at night to so long after the next morning."""
    if not night(instant):
        return instant
    morning = start_of_day(instant) + _MORNING * HOUR
    return (morning if morning > instant else morning + DAY) + into


def season(instant: int, strength: float) -> float:
    """Tell how much busier than usual it is: twice a year, in January and in July."""
    return 1 + strength * math.cos(4 * math.pi * ((instant + _ZONE) % YEAR) / YEAR)


def nights(start: int, end: int) -> int:
    """Count the nights between two instants: how often it was four in the morning."""
    return (end + _ZONE - 4 * HOUR) // DAY - (start + _ZONE - 4 * HOUR) // DAY


@dataclass(frozen=True, slots=True)
class Scale:
    """How the log's clock runs beside the country's: `speed` times as slowly, from `start` on, when it says `says` (the same unless told).

    Earlier times are those of the scale `before`; without one they are left as they are.
    """

    start: int
    speed: float = 1.0
    says: int | None = None
    before: "Scale | None" = None

    def logged(self, instant: int) -> int:
        """Tell what the log's clock says at an instant of the country."""
        if instant < self.start:
            return self.before.logged(instant) if self.before else instant
        return (self.start if self.says is None else self.says) + round((instant - self.start) / self.speed)

    def seconds(self, seconds: int) -> int:
        """Shorten a time that a hold may ask for, within what the contract allows (60 s to 2 h)."""
        return min(7_200, max(60, round(seconds / self.speed)))
