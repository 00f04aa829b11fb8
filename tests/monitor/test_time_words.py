"""The words by which a time is asked: days from midnight, months and years, two moments; what no clock shows is refused."""

from datetime import UTC, datetime

import pytest

from services.domain.durations import HOUR_MS
from services.monitor.query import Period
from services.monitor.time_words import TimeWordError, read_moment, read_period


def utc(text: str) -> int:
    """Read an instant in UTC (ms)."""
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1_000)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2023-03-14", "2023-03-13T23:00"),
        ("2023-07-14", "2023-07-13T22:00"),
        ("2023-03-14T03:00", "2023-03-14T02:00"),
        ("2023-03-14T03:00:30", "2023-03-14T02:00:30"),
        ("2023-03-14T03:00Z", "2023-03-14T03:00"),
        ("2023-03-14T03:00:00.5+01:00", "2023-03-14T02:00:00.500"),
        ("2023-03-26", "2023-03-25T23:00"),
        ("2023-03-26T03:00", "2023-03-26T01:00"),  # the first moment of summer time
        ("2023-10-29T02:30", "2023-10-29T00:30"),  # of the two the first
        ("2023-10-29T02:30+01:00", "2023-10-29T01:30"),
    ],
)
def test_a_moment(text: str, instant: str) -> None:
    """A day is its midnight, a time without an offset is on the Dutch clock, and of the hour that comes twice it is the first."""
    assert read_moment(text) == utc(instant)


@pytest.mark.parametrize("text", ["2023-03-26T02:00", "2023-03-26T02:59:59", "2024-03-31T02:30"])
def test_a_time_that_no_clock_shows(text: str) -> None:
    """Between two and three of the night in March there is no time."""
    with pytest.raises(TimeWordError) as wrong:
        read_moment(text)
    assert wrong.value.code == "not_on_the_clock"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2023",
        "2023-02-30",
        "2023-13-01",
        "2023-3-1",
        "20230314",
        "2023-03-14T25:00",
        "2023-03-14 03:00",
        "2023-W10-1",
        "١٢",
    ],
)
def test_a_text_that_is_no_moment(text: str) -> None:
    """What is no day and no time is refused, with how one is written."""
    with pytest.raises(TimeWordError, match="2023-03-14"):
        read_moment(text)


def test_periods() -> None:
    """A year, a month, a day of 23, 24 or 25 hours, and two moments of either form."""
    assert read_period("2023") == Period(utc("2022-12-31T23:00"), utc("2023-12-31T23:00"))
    assert read_period("2023-10") == Period(utc("2023-09-30T22:00"), utc("2023-10-31T23:00"))
    hours = [(read_period(day).end - read_period(day).start) // HOUR_MS for day in ("2023-03-26", "2023-06-01", "2023-10-29")]
    assert hours == [23, 24, 25]
    assert read_period("2023-03-01..2023-04-01") == read_period("2023-03")
    assert read_period("2023-03-14T03:00..2023-03-14T04:00Z") == Period(utc("2023-03-14T02:00"), utc("2023-03-14T04:00"))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2023-03-02..2023-03-01", "conflict"),
        ("2023-03-01..2023-03-01", "conflict"),
        ("2023-03-01..", "bad_format"),
        ("2023-02-30", "bad_format"),
        ("23", "bad_format"),
        ("2023-03-26T02:30..2023-04-01", "not_on_the_clock"),
    ],
)
def test_a_text_that_is_no_period(text: str, code: str) -> None:
    """An end that is not after its start, half a period and a day that is not there are refused, each with its own code."""
    with pytest.raises(TimeWordError) as wrong:
        read_period(text)
    assert wrong.value.code == code
