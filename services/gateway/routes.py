"""The route of the gateway."""

from typing import Annotated, Any, Final

from fastapi import Depends, FastAPI

from services.adapters.http.call import Call
from services.adapters.http.route_policy import RoutePolicy
from services.adapters.problem_details import MEDIA_TYPE, SCHEMA_REF
from services.gateway.authorization import SENDERS
from services.gateway.cloudevents_body import CE_HEADERS, LARGEST_BYTES, MOST_EVENTS, CloudEventsBody
from services.gateway.models import EventsAnswer
from services.gateway.publish_events import PublishEvents

_EVENTS: Final = RoutePolicy(
    roles=SENDERS, audit="events-sent", body=CloudEventsBody(), errors=("kafka-away", "view-away"), parameters=CE_HEADERS
)
_BOTH: Final = [{"$ref": SCHEMA_REF.format(model=model)} for model in ("ProblemDetails", "EventsAnswer")]
_REFUSED: Final[dict[int | str, dict[str, Any]]] = {
    400: {
        "description": "`invalid`: all that is wrong; the other events were accepted",
        "content": {MEDIA_TYPE: {"schema": {"allOf": _BOTH}}},
    }
}


def add_events(app: FastAPI, publishing: PublishEvents) -> None:
    """Add the route."""

    @app.post(
        "/v1/events",
        tags=["events"],
        summary="Send one event, or a batch",
        description=f"CloudEvents, structured or one in binary mode. At most {MOST_EVENTS} events and {LARGEST_BYTES} bytes. What is"
        " refused holds up nothing: the good events of a batch are accepted, and each is reported. Sent again, an event counts once.",
        response_description="All accepted and acknowledged",
        responses=_REFUSED,
    )
    async def send_events(call: Annotated[Call[list[Any]], Depends(_EVENTS)]) -> EventsAnswer:
        return await publishing.answer(call)
