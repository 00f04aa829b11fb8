"""What is still to happen: a heap of instants and acts. No clock runs here; the next act is the time."""

from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush

Act = Callable[[], None]


@dataclass(slots=True)
class Agenda:
    """`now` is the instant of the act that is under way, in milliseconds."""

    now: int
    _heap: list[tuple[int, int, Act]] = field(default_factory=list)
    _number: int = 0

    def at(self, instant: int, act: Act) -> None:
        """Put an act down for an instant, at the earliest now; of two at once the first put down comes first."""
        self._number += 1
        heappush(self._heap, (max(instant, self.now), self._number, act))

    def after(self, delay: int, act: Act) -> None:
        """Put an act down for so long from now."""
        self.at(self.now + delay, act)

    @property
    def due(self) -> int:
        """When the next act is due. A country never runs out of them: its days go on."""
        return self._heap[0][0]

    def step(self) -> None:
        """Do the next act."""
        self.now, _, act = heappop(self._heap)
        act()
