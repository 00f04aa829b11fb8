"""The fold of one partition of `plek.bed-events`: its clock, the names it has seen, its shelters.

Of every record: `advance_clock` first, then either `apply` its event or `count_dead_letter`.
"""

from dataclasses import dataclass, field

from services.domain.beds.event_ids import SeenIds, digest
from services.domain.beds.shelter_fold import ShelterState, evolve
from services.domain.beds.shelter_snapshot import ShelterSnapshot
from services.domain.events import catalog as e


@dataclass(slots=True)
class PartitionState:
    """The state of one partition. `clock` is the highest broker timestamp so far (ms), dead letters included."""

    clock: int = 0
    seen: SeenIds = field(default_factory=SeenIds)
    corrected: SeenIds = field(default_factory=SeenIds)
    shelters: dict[str, ShelterState] = field(default_factory=dict)
    dead_letters: int = 0

    def advance_clock(self, timestamp: int) -> int:
        """Advance the clock of the partition by a record's broker timestamp (ms), valid or not; it never goes back."""
        self.clock = max(self.clock, timestamp)
        return self.clock

    def count_dead_letter(self) -> None:
        """Count a dead letter: each copy counts (R13), and no name is used up (R1)."""
        self.dead_letters += 1

    def apply(self, event: e.Event, offset: int) -> ShelterState | None:
        """Fold a valid event at its offset; return the shelter it was folded into, None when its name was seen before (R1)."""
        name = digest(event.subject, event.source, event.id)
        if self.seen.contains(name, self.clock):
            return None
        self.seen.add(name, self.clock)
        shelter = self.shelters.get(event.subject)
        if shelter is None:
            shelter = self.shelters[event.subject] = ShelterState(ShelterSnapshot(event.subject))
        if isinstance(event.data, e.Correction):  # R12: also when it comes before what it corrects
            self.corrected.add(digest(event.subject, event.data.corrects.source, event.data.corrects.id), self.clock)
        corrected = self.corrected.contains(name, self.clock)
        evolve(shelter, event, offset=offset, clock=self.clock, corrected=corrected)
        return shelter
