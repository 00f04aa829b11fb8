"""One partition of `plek.bed-events` folded in memory: records in, what the view must write out. No input or output of its own.

A partition is folded in place. Whoever folds it takes it out of use first and puts it back only when the fence has answered
*written*; whatever else happens, it is thrown away and loaded again (`keeper.py`).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from services.adapters.strict_json import read_json
from services.adapters.view import documents
from services.adapters.view.port import Position, Saved, Write
from services.adapters.wire import Refused, TooNew, Wire, encode
from services.domain.events import Event
from services.domain.freshness import Limits
from services.domain.holds import Hold
from services.domain.names import KEPT_MS, Names
from services.domain.occupancy import Shelter, load
from services.domain.registry import Registry
from services.domain.tally import Tally


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


@dataclass(slots=True)
class Partition:
    """The fold of one partition up to `position`."""

    wire: Wire
    position: Position
    registry: Registry
    tally: Tally
    unsaved_counts: dict[str, int] = field(default_factory=dict)

    def fold(self, records: Sequence[Record]) -> Folded:
        """Fold records that follow on `position`, up to one that is too new."""
        refused: list[tuple[Record, Refused]] = []
        changes: list[tuple[int, str]] = []
        too_new, last = None, self.position.offset
        for record in records:
            read = self.wire.decode("beds", record.key, record.value)
            if isinstance(read, TooNew):
                too_new = (record, read)
                break
            self.registry.hear(record.timestamp)
            last = record.offset
            if isinstance(read, Refused):
                self.registry.refuse()
                refused.append((record, read))
            elif self.registry.take(read, record.offset):
                changes.append((record.offset, read.subject))
        return Folded(write=self._write(last, changes, self.position.swept_at), refused=refused, too_new=too_new)

    def sweep(self, now: int, as_of: int | None) -> Write:
        """Let time pass to `now` (ms): recount what has fallen due; `as_of` is a time by which all that was logged is folded in."""
        self.position = replace(self.position, alive_at=max(as_of or 0, self.position.alive_at))
        return self._write(self.position.offset, [], now)

    def _write(self, last: int, changes: list[tuple[int, str]], now: int) -> Write:
        """Gather all that has changed since the last write, with every count right at one instant."""
        after, names_from = self.position.offset, self.registry.clock - KEPT_MS
        swept_at = max(now, self.position.swept_at, self.registry.clock)
        self.position = replace(
            self.position,
            offset=last,
            clock=self.registry.clock,
            dead_letters=self.registry.dead_letters,
            swept_at=swept_at,
        )
        due = self.tally.overdue(swept_at)
        touched = dict.fromkeys(shelter for _, shelter in changes)
        write = Write(after=after, position=self.position, names_before=names_from)
        for shelter in touched:
            _save(self.registry.shelters[shelter], write)
        pictures = (self.registry.shelters[shelter].picture for shelter in dict.fromkeys([*touched, *due]))
        write.counts = self.unsaved_counts | self.tally.recount(pictures, swept_at)
        self.unsaved_counts = {}
        for names, added in ((self.registry.seen, write.seen), (self.registry.corrected, write.corrected)):
            names.forget(self.registry.clock)
            added.update(names.take_added())
        if not self.position.rebuilding:
            write.changes = changes + [(last, shelter) for shelter in due if shelter not in touched]
        return write


def _save(shelter: Shelter, write: Write) -> None:
    """Write down what has changed in a shelter."""
    changed, picture = shelter.take_changes(), shelter.picture
    write.facts |= {offset: encode(event) for offset, event in changed.kept.items()}
    write.facts_dropped = [*write.facts_dropped, *sorted(changed.dropped)]
    write.shelters[picture.shelter] = documents.shelter_document(picture)
    for unit in sorted(changed.units):
        name = f"{picture.shelter}/{unit}"
        if unit in picture.units:
            write.units[name] = documents.unit_document(picture.units[unit])
        else:
            write.units_gone = [*write.units_gone, name]
    for hold in sorted(changed.holds):
        write.holds[f"{picture.shelter}/{hold}"] = documents.hold_document(shelter.holds[hold])


def fresh(wire: Wire, limits: Limits, position: Position) -> Partition:
    """Start a partition of which nothing was folded yet."""
    return Partition(wire, position, Registry(), Tally(limits))


def restored(wire: Wire, limits: Limits, saved: Saved) -> Partition:
    """Load a partition from what the view keeps of it. Counts that the view has otherwise (limits changed) go with the next write."""
    facts: defaultdict[str, list[tuple[int, Event]]] = defaultdict(list)
    for offset, raw in saved.facts.items():
        event = _known(wire, raw)
        facts[event.subject].append((offset, event))
    holds: defaultdict[str, list[Hold]] = defaultdict(list)
    for (shelter, _), hold in documents.read_holds(saved.holds).items():
        holds[shelter].append(hold)
    shelters = {name: load(documents.read_shelter(name, raw), facts[name], holds[name]) for name, raw in saved.shelters.items()}
    registry = Registry(
        clock=saved.position.clock,
        seen=_names(saved.seen),
        corrected=_names(saved.corrected),
        shelters=shelters,
        dead_letters=saved.position.dead_letters,
    )
    tally = Tally(limits)
    tally.recount((shelter.picture for shelter in shelters.values()), saved.position.swept_at)
    unsaved = {name: number for name, number in tally.numbers().items() if saved.counts.get(name) != number}
    return Partition(wire, saved.position, registry, tally, unsaved)


def _known(wire: Wire, raw: bytes) -> Event:
    event = wire.decode_object(read_json(raw), "beds")
    if not isinstance(event, Event):
        # Not a TypeError: the type is right, what it says is not.
        raise ValueError("a fact in the view is no event of the contract: was a region code removed?")  # noqa: TRY004
    return event


def _names(saved: dict[bytes, int]) -> Names:
    return Names(logged_at=dict(sorted(saved.items(), key=lambda name: name[1])))
