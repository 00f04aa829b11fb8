"""Law: the time is read here and nowhere else. Whoever composes hands it on; to everything else it is an argument."""

import time
from collections.abc import Callable

from services.adapters.instants import NS_PER_MS

Clock = Callable[[], int]
"""Tells the time in milliseconds since 1970."""
Stopwatch = Callable[[], float]
"""Tells seconds since some instant; never goes back."""


def now_ms() -> int:
    """Tell the time in milliseconds since 1970."""
    return time.time_ns() // NS_PER_MS  # noqa: TID251  the one owner


def now_ns() -> int:
    """Tell the time in nanoseconds since 1970."""
    return time.time_ns()  # noqa: TID251  the one owner


def seconds() -> float:
    """Tell seconds since some instant; never goes back, also when the clock of the machine is set."""
    return time.monotonic()  # noqa: TID251  the one owner
