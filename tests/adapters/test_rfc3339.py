"""RFC 3339 times as whole nanoseconds, both ways, one row a form."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.adapters.rfc3339 import parse, show
from services.domain.durations import SECOND_NS

READ = [
    ("1970-01-01T00:00:00Z", 0),
    ("1970-01-01T00:00:00.000000001Z", 1),
    ("1970-01-01T00:00:00.1Z", 100_000_000),
    ("1970-01-01T00:00:00.10Z", 100_000_000),
    ("1970-01-01T00:00:01+00:00", SECOND_NS),
    ("1970-01-01T00:00:01-00:00", SECOND_NS),
    ("1970-01-01T01:00:00+01:00", 0),
    ("1969-12-31T19:00:00-05:00", None),
    ("1970-01-01T00:00:00+14:00", -14 * 3_600 * SECOND_NS),
    ("9999-12-31T23:59:59.999999999-14:00", 253_402_351_199_999_999_999),
    ("2026-03-02T10:00:00.123456789+05:30", 1_772_425_800_123_456_789),
    ("2024-02-29T00:00:00Z", 1_709_164_800 * SECOND_NS),
    ("2000-02-29T00:00:00Z", 951_782_400 * SECOND_NS),
]

REFUSED = [
    "",
    "2026-03-02",
    "2026-03-02T10:00Z",
    "2026-03-02T10:00:00",
    "2026-03-02t10:00:00Z",
    "2026-03-02T10:00:00z",
    "2026-03-02 10:00:00Z",
    "2026-03-02T10:00:00,5Z",
    "2026-03-02T10:00:00.Z",
    "2026-03-02T10:00:00.1234567890Z",
    "2026-03-02T24:00:00Z",
    "2026-03-02T23:60:00Z",
    "2016-12-31T23:59:60Z",
    "2026-02-29T10:00:00Z",
    "2100-02-29T10:00:00Z",
    "2026-04-31T10:00:00Z",
    "2026-00-01T10:00:00Z",
    "2026-13-01T10:00:00Z",
    "2026-01-00T10:00:00Z",
    "2026-01-32T10:00:00Z",
    "1969-12-31T23:59:59Z",
    "10000-01-01T00:00:00Z",
    "2026-03-02T10:00:00+14:01",
    "2026-03-02T10:00:00-15:00",
    "2026-03-02T10:00:00+01:60",
    "2026-03-02T10:00:00+0100",
    "2026-03-02T10:00:00 +01:00",
    "2026-03-02T10:00:00Z\n",
    "\u0662026-03-02T10:00:00Z",
    "2026-03-02T10:00:00\u2212" + "01:00",
]


@pytest.mark.parametrize(("text", "instant"), READ)
def test_a_time_is_read(text: str, instant: int | None) -> None:
    """A time is read to the nanosecond, and its year is the one that is written."""
    if instant is None:
        with pytest.raises(ValueError, match="RFC 3339"):
            parse(text)
    else:
        assert parse(text) == instant


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_time_is_refused(text: str) -> None:
    """A text that the contract does not allow is no time."""
    with pytest.raises(ValueError, match=r".+"):
        parse(text)


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (1, "1970-01-01T00:00:00.000000001Z"),
        (1_000, "1970-01-01T00:00:00.000001Z"),
        (500_000_000, "1970-01-01T00:00:00.500Z"),
        (-14 * 3_600 * SECOND_NS, "1970-01-01T00:00:00+14:00"),
        (253_402_300_800 * SECOND_NS, "9999-12-31T10:00:00-14:00"),
    ],
)
def test_a_time_is_written(instant: int, text: str) -> None:
    """Times are written in UTC, except those that an offset carried over the edge; decimals three at a time."""
    assert show(instant) == text


@given(st.integers(-14 * 3_600 * SECOND_NS, 253_402_351_199_999_999_999))
def test_every_time_comes_back(instant: int) -> None:
    """What is written is read again as the same instant, whatever its offset was."""
    assert parse(show(instant)) == instant


@given(st.datetimes(datetime(1971, 1, 1), datetime(9998, 12, 31)))  # noqa: DTZ001 - hypothesis wants naive limits
def test_the_calendar_is_the_usual_one(moment: datetime) -> None:
    """Any day and time is the instant that the standard library gives."""
    aware = moment.replace(tzinfo=UTC)
    seconds = (aware.replace(microsecond=0) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()
    assert parse(aware.isoformat().replace("+00:00", "Z")) == int(seconds) * SECOND_NS + moment.microsecond * 1_000
