"""The watchdog: a partition that is behind and does not move is stuck; any other is not."""

import pytest

from services.adapters.kafka.log_reader import Ends
from services.processor.stall_watchdog import StallWatchdog

LOOKS = [(0.0, 5, 10), (20.0, 5, 12), (31.0, 5, 14)]


@pytest.mark.parametrize(
    ("looks", "stuck"),
    [
        (LOOKS, True),
        (LOOKS[:2], False),
        ([(0.0, 9, 10), (100.0, 9, 10)], False),
        ([(0.0, 5, 10), (20.0, 6, 12), (40.0, 7, 14), (60.0, 8, 20)], False),
        ([(0.0, 9, 10), (100.0, 9, 11), (110.0, 9, 12)], False),
    ],
    ids=["behind and still", "not for long", "at the end", "slow but moving", "a long rest before"],
)
def test_a_partition_that_does_not_move(looks: list[tuple[float, int, int]], *, stuck: bool) -> None:
    """Only a partition behind its end, at one position for longer than the limit, is stuck."""
    dog, found = StallWatchdog(limit_s=30), None
    for now, offset, end in looks:
        found = dog.stuck({3: offset}, {3: Ends(0, end)}, now)
    assert bool(found) is stuck
