"""What the audit log says of events that were sent: which types, and what they are about."""

from collections.abc import Sequence
from typing import Final

from services.adapters.audit.records import Object
from services.adapters.codec.event_codec import key_of
from services.adapters.roles import Role
from services.domain.events import catalog as e

# What a shelter says about itself is a fact, and stands in the log with the desk it comes from; these are answers to a worker.
_DECISIONS: Final = (e.HoldAccepted, e.HoldDeclined)


def is_decision(role: Role, events: Sequence[e.Event]) -> bool:
    """Return whether there is a decision among them: all that a coordinator or an operator sends is one."""
    return role != "shelter" or any(isinstance(event.data, _DECISIONS) for event in events)


def event_type_names(events: Sequence[e.Event]) -> tuple[str, ...]:
    """List the types of events, each once."""
    return tuple(sorted({e.SHORT_NAMES[type(event.data)] for event in events}))


def audit_objects(events: Sequence[e.Event]) -> tuple[Object, ...]:
    """List what events are about, each once: shelters, holds, and searches, fallbacks and entries by their key."""
    objects: set[Object] = set()
    for event in events:
        objects.add(("demand" if isinstance(event.data, e.DEMAND_EVENTS) else "shelter", key_of(event)))
        if isinstance(event.data, e.HoldEvent):
            objects.add(("hold", f"{event.subject}/{event.data.hold}"))
    return tuple(sorted(objects))
