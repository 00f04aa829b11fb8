"""One partition of a truth topic folded in memory: records in, what to write to the view out. It does no input or output.

What is folded is a projection: `projections/beds.py` or `projections/demand.py`. A partition is folded in place. The caller takes it out of
use first and puts it back only when the fence has answered *written*; in any other case it is thrown away and loaded again
(`partition_manager.py`).
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, Protocol, TypeVar

from services.adapters.codec.event_codec import EventCodec, RefusedEvent, TooNew, Topic
from services.adapters.kafka.dead_letters import Received
from services.adapters.view.ports import Position, Saved, Write
from services.domain.beds.event_ids import RETENTION_MS, SeenIds
from services.domain.events.catalog import Event


class StoredRecord(Received, Protocol):
    """A record of the log as a Kafka client returns it."""

    @property
    def timestamp(self) -> int:
        """When the broker logged it, in milliseconds."""


@dataclass(slots=True, kw_only=True)
class BatchResult:
    """What a batch gives: the write for the fence, the records refused, and the record before which to stop, if any."""

    write: Write
    refused: list[tuple[StoredRecord, RefusedEvent]]
    too_new: tuple[StoredRecord, TooNew] | None


class ProjectionState(Protocol):
    """The state of the fold of a topic, as far as both topics have it alike."""

    clock: int
    seen: SeenIds
    corrected: SeenIds
    dead_letters: int

    def advance_clock(self, timestamp: int) -> int:
        """Advance the clock of the partition by a record's broker timestamp (ms)."""

    def count_dead_letter(self) -> None:
        """Count a dead letter."""


class Projection(Protocol):
    """The fold of one topic, and how its state is written to the view."""

    @property
    def state(self) -> ProjectionState:
        """The state of the fold."""

    def apply(self, event: Event, offset: int) -> Iterable[str]:
        """Fold an event; return what it changed, as the changes feed names it."""

    def save(self, changed: Collection[str], swept_at: int, write: Write) -> list[str]:
        """Add to `write` all that has changed; return what time alone has changed by `swept_at` (ms), as the changes feed names it."""

    def full_snapshot(self, position: Position) -> Saved:
        """Return all that the view should store, with every count computed again at the position's `swept_at`."""

    def keys(self) -> Sequence[Any]:
        """Return its shelters, or its cases."""

    def documents(self, keys: Iterable[Any], position: Position) -> Saved:
        """Return what the view should show of some of them, without counts."""

    def counted(self) -> dict[str, int]:
        """Return the counts as they were written last."""

    def sizes(self) -> dict[str, int]:
        """Return how many members the view should have of each kind."""


P = TypeVar("P", bound=Projection)


class ProjectionFactory(Protocol):
    """Makes the partitions of one topic."""

    @property
    def topic(self) -> Topic:
        """The truth topic that is folded."""

    @property
    def codec(self) -> EventCodec:
        """The codec of its records."""

    def fresh(self, position: Position) -> "Partition[Any]":
        """Return a partition without any state."""

    def restored(self, saved: Saved) -> "Partition[Any]":
        """Return a partition from what the view stores of it; ValueError, KeyError or TypeError when that can't be read."""


@dataclass(slots=True)
class Partition(Generic[P]):
    """The fold of one partition up to `position`."""

    factory: ProjectionFactory
    position: Position
    projection: P

    def fold(self, records: Sequence[StoredRecord]) -> BatchResult:
        """Fold records that follow on `position`, up to one that is too new (R13)."""
        state, projection = self.projection.state, self.projection
        codec, topic = self.factory.codec, self.factory.topic
        refused: list[tuple[StoredRecord, RefusedEvent]] = []
        changes: list[tuple[int, str]] = []
        too_new, last = None, self.position.offset
        for record in records:
            event = codec.decode(topic, record.key, record.value)
            if isinstance(event, TooNew):
                too_new = (record, event)
                break
            state.advance_clock(record.timestamp)
            last = record.offset
            if isinstance(event, RefusedEvent):
                state.count_dead_letter()
                refused.append((record, event))
            else:
                changes += [(record.offset, name) for name in projection.apply(event, record.offset)]
        return BatchResult(write=self._write(last, changes, self.position.swept_at), refused=refused, too_new=too_new)

    def sweep(self, now: int, as_of: int | None) -> Write:
        """Count again what time has changed by `now` (ms); `as_of` is a time by which all that was logged is folded in."""
        self.position = replace(self.position, alive_at=max(as_of or 0, self.position.alive_at))
        return self._write(self.position.offset, [], now)

    def full_snapshot(self, swept_at: int) -> Saved:
        """Return all that the view should store, with every count computed again at `swept_at` (ms)."""
        state = self.projection.state
        position = replace(self.position, clock=state.clock, dead_letters=state.dead_letters, swept_at=swept_at)
        return self.projection.full_snapshot(position)

    def whole(self) -> Write:
        """Return all of it as a write to a view that has nothing yet (at offset -1)."""
        saved = self.full_snapshot(max(self.position.swept_at, self.position.clock))
        self.position = saved.position
        return Write(
            after=-1,
            position=saved.position,
            facts=saved.facts,
            seen=saved.seen,
            corrected=saved.corrected,
            holds=saved.holds,
            shelters=saved.shelters,
            units=saved.units,
            cases=saved.cases,
            open=saved.open,
            counts=saved.counts,
        )

    def _write(self, last: int, changes: list[tuple[int, str]], now: int) -> Write:
        """Return all that has changed since the last write, with every count computed at one instant."""
        state, after = self.projection.state, self.position.offset
        swept_at = max(now, self.position.swept_at, state.clock)
        self.position = replace(self.position, offset=last, clock=state.clock, dead_letters=state.dead_letters, swept_at=swept_at)
        write = Write(after=after, position=self.position, names_before=state.clock - RETENTION_MS)
        changed = dict.fromkeys(name for _, name in changes)
        due = self.projection.save(changed, swept_at, write)
        for names, added in ((state.seen, write.seen), (state.corrected, write.corrected)):
            names.expire(state.clock)
            added.update(names.drain_added())
        if not self.position.rebuilding:
            write.changes = changes + [(last, name) for name in due if name not in changed]
        return write


def stored_ids(saved: dict[bytes, int]) -> SeenIds:
    """Return the names that the view stores, in the order of their clocks."""
    return SeenIds(logged_at=dict(sorted(saved.items(), key=lambda name: name[1])))
