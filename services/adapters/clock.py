"""The clock of the machine; everywhere else time is an argument."""

import time


def now_ms() -> int:
    """Return milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def now_ns() -> int:
    """Return nanoseconds since 1970."""
    return time.time_ns()
