"""RFC 3339 times as whole nanoseconds since 1970-01-01T00:00Z, both ways, exact to nine decimals (contract, section 1)."""

import re
from datetime import date
from functools import lru_cache

from services.domain.durations import DAY_S, HOUR_S, MINUTE_S, NS_PER_MS, SECOND_NS

_UNIX_EPOCH = date(1970, 1, 1).toordinal()

# Python, JavaScript and Rust read this dialect alike; the schemas contain it. Days of a month are checked by the calendar.
PATTERN = (
    r"(?:19[7-9][0-9]|[2-9][0-9]{3})-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
    r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?"
    r"(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
)
_FULL = re.compile(PATTERN, re.ASCII)


# The times of a log lie close together: most minutes occur again.
@lru_cache(maxsize=16_384)
def _minute(text: str) -> int:
    """Return the start of a minute in seconds since 1970; ValueError for 30 February."""
    days = date(int(text[:4]), int(text[5:7]), int(text[8:10])).toordinal() - _UNIX_EPOCH
    return days * DAY_S + int(text[11:13]) * HOUR_S + int(text[14:16]) * MINUTE_S


def parse(text: str) -> int:
    """Read a time as nanoseconds since 1970; ValueError when it breaks a rule of the contract."""
    if _FULL.fullmatch(text) is None:
        raise ValueError("not an RFC 3339 time of the contract")
    seconds = _minute(text[:16]) + int(text[17:19])
    if text[-1] == "Z":
        end = len(text) - 1
    else:
        end = len(text) - 6
        offset = int(text[end + 1 : end + 3]) * HOUR_S + int(text[end + 4 :]) * MINUTE_S
        seconds += offset if text[end] == "-" else -offset
    return seconds * SECOND_NS + (int(text[20:end].ljust(9, "0")) if end > 19 else 0)


def show_ms(instant: int) -> str:
    """Write milliseconds since 1970 as RFC 3339 in UTC."""
    return show(instant * NS_PER_MS)


def show(instant: int) -> str:
    """Write nanoseconds since 1970 as RFC 3339 in UTC, with as many decimals as it needs, three at a time.

    An offset can carry a time of the years 1970 or 9999 over the edge of what UTC may show; such a time keeps an offset.
    """
    seconds, fraction = divmod(instant, SECOND_NS)
    shift = 14 * HOUR_S if seconds < 0 else -14 * HOUR_S if seconds >= _END else 0
    minutes, second = divmod(seconds + shift, 60)
    zone = "Z" if shift == 0 else "+14:00" if shift > 0 else "-14:00"
    return f"{_to_minute(minutes)}:{second:02}{_decimals(fraction)}{zone}"


_END = (date(9999, 12, 31).toordinal() - _UNIX_EPOCH + 1) * DAY_S


@lru_cache(maxsize=16_384)
def _to_minute(minutes: int) -> str:
    days, minute = divmod(minutes, 1_440)
    return f"{date.fromordinal(days + _UNIX_EPOCH).isoformat()}T{minute // 60:02}:{minute % 60:02}"


def _decimals(fraction: int) -> str:
    if fraction == 0:
        return ""
    if fraction % NS_PER_MS == 0:
        return f".{fraction // NS_PER_MS:03}"
    return f".{fraction // 1_000:06}" if fraction % 1_000 == 0 else f".{fraction:09}"
