"""The fold of one partition of `plek.bed-events`: its clock, the names it has seen, its shelters. The entry to every other fold.

Three things can be done with a record: `hear` its timestamp (always, first), then `take` its event, or count it as a dead letter.
"""

from dataclasses import dataclass, field

from services.domain import events as e
from services.domain.names import Names, digest
from services.domain.occupancy import Shelter, evolve
from services.domain.picture import ShelterPicture


@dataclass(slots=True)
class Registry:
    """The state of one partition. `clock` is the highest broker timestamp so far (ms), dead letters included."""

    clock: int = 0
    seen: Names = field(default_factory=Names)
    corrected: Names = field(default_factory=Names)
    shelters: dict[str, Shelter] = field(default_factory=dict)
    dead_letters: int = 0

    def hear(self, timestamp: int) -> int:
        """Advance the clock of the partition by a record's broker timestamp (ms), valid or not; it never goes back."""
        self.clock = max(self.clock, timestamp)
        return self.clock

    def refuse(self) -> None:
        """Count a dead letter; each copy counts (R13) and no name is used up (R1)."""
        self.dead_letters += 1

    def take(self, event: e.Event, offset: int) -> Shelter | None:
        """Fold a valid event at its offset; None when its name was seen before (R1), else the shelter it was folded into."""
        name = digest(event.subject, event.source, event.id)
        if self.seen.known(name, self.clock):
            return None
        self.seen.add(name, self.clock)
        shelter = self.shelters.get(event.subject)
        if shelter is None:
            shelter = self.shelters[event.subject] = Shelter(ShelterPicture(event.subject))
        if isinstance(event.data, e.Correction):
            self.corrected.add(digest(event.subject, event.data.corrects.source, event.data.corrects.id), self.clock)
        corrected = self.corrected.known(name, self.clock)
        evolve(shelter, event, offset=offset, clock=self.clock, corrected=corrected)
        return shelter
