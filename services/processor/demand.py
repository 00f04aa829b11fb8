"""The book of `plek.demand-events`: searches, fallbacks and waiting-list entries, and how many are open."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from services.adapters.view import cases
from services.adapters.view.port import Position, Saved, Write
from services.adapters.wire import Topic, Wire, encode, key_of
from services.domain.caseload import Caseload
from services.domain.demand import Case, CaseName, DemandRegistry, load_cases
from services.domain.events import Event
from services.processor.partition import Partition, known, names


@dataclass(slots=True)
class DemandBook:
    """The cases of one partition."""

    registry: DemandRegistry
    load: Caseload = field(default_factory=Caseload)

    def take(self, event: Event, offset: int) -> Iterable[str]:
        """Fold an event into its case; it changes none when its name was seen before."""
        return [cases.written(name) for name in self.registry.take(event, key_of(event), offset)]

    def save(self, touched: Collection[str], swept_at: int, write: Write) -> list[str]:  # noqa: ARG002 - time alone changes nothing here
        """Write down the cases that were touched, and the counts they changed."""
        changed = self.registry.take_changes()
        write.facts = {offset: encode(event) for offset, event in changed.kept.items()}
        write.facts_dropped = sorted(changed.dropped)
        write.counts = self.load.recount(self.registry.cases, changed.cases)
        for name in changed.cases:
            case = self.registry.cases.get(name)
            _put(name, case, write.cases, write.cases_gone)
            _put(name, case if case and case.open else None, write.open, write.open_gone)
        return []

    def kept(self, position: Position) -> Saved:
        """Write out all that ought to be kept, with every count worked out anew."""
        registry, load = self.registry, Caseload()
        load.recount(registry.cases, registry.cases)
        documents = {name: cases.case_document(case) for name, case in registry.cases.items()}
        return Saved(
            position=position,
            facts={o: encode(event) for case in registry.cases.values() for named in case.facts.values() for o, event in named.items()},
            seen=registry.seen.logged_at,
            corrected=registry.corrected.logged_at,
            counts=dict(load.numbers),
            cases={cases.written(name): document for name, document in documents.items()},
            open={cases.written(name): document for name, document in documents.items() if registry.cases[name].open},
        )


def _put(name: CaseName, case: Case | None, there: dict[str, bytes], gone: list[str]) -> None:
    if case:
        there[cases.written(name)] = cases.case_document(case)
    else:
        gone.append(cases.written(name))


@dataclass(frozen=True, slots=True)
class DemandFold:
    """How partitions of demand are begun."""

    wire: Wire
    topic: Topic = "demand"

    def fresh(self, position: Position) -> Partition[DemandBook]:
        """Start a partition of which nothing was folded yet."""
        return Partition(self, position, DemandBook(DemandRegistry()))

    def restored(self, saved: Saved) -> Partition[DemandBook]:
        """Load a partition: the facts alone give its cases."""
        registry = DemandRegistry(
            clock=saved.position.clock,
            seen=names(saved.seen),
            corrected=names(saved.corrected),
            cases=load_cases((offset, known(self.wire, self.topic, raw)) for offset, raw in saved.facts.items()),
            dead_letters=saved.position.dead_letters,
        )
        book = DemandBook(registry)
        book.load.recount(registry.cases, registry.cases)
        return Partition(self, saved.position, book)
