"""Limits how fast lines are sent: so many a second, evenly, whatever the receiver can take."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

# Batches a second at an even rate: small enough to look even
_BATCHES: Final = 5


@dataclass(slots=True)
class Throttle:
    """`rate` lines a second, None for no limit; `seconds` is a stopwatch."""

    rate: float | None
    seconds: Callable[[], float]
    began: float = field(init=False)
    sent: int = 0

    def __post_init__(self) -> None:
        self.began = self.seconds()

    def batch_size(self, most: int) -> int:
        """Return how many lines to send at a time, at most `most`."""
        return most if self.rate is None else max(1, min(most, round(self.rate / _BATCHES)))

    def delay(self, lines: int) -> float:
        """Return how many seconds to wait before these lines are sent, and count them."""
        due = self.began + self.sent / self.rate if self.rate else 0.0
        self.sent += lines
        return max(0.0, due - self.seconds())
