"""The throttle: at most so many lines a second, evenly."""

import pytest

from services.cli.events.throttle import Throttle


@pytest.mark.parametrize(("rate", "most", "together"), [(None, 500, 500), (200, 500, 40), (10_000, 500, 500), (1, 500, 1), (0.1, 500, 1)])
def test_a_batch_is_a_fifth_of_a_second(rate: float | None, most: int, together: int) -> None:
    """A batch has the lines of a fifth of a second, and never more than fit in one request."""
    assert Throttle(rate, lambda: 0.0).batch_size(most) == together


def test_a_sender_that_is_late_does_not_wait() -> None:
    """A sender that is late does not wait; one that is early waits until it is time."""
    now = 100.0
    throttle = Throttle(10, lambda: now)
    assert throttle.delay(5) == 0
    assert throttle.delay(5) == pytest.approx(0.5)
    now = 103.0
    assert throttle.delay(5) == 0
