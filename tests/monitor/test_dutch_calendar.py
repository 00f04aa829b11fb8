"""Days, months and years of Europe/Amsterdam, and 04:00 of each day, also when the clock is changed."""

import itertools
from datetime import UTC, date, datetime
from fractions import Fraction

import pytest

from services.domain.durations import SECOND_NS
from services.monitor.dutch_calendar import (
    DUTCH_DAY,
    days_before,
    dutch_days,
    four_o_clock,
    local,
    midnight,
    month,
    night_before,
    nights,
    split,
    year,
)
from services.monitor.query import Period

HOUR_MS = 3_600_000
NOON_MS = 12 * HOUR_MS


def utc(text: str) -> int:
    """Read an instant in UTC (ms)."""
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1_000)


@pytest.mark.parametrize(
    ("day", "four", "hours"),
    [
        (date(2023, 3, 25), "2023-03-25T03:00", 24),
        (date(2023, 3, 26), "2023-03-26T02:00", 23),  # the clock went forward that night
        (date(2023, 3, 27), "2023-03-27T02:00", 24),
        (date(2023, 10, 28), "2023-10-28T02:00", 24),
        (date(2023, 10, 29), "2023-10-29T03:00", 25),  # and back
        (date(2023, 10, 30), "2023-10-30T03:00", 24),
    ],
)
def test_each_day_has_one_four_o_clock(day: date, four: str, hours: int) -> None:
    """Each day has 04:00 once, 23, 24 or 25 hours after the one before."""
    assert four_o_clock(day) == utc(four)
    assert four_o_clock(day) - night_before(four_o_clock(day)) == hours * HOUR_MS
    assert local(four_o_clock(day)).hour == 4


def test_a_year_has_as_many_nights_as_days() -> None:
    """A year has a night for each of its days; a period from one 04:00 to the next has one."""
    whole = year(2023)
    days = list(nights(whole.start, whole.end))
    assert (days[0], days[-1], len(days)) == (date(2023, 1, 1), date(2023, 12, 31), 365)
    assert list(nights(four_o_clock(date(2023, 1, 1)), four_o_clock(date(2023, 1, 2)))) == [date(2023, 1, 1)]


def test_months_follow_on_each_other() -> None:
    """The twelve months of a year follow on each other, from midnight to midnight."""
    months = [month(f"2024-{number:02d}") for number in range(1, 13)]
    assert all(one.end == other.start for one, other in itertools.pairwise(months))
    assert (months[0].start, months[-1].end) == (year(2024).start, year(2024).end)
    assert months[1].end == midnight(date(2024, 3, 1))


def test_a_period_is_cut_where_a_day_or_a_month_begins() -> None:
    """A period is cut where a day or month begins: whole months are whole, and the day on which the clock goes forward has 23 hours."""
    start, end = midnight(date(2023, 3, 25)) + NOON_MS, midnight(date(2023, 5, 1))
    assert split(Period(start, end), "month") == [Period(start, month("2023-04").start), month("2023-04")]
    assert [part.end - part.start for part in split(Period(start, start + 3 * NOON_MS), "day")] == [NOON_MS, 23 * HOUR_MS, HOUR_MS]
    assert split(year(2023), "month") == [month(f"2023-{number:02d}") for number in range(1, 13)]


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("2023-03-25T10:00+01:00", "2023-03-26T10:00+02:00", Fraction(1)),  # 23 hours
        ("2023-03-25T10:00+01:00", "2023-03-27T10:00+02:00", Fraction(2)),
        ("2023-03-26T00:00+01:00", "2023-03-26T12:00+02:00", Fraction(11, 23)),
        ("2023-10-28T10:00+02:00", "2023-10-29T10:00+01:00", Fraction(1)),  # 25 hours
        ("2023-10-28T10:00+02:00", "2023-10-30T22:00+01:00", Fraction(5, 2)),
        ("2023-10-29T00:00+02:00", "2023-10-29T12:00+01:00", Fraction(13, 25)),
        ("2023-10-29T02:50+02:00", "2023-10-29T02:10+01:00", Fraction(20, 60 * 25)),  # the hour that comes twice: 20 minutes
        ("2023-10-29T02:30+01:00", "2023-10-30T02:30+01:00", Fraction(1)),  # from the second time it is half past two
        ("2023-10-28T02:30+02:00", "2023-10-29T02:30+02:00", Fraction(1)),  # to the first
        ("2023-03-25T02:30+01:00", "2023-03-26T03:30+02:00", Fraction(1)),  # that clock never shows half past two: an hour later
        ("2023-03-26T03:30+02:00", "2023-03-27T02:30+02:00", Fraction(23, 24)),
        ("2023-01-01T00:00+01:00", "2024-01-01T00:00+01:00", Fraction(365)),
        ("2023-06-01T12:00+02:00", "2023-06-01T12:00+02:00", Fraction(0)),
        ("2023-06-01T22:00+02:00", "2023-06-02T04:00+02:00", Fraction(1, 4)),
        ("2023-10-28T22:00+02:00", "2023-10-29T05:00+01:00", Fraction(8, 25)),
        ("1969-12-31T12:00+01:00", "1970-01-02T00:00+01:00", Fraction(3, 2)),
    ],
)
def test_a_day_is_over_when_the_clock_is_where_it_was(start: str, end: str, days: Fraction) -> None:
    """A Dutch day has 23, 24 or 25 hours, and the last one counts by the part of it that has passed; to the nanosecond."""
    first, last = (round(datetime.fromisoformat(each).timestamp()) * SECOND_NS for each in (start, end))
    assert Fraction(dutch_days(first, last), DUTCH_DAY) == days
    assert dutch_days(first + 123_456_789, last + 123_456_789) == dutch_days(first, last)


@pytest.mark.parametrize(
    ("instant", "before"),
    [
        ("2023-04-02T03:30+02:00", "2023-03-19T03:30+01:00"),
        ("2023-11-05T12:00+01:00", "2023-10-22T12:00+02:00"),
        ("2023-06-15T12:00+02:00", "2023-06-01T12:00+02:00"),
    ],
)
def test_fourteen_days_before_has_the_same_time(instant: str, before: str) -> None:
    """Fourteen Dutch days before an instant the clock shows the same, also where it was changed in between."""
    first, last = (round(datetime.fromisoformat(each).timestamp()) * SECOND_NS for each in (before, instant))
    assert days_before(last, 14) == first
    assert dutch_days(first, last) == 14 * DUTCH_DAY
