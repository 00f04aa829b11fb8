"""The calendar of the simulated country, and the clock of its log."""

import pytest

from services.simulator.model.calendar import (
    DAY,
    HOUR,
    LogClock,
    count_nights,
    hour_of,
    is_night,
    postponed_to_day,
    seasonal_factor,
    start_of_day,
    start_of_year,
    year_of,
)
from services.simulator.model.random_source import RandomSource

NEW_YEAR = start_of_year(2023)


def test_a_year_begins_at_midnight_there() -> None:
    """A year begins an hour before it does in UTC."""
    assert NEW_YEAR == 1_672_527_600_000
    assert (year_of(NEW_YEAR - 1), year_of(NEW_YEAR)) == (2022, 2023)
    assert hour_of(NEW_YEAR) == 0
    assert start_of_day(NEW_YEAR + 5 * HOUR) == NEW_YEAR


@pytest.mark.parametrize(("hour", "at"), [(3, 9), (8, 8), (19, 19), (20, 24 + 9), (23, 24 + 9)])
def test_what_happens_by_day_only_waits_for_the_morning(hour: int, at: int) -> None:
    """By day something happens at once; at night it is postponed to an hour after eight."""
    assert postponed_to_day(NEW_YEAR + hour * HOUR, HOUR) == NEW_YEAR + at * HOUR
    assert is_night(NEW_YEAR + hour * HOUR) == (hour != at)


@pytest.mark.parametrize(("start", "end", "number"), [(22, 34, 1), (2, 3, 0), (2, 10, 1), (5, 20, 0), (22, 24 * 3 + 12, 3)])
def test_nights_are_counted_at_four_in_the_morning(start: int, end: int, number: int) -> None:
    """A night counts when four in the morning lies between two instants."""
    assert count_nights(NEW_YEAR + start * HOUR, NEW_YEAR + end * HOUR) == number


def test_a_season_changes_no_year() -> None:
    """The seasonal factor is greatest in January and July, and its mean over a year is 1."""
    year = [seasonal_factor(NEW_YEAR + day * DAY, 0.1) for day in range(365)]
    assert sum(year) == pytest.approx(365, abs=0.1)
    assert max(year) == pytest.approx(1.1, abs=0.001)


def test_a_faster_country_logs_at_the_pace_of_the_log() -> None:
    """The clock of the log runs slowly from its start on only, and the length of a hold stays within what the contract allows."""
    clock = LogClock(NEW_YEAR, 60)
    assert clock.time_at(NEW_YEAR + HOUR) == NEW_YEAR + HOUR // 60
    assert clock.time_at(NEW_YEAR - DAY) == NEW_YEAR - DAY
    assert [clock.hold_seconds(seconds) for seconds in (1_800, 60 * 1_800, 10**9)] == [60, 1_800, 7_200]


def test_random_numbers_have_their_mean() -> None:
    """Many numbers of a Poisson and a gamma distribution have the mean that was asked for, and two ids differ."""
    random = RandomSource(1)
    assert sum(random.poisson(19) for _ in range(2_000)) / 2_000 == pytest.approx(19, rel=0.02)
    assert sum(random.gamma(1_000, 2) for _ in range(5_000)) / 5_000 == pytest.approx(1_000, rel=0.03)
    assert random.uuid() != random.uuid()
