"""With what the fold of each shelter or case begins: with nothing, or with what the checkpoint of its partition has of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from services.adapters.checkpoints.checkpoint import Checkpoint
from services.adapters.codec.event_codec import EventCodec
from services.adapters.view import shelter_documents
from services.adapters.view.stored_facts import events_by_key
from services.domain.beds.holds import HoldFacts
from services.domain.beds.shelter_fold import ShelterState, load
from services.domain.demand.case_fold import Case, CaseName, load_cases
from services.domain.events.catalog import Event
from services.monitor.archive.parquet_log import ArchiveError


@dataclass(frozen=True, slots=True)
class Beginning:
    """The beginning of one partition: the first record after its checkpoint, and what the checkpoint has, by shelter or case.

    `clock` (ms) is that of the partition before that record; from `limit` (ms) on all is known. Both are None without a checkpoint.
    """

    offset: int = 0
    clock: int | None = None
    limit: int | None = None
    seen: Mapping[bytes, int] = field(default_factory=dict)
    corrected: Mapping[bytes, int] = field(default_factory=dict)
    last_happened: Mapping[str, int] = field(default_factory=dict)
    shelters: Mapping[str, bytes] = field(default_factory=dict)
    holds: Mapping[str, list[HoldFacts]] = field(default_factory=dict)
    facts: Mapping[str, list[tuple[int, Event]]] = field(default_factory=dict)

    @classmethod
    def of(cls, checkpoint: Checkpoint | None, codec: EventCodec) -> Self:
        """Return the beginning that a checkpoint makes. ArchiveError when a fact of it is no event of the contract."""
        if checkpoint is None:
            return cls()
        state = checkpoint.state
        try:
            facts = events_by_key(codec, checkpoint.topic, state.facts)
        except ValueError as wrong:
            raise ArchiveError(str(wrong)) from wrong
        return cls(
            offset=checkpoint.offset,
            clock=state.position.clock,
            limit=checkpoint.limit,
            seen=state.seen,
            corrected=state.corrected,
            last_happened=checkpoint.last_happened,
            shelters=state.shelters,
            holds=shelter_documents.holds_by_shelter(state.holds),
            facts=facts,
        )

    def keys(self) -> set[str]:
        """Return the shelters or cases that it has something of."""
        return {*self.shelters, *self.facts}

    def shelter(self, name: str) -> ShelterState | None:
        """Return a shelter as the fold had it; None where it was not known."""
        if name not in self.shelters:
            return None
        return load(shelter_documents.read_shelter(name, self.shelters[name]), self.facts.get(name, ()), self.holds.get(name, ()))

    def cases(self, key: str) -> dict[CaseName, Case]:
        """Return the cases of a key."""
        return load_cases(self.facts.get(key, ()))
