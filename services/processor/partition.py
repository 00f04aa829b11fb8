"""One partition of a truth topic folded in memory: records in, what the view must write out. No input or output of its own.

What is folded is a book: beds (`beds.py`) or demand (`demand.py`). A partition is folded in place. Whoever folds it takes it out of
use first and puts it back only when the fence has answered *written*; whatever else happens, it is thrown away and loaded again
(`keeper.py`).
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, Protocol, TypeVar

from services.adapters.strict_json import read_json
from services.adapters.view.port import Position, Saved, Write
from services.adapters.wire import Refused, TooNew, Topic, Wire
from services.domain.events import Event
from services.domain.names import KEPT_MS, Names


class Record(Protocol):
    """A record of the log as a Kafka client hands it over; `timestamp` is the broker's, in milliseconds."""

    @property
    def offset(self) -> int:
        """Its place in the partition."""

    @property
    def timestamp(self) -> int:
        """When the broker logged it."""

    @property
    def key(self) -> bytes | None:
        """The key as it was sent."""

    @property
    def value(self) -> bytes | None:
        """The value as it was sent."""


@dataclass(slots=True, kw_only=True)
class Folded:
    """What came of some records: the write for the fence, the records refused, and the one before which to stop, if any."""

    write: Write
    refused: list[tuple[Record, Refused]]
    too_new: tuple[Record, TooNew] | None


class Registry(Protocol):
    """The fold of a topic, as far as every topic has it alike."""

    clock: int
    seen: Names
    corrected: Names
    dead_letters: int

    def hear(self, timestamp: int) -> int:
        """Advance the clock of the partition by a record's broker timestamp (ms)."""

    def refuse(self) -> None:
        """Count a dead letter."""


class Book(Protocol):
    """What is kept of one topic: its fold, and how that is written down in the view."""

    @property
    def registry(self) -> Registry:
        """The fold."""

    def take(self, event: Event, offset: int) -> Iterable[str]:
        """Fold an event; return what it changed, as the changes feed names it."""

    def save(self, touched: Collection[str], swept_at: int, write: Write) -> list[str]:
        """Write down what has changed; return what time alone has changed by `swept_at` (ms), as the changes feed names it."""

    def kept(self, position: Position) -> Saved:
        """Write out all that ought to be kept, with every count worked out anew at the position's `swept_at`."""


B = TypeVar("B", bound=Book)


class Fold(Protocol):
    """How the partitions of one topic are begun."""

    @property
    def topic(self) -> Topic:
        """Which truth topic it folds."""

    @property
    def wire(self) -> Wire:
        """What decodes its records."""

    def fresh(self, position: Position) -> "Partition[Any]":
        """Start a partition of which nothing was folded yet."""

    def restored(self, saved: Saved) -> "Partition[Any]":
        """Load a partition from what the view keeps of it; ValueError, KeyError or TypeError when that can't be read."""


@dataclass(slots=True)
class Partition(Generic[B]):
    """The fold of one partition up to `position`."""

    of: Fold
    position: Position
    book: B

    def fold(self, records: Sequence[Record]) -> Folded:
        """Fold records that follow on `position`, up to one that is too new."""
        registry = self.book.registry
        refused: list[tuple[Record, Refused]] = []
        changes: list[tuple[int, str]] = []
        too_new, last = None, self.position.offset
        for record in records:
            read = self.of.wire.decode(self.of.topic, record.key, record.value)
            if isinstance(read, TooNew):
                too_new = (record, read)
                break
            registry.hear(record.timestamp)
            last = record.offset
            if isinstance(read, Refused):
                registry.refuse()
                refused.append((record, read))
            else:
                changes += [(record.offset, changed) for changed in self.book.take(read, record.offset)]
        return Folded(write=self._write(last, changes, self.position.swept_at), refused=refused, too_new=too_new)

    def sweep(self, now: int, as_of: int | None) -> Write:
        """Let time pass to `now` (ms): recount what has fallen due; `as_of` is a time by which all that was logged is folded in."""
        self.position = replace(self.position, alive_at=max(as_of or 0, self.position.alive_at))
        return self._write(self.position.offset, [], now)

    def kept(self, swept_at: int) -> Saved:
        """Write out all that ought to be kept of it, with every count worked out anew at `swept_at` (ms)."""
        registry = self.book.registry
        return self.book.kept(replace(self.position, clock=registry.clock, dead_letters=registry.dead_letters, swept_at=swept_at))

    def _write(self, last: int, changes: list[tuple[int, str]], now: int) -> Write:
        """Gather all that has changed since the last write, with every count right at one instant."""
        registry, after = self.book.registry, self.position.offset
        swept_at = max(now, self.position.swept_at, registry.clock)
        self.position = replace(self.position, offset=last, clock=registry.clock, dead_letters=registry.dead_letters, swept_at=swept_at)
        write = Write(after=after, position=self.position, names_before=registry.clock - KEPT_MS)
        touched = dict.fromkeys(changed for _, changed in changes)
        due = self.book.save(touched, swept_at, write)
        for names, added in ((registry.seen, write.seen), (registry.corrected, write.corrected)):
            names.forget(registry.clock)
            added.update(names.take_added())
        if not self.position.rebuilding:
            write.changes = changes + [(last, changed) for changed in due if changed not in touched]
        return write


def known(wire: Wire, topic: Topic, raw: bytes) -> Event:
    """Read a fact that the view keeps; ValueError when it is no event of this topic."""
    event = wire.decode_object(read_json(raw), topic)
    if not isinstance(event, Event):
        # Not a TypeError: the type is right, what it says is not.
        raise ValueError("a fact in the view is no event of the contract: was a region code removed?")  # noqa: TRY004
    return event


def names(saved: dict[bytes, int]) -> Names:
    """Read names that the view keeps."""
    return Names(logged_at=dict(sorted(saved.items(), key=lambda name: name[1])))
