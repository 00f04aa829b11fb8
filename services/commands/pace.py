"""How fast to send: at most so many a second, evenly, whatever the other side takes in at once."""

from collections.abc import Callable
from dataclasses import dataclass, field

# Parts of a second in which an even rate is cut: fine enough to look lively
_A_SECOND = 5


@dataclass(slots=True)
class Pace:
    """`rate` a second, None for as fast as it goes; `seconds` is a stopwatch."""

    rate: float | None
    seconds: Callable[[], float]
    began: float = field(init=False)
    sent: int = 0

    def __post_init__(self) -> None:
        self.began = self.seconds()

    def at_once(self, most: int) -> int:
        """Tell how many to send in one go, at most `most`."""
        return most if self.rate is None else max(1, min(most, round(self.rate / _A_SECOND)))

    def wait(self, more: int) -> float:
        """Note that `more` are about to be sent, and tell how many seconds to wait before that."""
        due = self.began + self.sent / self.rate if self.rate else 0.0
        self.sent += more
        return max(0.0, due - self.seconds())
