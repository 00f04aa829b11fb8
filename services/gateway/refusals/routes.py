"""`GET /v1/refusals`: what of an organisation's own topic was refused, and why."""

from typing import Annotated, Final

from fastapi import Depends, FastAPI

from services.adapters.http.call import Call
from services.adapters.http.route_policy import RoutePolicy
from services.gateway.refusals.models import RefusalsAnswer
from services.gateway.refusals.refusal_reader import RefusalReader
from services.gateway.unavailable import unavailable_as_problem

_REFUSALS: Final = RoutePolicy(roles=("shelter", "coordinator", "operator"), audit="refusals-shown", errors=("kafka-away", "view-away"))


def add_refusals(app: FastAPI, reader: RefusalReader) -> None:
    """Add the route."""

    @app.get(
        "/v1/refusals",
        tags=["events"],
        summary="What was refused of an organisation's own topic",
        description="Of the last 14 days, the newest first: position, reason and errors of each record, and no value that was sent. For a"
        " shelter those of its organisation, for a coordinator those of the organisations in its regions.",
    )
    async def list_refusals(call: Annotated[Call[None], Depends(_REFUSALS)]) -> RefusalsAnswer:
        with unavailable_as_problem():
            organisations = await reader.organisations(call.caller)
            call.describe(*(("organisation", organisation) for organisation in sorted(organisations)))
            return await reader.newest(organisations)
