"""A simulated year lies where the press release puts the real one."""

from pathlib import Path
from statistics import fmean

import pytest

from services.simulator.calibration import figures, table

PAGE = Path(__file__).parents[2] / "docs" / "simulation.md"


@pytest.mark.parametrize("seed", [2, 7, 30])
def test_a_year_lies_near_the_press_release(seed: int) -> None:
    """Places, occupancy, hotel nights, adults, regions with a waiting list, stays in follow-up shelter; docs/simulation.md has seed 7."""
    days = list[int]()
    before, of = figures(seed, 2022), figures(seed, 2023, days.append)
    assert sum(days) == 365
    assert fmean(of.capacity) == pytest.approx(1_000, rel=0.01)
    assert 0.94 < fmean(of.occupied) < 0.99
    assert 3_000 < of.hotel_nights < 3_900
    assert 175 <= of.adults <= 205
    assert before.hotel_nights < of.hotel_nights / 2
    assert 0.33 < fmean(of.waiting_regions) < 0.47
    assert 235 < fmean(of.follow_up) < 285
    assert fmean(of.unknown_shelters) > 1
    rows = table(of, before, 2023)
    assert [row.known for row in rows].count("not told") < len(rows) / 2 + 1
    assert seed != 7 or all(f"{row.what:<38}{row.simulated:<12}{row.known}\n" in PAGE.read_text("utf-8") for row in rows)
