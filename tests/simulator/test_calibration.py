"""A simulated year beside the press release about the real one."""

from pathlib import Path
from statistics import fmean

import pytest

from services.simulator.calibration import calibration_table, simulate_figures

PAGE = Path(__file__).parents[2] / "docs" / "simulation.md"


@pytest.mark.long
@pytest.mark.parametrize("seed", [2, 7, 30])
def test_a_year_lies_near_the_press_release(seed: int) -> None:
    """Places, occupancy, hotel nights, adults, waiting regions and stays lie near the known figures; docs/simulation.md has seed 7."""
    days = list[int]()
    before, figures = simulate_figures(seed, 2022), simulate_figures(seed, 2023, days.append)
    assert sum(days) == 365
    assert fmean(figures.capacity) == pytest.approx(1_000, rel=0.01)
    assert 0.94 < fmean(figures.occupied) < 0.99
    assert 3_000 < figures.hotel_nights < 3_900
    assert 175 <= figures.adults <= 205
    assert before.hotel_nights < figures.hotel_nights / 2
    assert 0.33 < fmean(figures.waiting_regions) < 0.47
    assert 235 < fmean(figures.follow_up) < 285
    assert fmean(figures.unknown_shelters) > 1
    rows = calibration_table(figures, before, 2023)
    assert [row.known for row in rows].count("not known") < len(rows) / 2 + 1
    assert seed != 7 or all(f"{row.what:<38}{row.simulated:<12}{row.known}\n" in PAGE.read_text("utf-8") for row in rows)
