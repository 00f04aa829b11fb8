"""Checks what a correction takes back: no one undoes alone what takes a second person (security, F2).

A correction names an event, not its type. So the event is looked up among those that were logged lately, before those of the same request:
of a name the first copy counts (R1). What is found in neither may be a registration of long ago, and is refused.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from services.adapters.codec.event_codec import RefusedEvent
from services.adapters.codec.validation import FieldProblem
from services.domain.events.catalog import SHORT_NAMES, Correction, Event
from services.gateway.authorization import may_undo
from services.gateway.proposals.rules import ChangeSender

Name = tuple[str, str]


class ShelterLog(Protocol):
    """What was logged lately about one shelter."""

    def find(self, name: Name) -> Event | None:
        """Return the event of a name; None where it was not logged lately."""


class RecentLog(Protocol):
    """What was logged lately."""

    async def of(self, shelter: str) -> ShelterLog:
        """Read what was logged about a shelter; LogUnavailableError."""


@dataclass(slots=True)
class CorrectionCheck:
    """Checks the corrections of one request; each shelter is looked up once."""

    recent: RecentLog
    sender: ChangeSender
    earlier: dict[tuple[str, Name], Event] = field(default_factory=dict)
    """The events of the request, each under its shelter and name."""
    _read: dict[str, ShelterLog] = field(default_factory=dict)

    async def problem(self, shelter: str, correction: Correction) -> RefusedEvent | None:
        """Return why a correction is refused; None where it is not. LogUnavailableError where that can't be known."""
        name = (correction.corrects.source, correction.corrects.id)
        if shelter not in self._read:
            self._read[shelter] = await self.recent.of(shelter)
        found = self._read[shelter].find(name) or self.earlier.get((shelter, name))
        if found is None:
            return RefusedEvent((FieldProblem("/data/corrects", "unknown_event"),))
        # An organisation's own system may do what a shelter may
        role = "shelter" if self.sender.proposer == "system" else self.sender.proposer
        if not may_undo(role, SHORT_NAMES[type(found.data)]):
            return RefusedEvent((FieldProblem("/data/corrects", "second_person"),))
        return None


def check_corrections(recent: RecentLog, sender: ChangeSender, events: Iterable[Event]) -> CorrectionCheck:
    """Return a check for one request; of two of its events with one name the first counts."""
    earlier: dict[tuple[str, Name], Event] = {}
    for event in events:
        earlier.setdefault((event.subject, event.name), event)
    return CorrectionCheck(recent, sender, earlier)
