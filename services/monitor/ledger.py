"""What was true and what was known of it: a row says that something was so from `start` to `end`, and from when to when that was known.

The law of this file: nothing is ever changed. What is known to be otherwise is closed at that place of the log and written anew, so
that what was known at any earlier place can still be read.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

from services.domain.timelines import Span

T = TypeVar("T")


class Logged(NamedTuple):
    """A place in the log of a partition: an offset, and the partition's clock there (ms)."""

    offset: int
    clock: int


class Row(NamedTuple, Generic[T]):
    """One thing that was so, and that this was known from a place of the log on, up to another (None: still)."""

    span: Span[T]
    since: Logged
    until: Logged | None


@dataclass(slots=True)
class Ledger(Generic[T]):
    """What is known now of one matter, in the order of time, each with the place in the log that said so."""

    known: list[tuple[Span[T], Logged]] = field(default_factory=list)

    def write(self, start: int, end: int, spans: Sequence[Span[T]], place: Logged) -> Iterator[Row[T]]:
        """Say that between two instants it was so; yield the rows that are no longer known. What stays the same is left as it is."""
        first = len(self.known)
        while first and self.known[first - 1][0].end > start:
            first -= 1
        last = len(self.known)
        while last > first and self.known[last - 1][0].start >= end:
            last -= 1
        before = self.known[first:last]
        after = _joined([*_outside(before, start, end, left=True), *spans, *_outside(before, start, end, left=False)])
        since = dict(before)
        self.known[first:last] = [(span, since.get(span, place)) for span in after]
        kept = set(after)
        return (Row(span, known, place) for span, known in before if span not in kept and known.offset < place.offset)

    def rest(self) -> Iterator[Row[T]]:
        """Yield the rows that are still known."""
        return (Row(span, since, None) for span, since in self.known)


def _outside(before: list[tuple[Span[T], Logged]], start: int, end: int, *, left: bool) -> list[Span[T]]:
    """Return what stays of the first row before `start`, or of the last one from `end` on."""
    if not before:
        return []
    span = before[0 if left else -1][0]
    if left:
        return [Span(span.start, start, span.value)] if span.start < start else []
    return [Span(end, span.end, span.value)] if span.end > end else []


def _joined(spans: list[Span[T]]) -> list[Span[T]]:
    """Put spans that touch and say the same together."""
    joined: list[Span[T]] = []
    for span in spans:
        if joined and joined[-1].end == span.start and joined[-1].value == span.value:
            joined[-1] = Span(joined[-1].start, span.end, span.value)
        else:
            joined.append(span)
    return joined
