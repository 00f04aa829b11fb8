"""The words by which a time is asked of the monitor, alike over HTTP and at a terminal.

A moment is a day (its midnight), a time on the Dutch clock (`2023-03-14T03:00`) or one with an offset. A period is a year, a month, a day,
or two moments with `..` between them, the second excluded.
"""

import re
from datetime import UTC, date, datetime
from typing import Final

from services.adapters import rfc3339
from services.adapters.dutch_time import ZONE
from services.domain.durations import NS_PER_MS
from services.monitor.dutch_calendar import day, four_o_clock, instant, local, midnight, month, year
from services.monitor.query import Period

MOMENT: Final = "2023-03-14 (its midnight), 2023-03-14T03:00 on the Dutch clock, or with an offset 2023-03-14T03:00:00+01:00"
PERIOD: Final = "2023, 2023-03, 2023-03-14, or two moments with .. between them, the second excluded"
YEAR: Final = re.compile("(?:19[7-9][0-9]|2[0-9]{3})", re.ASCII)
MONTH: Final = re.compile(f"{YEAR.pattern}-(?:0[1-9]|1[0-2])", re.ASCII)
DAY: Final = re.compile(f"{MONTH.pattern}-[0-3][0-9]", re.ASCII)
_MINUTE: Final = re.compile(rf"{DAY.pattern}T[0-2][0-9]:[0-5][0-9](?::[0-5][0-9])?(?P<offset>Z|[+-][01][0-9]:[0-5][0-9])?", re.ASCII)


class TimeWordError(ValueError):
    """A text that is no time; `code` says in which way, the message how it is written."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def read_moment(text: str) -> int:
    """Read a moment (ms). Of the hour that comes twice in October it is the first time; TimeWordError for one that no clock shows."""
    try:
        if DAY.fullmatch(text):
            return midnight(date.fromisoformat(text))
        written = _MINUTE.fullmatch(text)
        if written is None:
            return rfc3339.parse(text) // NS_PER_MS
        shown = datetime.fromisoformat(text)
    except (ValueError, OverflowError) as error:
        raise TimeWordError("bad_format", MOMENT) from error
    if written["offset"]:
        return instant(shown)
    at = shown.replace(tzinfo=ZONE)
    if at.astimezone(UTC).astimezone(ZONE).replace(tzinfo=None) != shown:
        raise TimeWordError("not_on_the_clock", "that night the Dutch clock went from two to three: this time does not exist")
    return instant(at)


def read_snapshot_moment(text: str) -> int:
    """Read the moment (ms) of a snapshot: that of a day is taken at four in the night. TimeWordError as of any moment."""
    moment = read_moment(text)
    return four_o_clock(local(moment).date()) if DAY.fullmatch(text) else moment


def read_period(text: str) -> Period:
    """Read a period. TimeWordError for a text that is none, and for an end that is not after its start."""
    if YEAR.fullmatch(text):
        return year(int(text))
    if MONTH.fullmatch(text):
        return month(text)
    start, dots, end = text.partition("..")
    if dots:
        return between(read_moment(start), read_moment(end))
    if DAY.fullmatch(text):
        try:
            return day(date.fromisoformat(text))
        except ValueError:
            pass
    raise TimeWordError("bad_format", PERIOD)


def between(start: int, end: int) -> Period:
    """Return the period between two moments (ms). TimeWordError where the end is not after the start."""
    if start >= end:
        raise TimeWordError("conflict", "the end is not after the start")
    return Period(start, end)
