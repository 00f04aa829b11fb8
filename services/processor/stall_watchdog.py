"""Notices a partition that does not move while its log grows: a process that hangs is worse than one that is started again."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.adapters.kafka.log_reader import Ends


@dataclass(slots=True)
class StallWatchdog:
    """Remembers which partitions are behind, and since when; `limit_s` and `now` in seconds of a clock that never goes back."""

    limit_s: float
    behind: dict[int, tuple[int, float]] = field(default_factory=dict)
    """The position of each partition that is behind, and since when it has been behind there."""

    def stuck(self, positions: Mapping[int, int], ends: Mapping[int, Ends], now: float) -> str | None:
        """Return which partition is stuck, if one is: behind the end of its log, at the same position for longer than the limit."""
        at = {number: positions.get(number, -1) for number in ends}
        late = {number: offset for number, offset in at.items() if offset + 1 < ends[number].end}
        before = self.behind
        self.behind = {
            number: (offset, before[number][1] if before.get(number, (None,))[0] == offset else now) for number, offset in late.items()
        }
        for number, (offset, since) in self.behind.items():
            if now - since > self.limit_s:
                return f"partition {number} stands at {offset} for {now - since:.0f} s, its log ends at {ends[number].end}"
        return None
