"""What is answered about the events of a shelter: codes, numbers and ids; who sent them in so far as it was a desk of the shelter."""

from collections.abc import Callable
from typing import Annotated, Any, Final, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from services.adapters.codec.event_codec import plain
from services.adapters.rfc3339 import show, show_ms
from services.adapters.roles import Role
from services.domain.events.catalog import SHORT_NAMES, Correction, Event
from services.gateway.authorization import may_undo
from services.gateway.facts.models import is_undoable
from services.gateway.sent_events.recent_events import SentEvents
from services.gateway.shelters.event_handles import EventHandles, NamedEvent

MOST_LISTED: Final = 1_000
# What is a member of its own, or no code or number
_LEFT_OUT: Final = frozenset({"shelter", "occurred_at", "corrects", "name", "intake_phone"})
# Households are shown to their own shelter, and to an operator, who sees the whole state
_OF_HOUSEHOLDS: Final = frozenset({"stay", "adults", "children", "hold"})
_SHELTER: Final = "urn:plek:shelter:"
# The last part of a source that no desk has; any other is a service of Plek
_SENDERS: Final = frozenset({"import", "coordinator", "operator"})


class EventSent(TypedDict):
    """One event of the shelter."""

    event: Annotated[str, Field(description="Its handle")]
    type: Annotated[str, Field(description="Its name in the contract; `GET /v1/codes` has words for it")]
    time: Annotated[str, Field(description="When it was recorded")]
    occurred_at: NotRequired[Annotated[str, Field(description="When it happened, where that was stated")]]
    by: Annotated[str, Field(description="The desk of the shelter that sent it, or `import`, `coordinator`, `operator`, `system`")]
    undone: Annotated[bool, Field(description="A correction of it was sent")]
    undo: NotRequired[Annotated[str, Field(description="Where to POST to undo it, where the caller may and it has an effect")]]
    corrects: NotRequired[Annotated[str, Field(description="Of a correction: the handle of what it corrects, where that is listed too")]]
    data: Annotated[dict[str, Any], Field(description="Codes, numbers and ids, as in the contract; of households for the own shelter only")]


class EventsSent(TypedDict):
    """What was sent about a shelter, the newest first."""

    shelter: str
    since: Annotated[str, Field(description="The list holds all that was logged since; at most 14 days ago")]
    events: Annotated[list[EventSent], Field(max_length=MOST_LISTED)]
    events_left_out: Annotated[int, Field(description="How many older ones there are beside these")]


def events_sent(shelter: str, sent: SentEvents, handles: EventHandles, role: Role) -> EventsSent:
    """Return the list of what was sent about a shelter, as a role sees it."""
    types = {each.event.name: SHORT_NAMES[type(each.event.data)] for each in sent.events}

    def corrected(source: str, event_id: str) -> str | None:
        kind = types.get((source, event_id))
        return handles.write(NamedEvent(shelter, source, event_id, kind)) if kind else None

    listed = sent.events[:MOST_LISTED]
    return {
        "shelter": shelter,
        "since": show_ms(sent.since),
        "events": [_event(each.event, handles, role, corrected, undone=each.event.name in sent.corrected) for each in listed],
        "events_left_out": len(sent.events) - len(listed),
    }


def _event(event: Event, handles: EventHandles, role: Role, corrected: Callable[[str, str], str | None], *, undone: bool) -> EventSent:
    handle, kind, data = handles.of(event), SHORT_NAMES[type(event.data)], event.data
    hidden = _LEFT_OUT | _OF_HOUSEHOLDS if role == "coordinator" else _LEFT_OUT
    found: EventSent = {
        "event": handle,
        "type": kind,
        "time": show(event.time),
        "by": sent_by(event.source, event.subject),
        "undone": undone and is_undoable(kind),
        "data": {name: value for name, value in plain(data).items() if name not in hidden},
    }
    if event.occurred_at != event.time:
        found["occurred_at"] = show(event.occurred_at)
    if is_undoable(kind) and not undone and may_undo(role, kind):
        found["undo"] = f"/v1/shelters/{event.subject}/events/{handle}/undo"
    if isinstance(data, Correction) and (corrects := corrected(data.corrects.source, data.corrects.id)):
        found["corrects"] = corrects
    return found


def sent_by(source: str, shelter: str) -> str:
    """Return who sent an event: a desk of the shelter by its own name; of any other no more than what kind of sender it is."""
    own = f"{_SHELTER}{shelter}:"
    if source.startswith(own):
        return source.removeprefix(own)
    sender = source.removeprefix("urn:plek:").partition(":")[0]
    return sender if sender in _SENDERS else "system"
