"""The projection of `plek.demand-events`: searches, fallbacks and waiting-list entries, and how many are open."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace

from services.adapters.codec.event_codec import EventCodec, Topic, encode, key_of
from services.adapters.view import case_documents
from services.adapters.view.ports import Position, Saved, Write
from services.adapters.view.stored_facts import stored_events
from services.domain.demand.case_counts import CaseCounts
from services.domain.demand.case_fold import Case, CaseName, DemandState, load_cases
from services.domain.events.catalog import Event
from services.processor.partition import Partition, stored_ids


@dataclass(slots=True)
class DemandProjection:
    """The cases of one partition, and their counts."""

    state: DemandState
    counts: CaseCounts = field(default_factory=CaseCounts)

    def apply(self, event: Event, offset: int) -> Iterable[str]:
        """Fold an event; return the cases it changed, none when its name was seen before (D1)."""
        return [case_documents.written(name) for name in self.state.apply(event, key_of(event), offset)]

    def save(self, changed: Collection[str], swept_at: int, write: Write) -> list[str]:  # noqa: ARG002 - time alone changes nothing here
        """Add the cases that changed to `write`, and the counts they changed."""
        changes = self.state.drain_changes()
        write.facts = {offset: encode(event) for offset, event in changes.facts_added.items()}
        write.facts_dropped = sorted(changes.facts_removed)
        write.counts = self.counts.recount(self.state.cases, changes.cases)
        for name in changes.cases:
            case = self.state.cases.get(name)
            _put(name, case, write.cases, write.cases_gone)
            _put(name, case if case and case.open else None, write.open, write.open_gone)
        return []

    def full_snapshot(self, position: Position) -> Saved:
        """Return all that the view should store, with every count computed again."""
        cases, counts = self.state.cases, CaseCounts()
        counts.recount(cases, cases)
        return replace(
            self.documents(cases, position),
            facts={offset: encode(event) for case in cases.values() for facts in case.facts.values() for offset, event in facts.items()},
            seen=self.state.seen.logged_at,
            corrected=self.state.corrected.logged_at,
            counts=dict(counts.numbers),
        )

    def keys(self) -> list[CaseName]:
        """Return its cases."""
        return list(self.state.cases)

    def documents(self, keys: Iterable[CaseName], position: Position) -> Saved:
        """Return what the view should show of these cases, without counts; of one that it does not know nothing."""
        cases = {case_documents.written(name): case for name in keys if (case := self.state.cases.get(name))}
        documents = {written: case_documents.case_document(case) for written, case in cases.items()}
        return Saved(position=position, cases=documents, open={written: documents[written] for written, case in cases.items() if case.open})

    def counted(self) -> dict[str, int]:
        """Return the counts as they were written last."""
        return dict(self.counts.numbers)

    def sizes(self) -> dict[str, int]:
        """Return how many members the view should have of each kind."""
        cases = self.state.cases
        return {"cases": len(cases), "open": sum(case.open for case in cases.values())}


def _put(name: CaseName, case: Case | None, there: dict[str, bytes], gone: list[str]) -> None:
    if case:
        there[case_documents.written(name)] = case_documents.case_document(case)
    else:
        gone.append(case_documents.written(name))


@dataclass(frozen=True, slots=True)
class DemandProjectionFactory:
    """Makes the partitions of demand."""

    codec: EventCodec
    topic: Topic = "demand"

    def fresh(self, position: Position) -> Partition[DemandProjection]:
        """Return a partition without any state."""
        return Partition(self, position, DemandProjection(DemandState()))

    def restored(self, saved: Saved) -> Partition[DemandProjection]:
        """Return a partition from the view: its facts alone give its cases."""
        state = DemandState(
            clock=saved.position.clock,
            seen=stored_ids(saved.seen),
            corrected=stored_ids(saved.corrected),
            cases=load_cases(stored_events(self.codec, self.topic, saved.facts)),
            dead_letters=saved.position.dead_letters,
        )
        projection = DemandProjection(state)
        projection.counts.recount(state.cases, state.cases)
        return Partition(self, saved.position, projection)
