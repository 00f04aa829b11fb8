"""The book of `plek.bed-events`: shelters, their units and holds, and the counts that time changes too."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from services.adapters.view import documents
from services.adapters.view.port import Position, Saved, Write
from services.adapters.wire import Topic, Wire, encode
from services.domain.events import Event
from services.domain.freshness import Limits
from services.domain.holds import Hold
from services.domain.occupancy import Shelter, load
from services.domain.registry import Registry
from services.domain.tally import Tally
from services.processor.partition import Partition, known, names


@dataclass(slots=True)
class BedBook:
    """The shelters of one partition."""

    registry: Registry
    tally: Tally
    unsaved_counts: dict[str, int] = field(default_factory=dict)

    def take(self, event: Event, offset: int) -> Iterable[str]:
        """Fold an event into its shelter; it changes none when its name was seen before."""
        return [event.subject] if self.registry.take(event, offset) else []

    def save(self, touched: Collection[str], swept_at: int, write: Write) -> list[str]:
        """Write down the shelters that were touched, and every count that events or time have changed."""
        due = self.tally.overdue(swept_at)
        for shelter in touched:
            _save(self.registry.shelters[shelter], write)
        pictures = (self.registry.shelters[shelter].picture for shelter in dict.fromkeys([*touched, *due]))
        write.counts = self.unsaved_counts | self.tally.recount(pictures, swept_at)
        self.unsaved_counts = {}
        return due

    def kept(self, position: Position) -> Saved:
        """Write out all that ought to be kept, with every count worked out anew."""
        registry, shelters = self.registry, self.registry.shelters
        tally = Tally(self.tally.limits)
        tally.recount((shelter.picture for shelter in shelters.values()), position.swept_at)
        return Saved(
            position=position,
            facts={o: encode(event) for each in shelters.values() for named in each.facts.values() for o, event in named.items()},
            seen=registry.seen.logged_at,
            corrected=registry.corrected.logged_at,
            holds={f"{name}/{hold}": documents.hold_document(of) for name, each in shelters.items() for hold, of in each.holds.items()},
            shelters={name: documents.shelter_document(each.picture) for name, each in shelters.items()},
            units={
                f"{name}/{unit}": documents.unit_document(of) for name, each in shelters.items() for unit, of in each.picture.units.items()
            },
            counts=tally.numbers(),
        )


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


@dataclass(frozen=True, slots=True)
class BedFold:
    """How partitions of beds are begun."""

    wire: Wire
    limits: Limits
    topic: Topic = "beds"

    def fresh(self, position: Position) -> Partition[BedBook]:
        """Start a partition of which nothing was folded yet."""
        return Partition(self, position, BedBook(Registry(), Tally(self.limits)))

    def restored(self, saved: Saved) -> Partition[BedBook]:
        """Load a partition. Counts that the view has otherwise (limits changed) go with the next write."""
        facts: defaultdict[str, list[tuple[int, Event]]] = defaultdict(list)
        for offset, raw in saved.facts.items():
            event = known(self.wire, self.topic, raw)
            facts[event.subject].append((offset, event))
        holds: defaultdict[str, list[Hold]] = defaultdict(list)
        for (shelter, _), hold in documents.read_holds(saved.holds).items():
            holds[shelter].append(hold)
        shelters = {name: load(documents.read_shelter(name, raw), facts[name], holds[name]) for name, raw in saved.shelters.items()}
        registry = Registry(
            clock=saved.position.clock,
            seen=names(saved.seen),
            corrected=names(saved.corrected),
            shelters=shelters,
            dead_letters=saved.position.dead_letters,
        )
        tally = Tally(self.limits)
        tally.recount((shelter.picture for shelter in shelters.values()), saved.position.swept_at)
        unsaved = {name: number for name, number in tally.numbers().items() if saved.counts.get(name) != number}
        return Partition(self, saved.position, BedBook(registry, tally, unsaved))
