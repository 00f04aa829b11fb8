"""Handles of events: what a caller is given to undo an event by. A handle names one event of one shelter, and only the gateway can read it.

An event is named by `(source, id)`, and a source may hold the desk of another caller. So the name is sealed; the same event has the same
handle each time, so that lists can be compared.
"""

from dataclasses import dataclass
from typing import Final

from services.adapters.auth.pseudonyms import Pseudonyms
from services.adapters.http.sealed_tokens import SealedTokens
from services.domain.events.catalog import SHORT_NAMES, Event

_KIND: Final = "event"


@dataclass(frozen=True, slots=True)
class NamedEvent:
    """The event that a handle names: its shelter, its name, and its short type."""

    shelter: str
    source: str
    id: str
    type: str


class EventHandles:
    """Writes and reads handles with the key of one data set."""

    def __init__(self, pseudonyms: Pseudonyms) -> None:
        self._seals = SealedTokens(pseudonyms.sealing_key("event-handles"))

    def of(self, event: Event) -> str:
        """Return the handle of an event of a shelter."""
        return self.write(NamedEvent(event.subject, event.source, event.id, SHORT_NAMES[type(event.data)]))

    def write(self, named: NamedEvent) -> str:
        """Return the handle of a name."""
        return self._seals.name(_KIND, [named.shelter, named.source, named.id, named.type])

    def read(self, handle: str) -> NamedEvent | None:
        """Return what a handle names; None for anything else."""
        match self._seals.open(_KIND, handle):
            case [str(shelter), str(source), str(event_id), str(kind)]:
                return NamedEvent(shelter, source, event_id, kind)
        return None
