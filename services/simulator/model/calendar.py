"""Time in the simulated country, in milliseconds since 1970, and what the clock of its log shows meanwhile."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime

from services.domain.durations import DAY_MS, HOUR_MS, MINUTE_MS

MINUTE = MINUTE_MS
HOUR = HOUR_MS
DAY = DAY_MS
YEAR = 365 * DAY

# Winter time all year: an hour more or less changes nothing that is measured here
_ZONE = HOUR
_MORNING, _EVENING = 8, 20
# What the contract allows as `ttl_seconds`
_SHORTEST_HOLD_S, _LONGEST_HOLD_S = 60, 7_200


def year_of(instant: int) -> int:
    """Return the year."""
    return datetime.fromtimestamp((instant + _ZONE) / 1_000, UTC).year


def start_of_year(year: int) -> int:
    """Return the instant at which a year begins."""
    return int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) * 1_000 - _ZONE


def hour_of(instant: int) -> int:
    """Return the hour of the day, 0 to 23."""
    return (instant + _ZONE) // HOUR % 24


def start_of_day(instant: int) -> int:
    """Return the instant at which the day of an instant began."""
    return (instant + _ZONE) // DAY * DAY - _ZONE


def is_night(instant: int) -> bool:
    """Return whether offices are closed."""
    return not _MORNING <= hour_of(instant) < _EVENING


def postponed_to_day(instant: int, delay: int) -> int:
    """Return an instant by day as it is; for one at night, `delay` after the next morning."""
    if not is_night(instant):
        return instant
    morning = start_of_day(instant) + _MORNING * HOUR
    return (morning if morning > instant else morning + DAY) + delay


def seasonal_factor(instant: int, strength: float) -> float:
    """Return how many times busier than on average it is; the peaks are in January and July."""
    return 1 + strength * math.cos(4 * math.pi * ((instant + _ZONE) % YEAR) / YEAR)


def count_nights(start: int, end: int) -> int:
    """Return how many nights lie between two instants: how often it was four in the morning."""
    return (end + _ZONE - 4 * HOUR) // DAY - (start + _ZONE - 4 * HOUR) // DAY


@dataclass(frozen=True, slots=True)
class LogClock:
    """The clock of the log: from the country's instant `start` on it runs `speed` times more slowly than the country.

    At `start` it shows `shows`, or `start` itself when that is None. Earlier times are those of the clock `before`; without one they are
    left as they are.
    """

    start: int
    speed: float = 1.0
    shows: int | None = None
    before: "LogClock | None" = None

    def time_at(self, instant: int) -> int:
        """Return what the clock shows at an instant of the country."""
        if instant < self.start:
            return self.before.time_at(instant) if self.before else instant
        return (self.start if self.shows is None else self.shows) + round((instant - self.start) / self.speed)

    def hold_seconds(self, seconds: int) -> int:
        """Return the length of a hold on this clock, within what the contract allows."""
        return min(_LONGEST_HOLD_S, max(_SHORTEST_HOLD_S, round(seconds / self.speed)))
