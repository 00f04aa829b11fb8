"""`GET /v1/shelters/{shelter}/events` and `POST …/events/{event}/undo`."""

from typing import Annotated, Final

from fastapi import Depends, FastAPI

from services.adapters.audit.records import shelters
from services.adapters.http.call import Call
from services.adapters.http.request_body import JsonBody
from services.adapters.http.route_policy import RoutePolicy
from services.gateway.facts.models import FactAnswer
from services.gateway.sent_events.models import EventsSent, events_sent
from services.gateway.sent_events.undo_event import UndoCalls, UndoEventForm
from services.gateway.shelters.shelter_access import require_access
from services.gateway.unavailable import unavailable_as_problem

_LIST: Final = RoutePolicy(roles=("shelter", "coordinator", "operator"), audit="shelters-shown", errors=("kafka-away", "view-away"))
_UNDO: Final = RoutePolicy(
    roles=("shelter", "coordinator", "operator"),
    audit="events-sent",
    body=JsonBody(UndoEventForm),
    idempotency_key=True,
    errors=("not-undoable", "kafka-away", "view-away"),
)


def add_sent_events(app: FastAPI, undoing: UndoCalls) -> None:
    """Add the routes."""

    @app.get(
        "/v1/shelters/{shelter}/events",
        tags=["facts"],
        summary="What was sent about a shelter in the last 14 days, the newest first",
        description="Read from the log itself: all that was acknowledged is listed. A coordinator sees no households.",
    )
    async def list_sent_events(call: Annotated[Call[None], Depends(_LIST)], shelter: str) -> EventsSent:
        await require_access(call, shelter, undoing.publishing.states.lookup())
        with unavailable_as_problem():
            sent = await undoing.recent.of(shelter)
        call.describe(*shelters([shelter]))
        return events_sent(shelter, sent, undoing.handles, call.caller.role)

    @app.post(
        "/v1/shelters/{shelter}/events/{event}/undo",
        tags=["facts"],
        status_code=201,
        summary="Undo an event, as if it had never been sent",
        description="`event` is the handle from an answer or from the list. A correction, a count, an answer to a hold and what was undone"
        " before can't be undone.",
    )
    async def undo_event(call: Annotated[Call[UndoEventForm], Depends(_UNDO)], shelter: str, event: str) -> FactAnswer:
        return await undoing.undo(call, shelter, event)
