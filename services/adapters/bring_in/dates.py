"""Dates as spreadsheets have them, in Dutch local time.

Guarantees: one order of day and month for all of a sheet. Where no cell shows which it is, it is the Dutch one, and that is said. A date
without a time is noon of its day for a begin and for an end, so that a stay has whole days and two stays may share the day of a change.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal

from services.adapters.dutch_time import ZONE
from services.adapters.spreadsheets.cells import Value
from services.domain.durations import SECOND_NS

NOON: Final = time(12)
Order = Literal["day first", "month first", "either", "both"]
"""How the numbers of a sheet's dates stand: `either` fits both orders, `both` says that the sheet mixes them."""

_MONTHS: Final = ("jan", "feb", "maa", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec")
_OTHER_MONTHS: Final = {"mrt": 3, "mar": 3, "may": 5, "oct": 10}
_DAY_NAME: Final = r"(?:(?:ma|di|wo|do|vr|za|zo|mon|tue|wed|thu|fri|sat|sun)[a-z]*[.,]?\s+)?"
_TIME: Final = (
    r"(?:(?:[T,]|\s|\bom\b)+(?P<hour>\d{1,2})(?:[:.h](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,]\d+)?)?)?"
    r"\s*(?P<half>[ap]m)?\s*(?:uur|u|h)?(?P<zone>Z|[+-]\d{2}:?\d{2})?)?"
)
_ISO: Final = re.compile(rf"(?P<year>\d{{4}})[-/.](?P<month>\d{{1,2}})[-/.](?P<day>\d{{1,2}}){_TIME}", re.ASCII | re.IGNORECASE)
_COMPACT: Final = re.compile(r"(?P<year>(?:19|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})", re.ASCII)
_NUMBERS: Final = re.compile(
    rf"{_DAY_NAME}(?P<first>\d{{1,2}})\s?[-/. ]\s?(?P<other>\d{{1,2}})\s?[-/. ]\s?(?P<year>\d{{4}}|'?\d{{2}}){_TIME}",
    re.ASCII | re.IGNORECASE,
)
_WORDS: Final = re.compile(
    rf"{_DAY_NAME}(?P<day>\d{{1,2}})(?:e|st|nd|rd|th)?[-/.\s]*(?P<name>[a-z]{{3,9}})\.?[-/.,\s]*(?P<year>\d{{4}}|'?\d{{2}}){_TIME}",
    re.ASCII | re.IGNORECASE,
)
_MONTH_FIRST: Final = re.compile(
    rf"{_DAY_NAME}(?P<name>[a-z]{{3,9}})\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}}){_TIME}", re.ASCII | re.IGNORECASE
)
_SERIAL: Final = re.compile(r"(\d{5})(?:[.,](\d+))?", re.ASCII)
_CLOCK: Final = re.compile(r"(\d{1,2})[:.h](\d{2})(?:[:.](\d{2}))?\s*(?:uur|u)?", re.ASCII | re.IGNORECASE)
# No stay that is brought in began before, and no number below it is a date: 1 January 1970 and 2100 as Excel counts
_SERIALS: Final = range(25_569, 73_051)
# 20240305, which Excel takes for a number
_COMPACT_DAYS: Final = range(19_700_101, 21_000_101)
_MAC_DAYS: Final = 1_462
_FIRST_YEAR: Final = 1970


@dataclass(frozen=True, slots=True)
class LocalMoment:
    """A date in local time, with or without a time. `text` is its canonical form, of which ids are made."""

    local: datetime
    exact: bool

    @property
    def text(self) -> str:
        """The date, and the time where there is one."""
        return self.local.isoformat(timespec="seconds") if self.exact else self.local.date().isoformat()

    def instant(self) -> int:
        """Return nanoseconds since 1970; noon where there is no time.

        Where clocks go back the first of two equal times is meant, and a time that is skipped is as much later.
        """
        local = self.local if self.exact else datetime.combine(self.local.date(), NOON)
        elapsed = local.replace(tzinfo=ZONE) - datetime(1970, 1, 1, tzinfo=UTC)
        return round(elapsed.total_seconds()) * SECOND_NS


@dataclass(frozen=True, slots=True)
class DateForm:
    """How the dates of one sheet are written. `today` decides the century of a year of two digits."""

    order: Order
    today: date
    epoch_1904: bool = False

    def read(self, value: Value, clock: Value = None) -> LocalMoment | None:
        """Return the moment that a cell means, with the time of another cell if it has none; None for what is no date."""
        moment = self._read(value)
        if moment is None or moment.exact or clock is None:
            return moment
        at = _clock(clock)
        return None if at is None else LocalMoment(datetime.combine(moment.local.date(), at), exact=True)

    def is_ambiguous(self, value: Value) -> bool:
        """Return whether a date means two days, because the sheet has both orders."""
        return self.order == "both" and isinstance(value, str) and order_of([value]) == "either"

    def _read(self, value: Value) -> LocalMoment | None:
        match value:
            case datetime():
                return _moment(value)
            case float():
                return self._from_number(value)
            case str():
                return self._from_text(value)
        return None

    def _from_number(self, number: float) -> LocalMoment | None:
        if int(number) in _COMPACT_DAYS:
            return self._from_text(str(int(number)))
        number += _MAC_DAYS if self.epoch_1904 else 0
        return _moment(from_serial(number)) if int(number) in _SERIALS else None

    def _from_text(self, text: str) -> LocalMoment | None:
        if serial := _SERIAL.fullmatch(text):
            return self._from_number(float(f"{serial[1]}.{serial[2] or 0}"))
        for pattern in (_ISO, _COMPACT, _NUMBERS, _WORDS, _MONTH_FIRST):
            if found := pattern.fullmatch(text):
                return self._from_match(found.groupdict())
        return None

    def _from_match(self, found: dict[str, str | None]) -> LocalMoment | None:
        try:
            year = self._year(str(found["year"]))
            if name := found.get("name"):
                month, day = _month(name), int(str(found["day"]))
            elif "first" in found:
                day, month = int(str(found["first"])), int(str(found["other"]))
                if self.order == "month first" or (self.order == "both" and month > 12):
                    day, month = month, day
            else:
                month, day = int(str(found["month"])), int(str(found["day"]))
            return _with_time(datetime(year, month, day), found) if year >= _FIRST_YEAR else None  # noqa: DTZ001  local
        except ValueError:
            return None

    def _year(self, text: str) -> int:
        if len(text) == 4:
            return int(text)
        year = 2000 + int(text[-2:])
        return year if year <= self.today.year + 10 else year - 100


def order_of(values: Iterable[Value]) -> Order | None:
    """Return how dates in numbers stand in cells; None where there are none."""
    matches = [_NUMBERS.fullmatch(value) for value in values if isinstance(value, str)]
    pairs = [(int(found["first"]), int(found["other"])) for found in matches if found]
    if not pairs:
        return None
    day_first, month_first = any(first > 12 for first, _ in pairs), any(other > 12 for _, other in pairs)
    if day_first and month_first:
        return "both"
    return "day first" if day_first else "month first" if month_first else "either"


def from_serial(number: float) -> datetime:
    """Return the date of a number as Excel counts days. It has a 29 February 1900 (60), which never was: ValueError."""
    if 60 <= number < 61:
        raise ValueError("29 February 1900 is no day")
    start = datetime(1899, 12, 30 if number > 60 else 31)  # noqa: DTZ001  local
    # The fraction is a number of seconds that no binary fraction holds exactly
    return start + timedelta(days=int(number), seconds=round(number % 1 * 86_400))


def _moment(local: datetime) -> LocalMoment | None:
    if local.year < _FIRST_YEAR:
        return None
    seconds = local.replace(microsecond=0) + timedelta(seconds=local.microsecond >= 500_000)
    return LocalMoment(seconds, exact=seconds.time() != time())


def _with_time(day: datetime, found: dict[str, str | None]) -> LocalMoment | None:
    if found.get("hour") is None:
        return LocalMoment(day, exact=False)
    hour = int(str(found["hour"]))
    if half := found.get("half"):
        hour = hour % 12 + (12 if half.lower() == "pm" else 0)
    local = day.replace(hour=hour, minute=int(found["minute"] or 0), second=int(found["second"] or 0))
    if zone := found.get("zone"):
        local = datetime.fromisoformat(f"{local.isoformat()}{'+00:00' if zone in 'zZ' else zone}").astimezone(ZONE).replace(tzinfo=None)
    elif local.time() == time():
        return LocalMoment(day, exact=False)
    return LocalMoment(local, exact=True)


def _month(name: str) -> int:
    short = name.lower()[:3]
    if short in _OTHER_MONTHS:
        return _OTHER_MONTHS[short]
    return _MONTHS.index(short) + 1


def _clock(value: Value) -> time | None:
    """Return the time of day of a cell; None for what is none."""
    match value:
        case time():
            return value.replace(microsecond=0)
        case datetime():
            return value.time().replace(microsecond=0)
        case float() if 0 <= value < 1:
            return (datetime(1970, 1, 1) + timedelta(seconds=round(value * 86_400))).time()  # noqa: DTZ001  a time of day
        case str() if found := _CLOCK.fullmatch(value):
            try:
                return time(int(found[1]), int(found[2]), int(found[3] or 0))
            except ValueError:
                return None
    return None
