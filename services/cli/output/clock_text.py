"""Times for a user: clock times of this machine, and durations in minutes, hours and days.

A time from which something works is rounded up to the minute, so that it is never too early. `now` is in ms.
"""

from datetime import UTC, datetime

from services.adapters.clock import now_ms
from services.domain.durations import HOUR_S


def clock(instant: str | int, now: int | None = None) -> str:
    """Return the local time of an instant (ISO 8601 or ms); of another day than today also the day."""
    today = _local(now_ms() if now is None else now)
    time = _local(instant) if isinstance(instant, int) else datetime.fromisoformat(instant).astimezone()
    return f"{time:%H:%M}" if time.date() == today.date() else f"{time:%a %d %b %H:%M}"


def clock_rounded_up(instant: str, now: int | None = None) -> str:
    """Return the local time from which something works, rounded up to the minute."""
    now = now_ms() if now is None else now
    return clock_after(datetime.fromisoformat(instant).timestamp() - now / 1_000, now)


def clock_after(seconds: float, now: int) -> str:
    """Return the local time so many seconds after `now`, rounded up to the minute."""
    return clock(int(-(-(now / 1_000 + seconds) // 60)) * 60_000, now)


def countdown(instant: str, now: int) -> str:
    """Return the time that is left until an instant as minutes and seconds; 0:00 once it is past."""
    seconds = max(0, int(datetime.fromisoformat(instant).timestamp() - now / 1_000))
    hours, minutes = seconds // HOUR_S, seconds // 60 % 60
    return f"{hours}:{minutes:02}:{seconds % 60:02}" if hours else f"{minutes}:{seconds % 60:02}"


def age(minutes: int) -> str:
    """Return a number of minutes in words."""
    if minutes < 1:
        return "less than a minute"
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h" if minutes < 2_880 else f"{minutes // 1_440} d"


def minutes_since(instant: str, now: int) -> int:
    """Return the whole minutes from an instant to `now`, at least 0."""
    return max(0, int((now / 1_000 - datetime.fromisoformat(instant).timestamp()) / 60))


def _local(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1_000, UTC).astimezone()
