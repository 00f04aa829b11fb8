"""What is still to happen: a heap of instants and actions. No clock runs here; the next action sets the time."""

from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush

Action = Callable[[], object]


@dataclass(slots=True)
class EventQueue:
    """`now` is the instant of the action that is running, in milliseconds."""

    now: int
    _heap: list[tuple[int, int, Action]] = field(default_factory=list)
    _number: int = 0

    def at(self, instant: int, action: Action) -> None:
        """Schedule an action for an instant, at the earliest now; of two at one instant the first scheduled comes first."""
        self._number += 1
        heappush(self._heap, (max(instant, self.now), self._number, action))

    def after(self, delay: int, action: Action) -> None:
        """Schedule an action for so long from now."""
        self.at(self.now + delay, action)

    @property
    def due(self) -> int:
        """When the next action is due. There always is one: the days of a country schedule one another."""
        return self._heap[0][0]

    def step(self) -> None:
        """Run the next action."""
        self.now, _, action = heappop(self._heap)
        action()
