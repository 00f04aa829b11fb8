"""What is known of one unit while its shelter is folded: why it was closed from when to when, and which stays were in it.

Guarantees: an update costs as much as what it changes, however long the unit has existed. Most events are about the last hours of it.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from operator import itemgetter

from services.domain.beds.last_write_wins import Statement
from services.domain.beds.valid_time import Cleanings, Closure, Span, StayInterval, changed, closings
from services.domain.events import catalog as e


@dataclass(slots=True)
class UnitClosings:
    """Why the unit was closed, None when it was open."""

    spans: list[Span[str | None]] = field(default_factory=list)
    _cleanings: Cleanings = field(default_factory=Cleanings)

    def replace(self, old: Iterable[Closure], new: Iterable[Closure]) -> None:
        """Replace the closures by discharges of a stay; `update` then has to follow."""
        self._cleanings.replace(old, new)

    def update(self, statements: Sequence[Statement[e.UnitClosing]], since: int) -> tuple[int, int] | None:
        """Compute the spans again from an instant on, before which nothing has changed; return the time in which they differ."""
        first = len(self.spans)
        # The span that ends at the instant too: what made it end there may be what was removed
        while first and self.spans[first - 1].end >= since:
            first -= 1
        old = self.spans[first:]
        new = closings(statements, self._cleanings, min(since, old[0].start) if old else since)
        self.spans[first:] = new
        return changed(old, new)


@dataclass(slots=True)
class UnitStays:
    """The stays that were in the unit, each with its spans there."""

    _spans: dict[str, list[Span[StayInterval]]] = field(default_factory=dict)
    _ends: list[tuple[int, str]] = field(default_factory=list)
    """When each left the unit, in order."""

    def put(self, stay: str, spans: list[Span[StayInterval]]) -> None:
        """Replace the spans of a stay; without spans it was never there."""
        if before := self._spans.pop(stay, None):
            del self._ends[bisect_left(self._ends, (before[-1].end, stay))]
        if spans:
            self._spans[stay] = spans
            insort(self._ends, (spans[-1].end, stay))

    def between(self, start: int, end: int) -> list[Span[StayInterval]]:
        """Return the spans that hold at any time between two instants."""
        later = self._ends[bisect_right(self._ends, start, key=itemgetter(0)) :]
        return [span for _, stay in later for span in self._spans[stay] if span.start < end and span.end > start]
