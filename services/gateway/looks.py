"""What the audit log says of events that were sent: which kinds, and what they are about."""

from collections.abc import Sequence
from typing import Final

from services.adapters.audit.records import Object
from services.adapters.identity import Role
from services.adapters.wire import key_of
from services.domain import events as e

# What a shelter says about itself is a fact, and stands in the log with the desk it comes from. These are answers to somebody.
_DECISIONS: Final = (e.HoldAccepted, e.HoldDeclined)


def decides(role: Role, events: Sequence[e.Event]) -> bool:
    """Say whether there is a decision among them: whatever a desk, a coordinator or an operator sends is one."""
    return role != "shelter" or any(isinstance(event.data, _DECISIONS) for event in events)


def names(events: Sequence[e.Event]) -> tuple[str, ...]:
    """Name the kinds of events, each once."""
    return tuple(sorted({e.SHORT_NAMES[type(event.data)] for event in events}))


def objects(events: Sequence[e.Event]) -> tuple[Object, ...]:
    """Name what they are about, each once: shelters, holds, and searches, fallbacks and entries by their key."""
    found: set[Object] = set()
    for event in events:
        found.add(("demand" if isinstance(event.data, e.DEMAND_EVENTS) else "shelter", key_of(event)))
        if isinstance(event.data, e.HOLD_EVENTS):
            found.add(("hold", f"{event.subject}/{event.data.hold}"))
    return tuple(sorted(found))
