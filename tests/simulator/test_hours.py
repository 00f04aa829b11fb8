"""Time in the country: days and nights there, and what the clock of the log says meanwhile."""

import pytest

from services.simulator.chance import Chance
from services.simulator.hours import DAY, HOUR, Scale, by_day, hour_of, night, nights, season, start_of_day, start_of_year, year_of

NEW_YEAR = start_of_year(2023)


def test_a_year_begins_at_midnight_there() -> None:
    """An hour before it does in UTC."""
    assert NEW_YEAR == 1_672_527_600_000
    assert (year_of(NEW_YEAR - 1), year_of(NEW_YEAR)) == (2022, 2023)
    assert hour_of(NEW_YEAR) == 0
    assert start_of_day(NEW_YEAR + 5 * HOUR) == NEW_YEAR


@pytest.mark.parametrize(("hour", "at"), [(3, 9), (8, 8), (19, 19), (20, 24 + 9), (23, 24 + 9)])
def test_what_happens_by_day_waits_for_the_morning(hour: int, at: int) -> None:
    """By day it happens at once, at night an hour after eight."""
    assert by_day(NEW_YEAR + hour * HOUR, HOUR) == NEW_YEAR + at * HOUR
    assert night(NEW_YEAR + hour * HOUR) == (hour != at)


@pytest.mark.parametrize(("start", "end", "number"), [(22, 34, 1), (2, 3, 0), (2, 10, 1), (5, 20, 0), (22, 24 * 3 + 12, 3)])
def test_a_night_is_where_one_is_at_four(start: int, end: int, number: int) -> None:
    """A hotel is paid by the night."""
    assert nights(NEW_YEAR + start * HOUR, NEW_YEAR + end * HOUR) == number


def test_a_season_changes_no_year() -> None:
    """What is more in January and July is less in April and October."""
    year = [season(NEW_YEAR + day * DAY, 0.1) for day in range(365)]
    assert sum(year) == pytest.approx(365, abs=0.1)
    assert max(year) == pytest.approx(1.1, abs=0.001)


def test_a_faster_country_logs_at_the_pace_of_the_log() -> None:
    """From its start on; what was before stays where it was, and holds last as long as the contract lets them."""
    scale = Scale(NEW_YEAR, 60)
    assert scale.logged(NEW_YEAR + HOUR) == NEW_YEAR + HOUR // 60
    assert scale.logged(NEW_YEAR - DAY) == NEW_YEAR - DAY
    assert [scale.seconds(seconds) for seconds in (1_800, 60 * 1_800, 10**9)] == [60, 1_800, 7_200]


def test_draws_are_what_they_say() -> None:
    """On average, with a seed."""
    chance = Chance(1)
    assert sum(chance.number(19) for _ in range(2_000)) / 2_000 == pytest.approx(19, rel=0.02)
    assert sum(chance.about(1_000, 2) for _ in range(5_000)) / 5_000 == pytest.approx(1_000, rel=0.03)
    assert chance.uuid() != chance.uuid()
