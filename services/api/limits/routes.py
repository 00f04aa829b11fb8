"""`GET /v1/alarms`: the alerts of the caller's regions. It names no person, not even by a pseudonym."""

from typing import Annotated, Final

from fastapi import Depends, FastAPI

from services.adapters.http.call import Call
from services.adapters.http.route_policy import RoutePolicy
from services.api.limits.alert_log import AlertLog
from services.api.limits.models import AlarmsAnswer, AlarmShape

_ALARMS: Final = RoutePolicy(roles=("coordinator", "operator"), audit="alarms-shown", errors=("data-unavailable",))


def add_alarms(app: FastAPI, log: AlertLog) -> None:
    """Add the route."""

    @app.get(
        "/v1/alarms",
        tags=["alarms"],
        summary="What to ask the desks of the caller's regions about",
        description="`searches`: many without a hold; `holds`: given back or expired before any shelter answered; `glass`: a rate limit"
        " was passed, with the reason stated last, and how often one person did so within the hour; `desk`: many searches of one desk;"
        " `fallbacks`: many of one person; `call_lists`: many lists of shelters to call; `take_overs`: many holds of colleagues taken over;"
        " `number`: the duty number of the organisation in `reason` was changed; `phone`: the shelter in `reason` has another intake phone;"
        " `events`: more events of the shelter in `reason` on one"
        " day than is usual. Of the last 90 days, at most 1,000; `complete` is false while the log of before can't be read.",
    )
    async def list_alarms(call: Annotated[Call[None], Depends(_ALARMS)]) -> AlarmsAnswer:
        await call.record()
        regions = None if call.caller.role == "operator" else call.caller.regions
        return AlarmsAnswer(alarms=[AlarmShape.of(alert, regions) for alert in log.newest(regions)], complete=log.complete)
