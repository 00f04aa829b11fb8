"""The parts of Plek, for an operator: which answer, how far each is, and what was refused."""

import asyncio

from starlette.responses import Response

from services.web.pages.visit import Visit


async def parts(visit: Visit) -> Response:
    """Show the readiness of each service, the state of each partition, and the number of dead letters."""
    ready, state, alarms = await asyncio.gather(visit.site.client.readiness(), visit.get("/v1/operator/state"), visit.get("/v1/alarms"))
    return visit.render(
        "oversight/parts.html",
        ready=ready,
        state=state.body if state.ok else None,
        alarms=alarms.body.get("alarms", ()),
        ages=state.body,
    )
