"""Notices a partition that no longer moves though its log grows: a process that hangs is worse than one that is started again."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.processor.log import Ends


@dataclass(slots=True)
class Watchdog:
    """Remembers when each partition last moved; `patience` and `now` in seconds of a clock that never goes back."""

    patience: float
    moved: dict[int, tuple[int, float]] = field(default_factory=dict)

    def stuck(self, positions: Mapping[int, int], ends: Mapping[int, Ends], now: float) -> str | None:
        """Say which partition is stuck, if one is: behind the end of its log, at the same position for longer than the patience."""
        for number, end in ends.items():
            offset = positions.get(number, -1)
            seen, since = self.moved.get(number, (offset, now))
            if offset != seen or offset + 1 >= end.end:
                since = now
            self.moved[number] = (offset, since)
            if now - since > self.patience:
                return f"partition {number} stands at {offset} for {now - since:.0f} s, its log ends at {end.end}"
        for number in set(self.moved) - set(ends):
            del self.moved[number]
        return None
