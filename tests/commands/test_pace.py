"""The pace: evenly, at most so many a second."""

import pytest

from services.commands.pace import Pace


@pytest.mark.parametrize(("rate", "most", "together"), [(None, 500, 500), (200, 500, 40), (10_000, 500, 500), (1, 500, 1), (0.1, 500, 1)])
def test_so_many_go_together(rate: float | None, most: int, together: int) -> None:
    """A fifth of a second's worth, never more than fits in one request."""
    assert Pace(rate, lambda: 0.0).at_once(most) == together


def test_a_slow_other_side_is_not_made_up_for_by_waiting() -> None:
    """Who is behind does not wait; who is ahead waits until it is time."""
    now = 100.0
    pace = Pace(10, lambda: now)
    assert pace.wait(5) == 0
    assert pace.wait(5) == pytest.approx(0.5)
    now = 103.0
    assert pace.wait(5) == 0
