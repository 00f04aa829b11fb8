"""Bitemporal rows: each says that something was so from `start` to `end`, and from which record to which other that was known.

Guarantees: nothing is ever changed. A row that turns out to be wrong is closed at that position of the log and written anew, so what was
known at any earlier position can still be read.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

from services.domain.beds.valid_time import Span

T = TypeVar("T")


class LoggedAt(NamedTuple):
    """A position in a partition: an offset, and the partition's clock there (ms)."""

    offset: int
    clock: int


class BitemporalRow(NamedTuple, Generic[T]):
    """One thing that was so, known from a position of the log on, up to another (None: still)."""

    span: Span[T]
    since: LoggedAt
    until: LoggedAt | None


@dataclass(slots=True)
class BitemporalRows(Generic[T]):
    """The rows of one thing that are known now, in the order of time, each with the position since which it is."""

    known: list[tuple[Span[T], LoggedAt]] = field(default_factory=list)

    def write(self, start: int, end: int, spans: Sequence[Span[T]], position: LoggedAt) -> Iterator[BitemporalRow[T]]:
        """Replace what was so between two instants; yield the rows that are no longer known. A row that stays the same is left alone."""
        first = len(self.known)
        while first and self.known[first - 1][0].end > start:
            first -= 1
        last = len(self.known)
        while last > first and self.known[last - 1][0].start >= end:
            last -= 1
        before = self.known[first:last]
        after = _joined([*_before(before, start), *spans, *_after(before, end)])
        since = dict(before)
        self.known[first:last] = [(span, since.get(span, position)) for span in after]
        unchanged = set(after)
        return (BitemporalRow(span, known, position) for span, known in before if span not in unchanged and known.offset < position.offset)

    def rest(self) -> Iterator[BitemporalRow[T]]:
        """Yield the rows that are still known."""
        return (BitemporalRow(span, since, None) for span, since in self.known)


def _before(rows: list[tuple[Span[T], LoggedAt]], start: int) -> list[Span[T]]:
    """Return what is left of the first row before `start`."""
    return [Span(span.start, start, span.value) for span, _ in rows[:1] if span.start < start]


def _after(rows: list[tuple[Span[T], LoggedAt]], end: int) -> list[Span[T]]:
    """Return what is left of the last row from `end` on."""
    return [Span(end, span.end, span.value) for span, _ in rows[-1:] if span.end > end]


def _joined(spans: list[Span[T]]) -> list[Span[T]]:
    """Join spans that touch and have the same value."""
    joined: list[Span[T]] = []
    for span in spans:
        if joined and joined[-1].end == span.start and joined[-1].value == span.value:
            joined[-1] = Span(joined[-1].start, span.end, span.value)
        else:
            joined.append(span)
    return joined
