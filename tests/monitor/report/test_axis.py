"""The axes of plots: round numbers around what is drawn."""

import pytest

from services.monitor.report.axis import scale


@pytest.mark.parametrize(
    ("values", "marks"),
    [
        ([0.9698, 0.9887], [0.965, 0.97, 0.975, 0.98, 0.985, 0.99]),
        ([0.99, 1.0], [0.99, 0.992, 0.994, 0.996, 0.998, 1.0]),
        ([0.27, 0.94], [0.2, 0.4, 0.6, 0.8, 1.0]),
        ([0.5, 0.5], [0.495, 0.496, 0.497, 0.498, 0.499, 0.5]),
        ([None, 0.2, 0.3], [0.2, 0.22, 0.24, 0.26, 0.28, 0.3]),
    ],
)
def test_an_axis_has_what_occurs_and_little_else(values: list[float | None], marks: list[float]) -> None:
    """The marks are round numbers from just below the lowest value to just above the highest: most of a plot is not empty."""
    found = scale(values, from_zero=False, at_most=1.0)
    assert [round(mark, 6) for mark in found.marks] == marks


@pytest.mark.parametrize("values", [[], [None], [0.0], [3.0, 7.0], [1_294.0], [0.001], [170.5, None]])
def test_the_axis_of_counts_begins_at_0_and_has_at_most_five_steps(values: list[float | None]) -> None:
    """A column is as high as its number, and every value is on the axis."""
    found = scale(values)
    assert found.low == 0
    assert 1 <= found.steps <= 5
    assert all(0 <= found.share(value) <= 1 for value in values if value is not None)


def test_a_mark_has_the_decimals_that_its_step_needs() -> None:
    """Marks of half a percent are not written as whole percentages, nor those of twenty with decimals."""
    fine, coarse = scale([0.9698, 0.9887], from_zero=False), scale([0.27, 0.94], from_zero=False)
    assert [fine.label(mark, "share").nl for mark in fine.marks[:2]] == ["96,5%", "97,0%"]
    assert [coarse.label(mark, "share").en for mark in coarse.marks[:2]] == ["20%", "40%"]
    assert scale([340.0]).label(100, "nights").nl == "100"
