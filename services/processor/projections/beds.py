"""The projection of `plek.bed-events`: shelters, their units and holds, and the counts, which time changes too."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace

from services.adapters.codec.event_codec import EventCodec, Topic, encode
from services.adapters.view import shelter_documents
from services.adapters.view.ports import Position, Saved, Write
from services.adapters.view.stored_facts import events_by_key
from services.domain.beds.counts import CountsIndex
from services.domain.beds.partition_fold import PartitionState
from services.domain.beds.shelter_fold import ShelterState, load
from services.domain.beds.staleness import StalenessLimits
from services.domain.events.catalog import Event
from services.processor.partition import Partition, stored_ids


@dataclass(slots=True)
class BedProjection:
    """The shelters of one partition, and their counts; `unsaved_counts` are those that the view has not or has otherwise."""

    state: PartitionState
    counts: CountsIndex
    unsaved_counts: dict[str, int] = field(default_factory=dict)

    def apply(self, event: Event, offset: int) -> Iterable[str]:
        """Fold an event; return its shelter, or nothing when its name was seen before (R1)."""
        return [event.subject] if self.state.apply(event, offset) else []

    def save(self, changed: Collection[str], swept_at: int, write: Write) -> list[str]:
        """Add the shelters that changed to `write`, and every count that events or time have changed."""
        due, shelters = self.counts.overdue(swept_at), self.state.shelters
        for name in changed:
            _save(shelters[name], write)
        snapshots = (shelters[name].snapshot for name in dict.fromkeys([*changed, *due]))
        write.counts = self.unsaved_counts | self.counts.recount(snapshots, swept_at)
        self.unsaved_counts = {}
        return due

    def full_snapshot(self, position: Position) -> Saved:
        """Return all that the view should store, with every count computed again at the position's `swept_at`."""
        shelters, saved = self.state.shelters, self.documents(self.state.shelters, position)
        counts = CountsIndex(self.counts.limits)
        counts.recount((shelter.snapshot for shelter in shelters.values()), position.swept_at)
        return replace(
            saved,
            facts={
                offset: encode(event)
                for shelter in shelters.values()
                for facts in shelter.facts.values()
                for offset, event in facts.items()
            },
            seen=self.state.seen.logged_at,
            corrected=self.state.corrected.logged_at,
            counts=counts.numbers(),
        )

    def keys(self) -> list[str]:
        """Return its shelters."""
        return list(self.state.shelters)

    def documents(self, keys: Iterable[str], position: Position) -> Saved:
        """Return what the view should show of these shelters, without counts; of one that it does not know nothing."""
        shelters = {name: self.state.shelters[name] for name in keys if name in self.state.shelters}
        snapshots = {name: shelter.snapshot for name, shelter in shelters.items()}
        return Saved(
            position=position,
            holds={
                f"{name}/{hold.hold}": shelter_documents.hold_document(hold)
                for name, shelter in shelters.items()
                for hold in shelter.holds.values()
            },
            shelters={name: shelter_documents.shelter_document(snapshot) for name, snapshot in snapshots.items()},
            units={
                f"{name}/{unit.unit}": shelter_documents.unit_document(unit)
                for name, snapshot in snapshots.items()
                for unit in snapshot.units.values()
            },
        )

    def counted(self) -> dict[str, int]:
        """Return the counts as they were written last; none while some are still to be written."""
        return {} if self.unsaved_counts else self.counts.numbers()

    def sizes(self) -> dict[str, int]:
        """Return how many members the view should have of each kind."""
        shelters = self.state.shelters.values()
        return {
            "shelters": len(shelters),
            "units": sum(len(shelter.snapshot.units) for shelter in shelters),
            "holds": sum(len(shelter.holds) for shelter in shelters),
        }


def _save(shelter: ShelterState, write: Write) -> None:
    """Add what has changed in a shelter to `write`."""
    changes, snapshot = shelter.drain_changes(), shelter.snapshot
    write.facts |= {offset: encode(event) for offset, event in changes.facts_added.items()}
    write.facts_dropped = [*write.facts_dropped, *sorted(changes.facts_removed)]
    write.shelters[snapshot.shelter] = shelter_documents.shelter_document(snapshot)
    for unit in sorted(changes.units):
        name = f"{snapshot.shelter}/{unit}"
        if unit in snapshot.units:
            write.units[name] = shelter_documents.unit_document(snapshot.units[unit])
        else:
            write.units_gone = [*write.units_gone, name]
    for hold in sorted(changes.holds):
        write.holds[f"{snapshot.shelter}/{hold}"] = shelter_documents.hold_document(shelter.holds[hold])


@dataclass(frozen=True, slots=True)
class BedProjectionFactory:
    """Makes the partitions of beds."""

    codec: EventCodec
    limits: StalenessLimits
    topic: Topic = "beds"

    def fresh(self, position: Position) -> Partition[BedProjection]:
        """Return a partition without any state."""
        return Partition(self, position, BedProjection(PartitionState(), CountsIndex(self.limits)))

    def restored(self, saved: Saved) -> Partition[BedProjection]:
        """Return a partition from the view. Counts that the view has otherwise (limits changed) go with the next write."""
        facts, holds = events_by_key(self.codec, self.topic, saved.facts), shelter_documents.holds_by_shelter(saved.holds)
        shelters = {name: load(shelter_documents.read_shelter(name, raw), facts[name], holds[name]) for name, raw in saved.shelters.items()}
        state = PartitionState(
            clock=saved.position.clock,
            seen=stored_ids(saved.seen),
            corrected=stored_ids(saved.corrected),
            shelters=shelters,
            dead_letters=saved.position.dead_letters,
        )
        counts = CountsIndex(self.limits)
        counts.recount((shelter.snapshot for shelter in shelters.values()), saved.position.swept_at)
        unsaved = {name: number for name, number in counts.numbers().items() if saved.counts.get(name) != number}
        return Partition(self, saved.position, BedProjection(state, counts, unsaved))
