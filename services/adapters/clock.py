"""Reads the time; no other module does. `app.py` of a service passes a clock on, and to all other code time is an argument."""

import time
from collections.abc import Callable

from services.domain.durations import NS_PER_MS

Clock = Callable[[], int]
"""Return the time in milliseconds since 1970."""
Stopwatch = Callable[[], float]
"""Return the seconds since some instant; monotonic."""


def now_ms() -> int:
    """Return the time in milliseconds since 1970."""
    return time.time_ns() // NS_PER_MS  # noqa: TID251  the one owner


def seconds() -> float:
    """Return the seconds since some instant; monotonic, also when the clock of the machine is set."""
    return time.monotonic()  # noqa: TID251  the one owner
