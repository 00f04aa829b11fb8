"""`/v1/duty-list`: which number to phone, whatever else is down (design, section 5). Coordinators enter numbers, and take them back."""

from typing import Annotated, Any, Final

from fastapi import Depends, FastAPI, Response

from services.adapters.http.call import Call
from services.adapters.http.request_body import JsonBody
from services.adapters.http.route_policy import RoutePolicy
from services.adapters.problem_details import DUTY_LIST
from services.api.duty.duty_list import DutyList
from services.api.duty.models import DutyForm, DutyListAnswer, DutyNumber, TakenBack
from services.domain.search.duty_numbers import OrganisationInRegion

_REGION: Final[dict[str, Any]] = {
    "name": "region",
    "in": "query",
    "required": False,
    "description": "The numbers of this region only, by its code",
    "schema": {"type": "string"},
}
# A worker who can't reach Plek by night has the list of the evening on the own device.
_CACHED: Final = "private, max-age=86400"
_HEADERS: Final = {"Cache-Control": {"description": "For the caller's own device, a day", "schema": {"const": _CACHED}}}
_NUMBER_PATH: Final = f"{DUTY_LIST}/{{organisation}}/{{region}}"

_SHOW: Final = RoutePolicy(roles=("worker", "shelter", "coordinator", "operator"), audit="duty-list-shown", parameters=(_REGION,))
_CHANGE_ERRORS: Final = ("data-unavailable", "duty-away")
_ENTER: Final = RoutePolicy(roles=("coordinator",), audit="duty-number-changed", body=JsonBody(DutyForm), errors=_CHANGE_ERRORS)
_TAKE_BACK: Final = RoutePolicy(roles=("coordinator",), audit="duty-number-changed", errors=_CHANGE_ERRORS)


def add_duty_list(app: FastAPI, duty: DutyList) -> None:
    """Add the routes."""

    @app.get(
        DUTY_LIST,
        tags=["duty list"],
        summary="Whom to phone: one number per organisation and region, whatever else is down",
        responses={200: {"headers": _HEADERS}},
    )
    async def read_duty_list(call: Annotated[Call[None], Depends(_SHOW)], response: Response) -> DutyListAnswer:
        response.headers["Cache-Control"] = _CACHED
        return await duty.show(call, call.request.query_params.get("region"))

    @app.put(_NUMBER_PATH, tags=["duty list"], summary="Enter the duty number of an organisation in a region")
    async def enter_duty_number(call: Annotated[Call[DutyForm], Depends(_ENTER)], organisation: str, region: str) -> DutyNumber:
        return await duty.enter(call, OrganisationInRegion(organisation, region))

    @app.delete(_NUMBER_PATH, tags=["duty list"], summary="Take the duty number of an organisation in a region back")
    async def remove_duty_number(call: Annotated[Call[None], Depends(_TAKE_BACK)], organisation: str, region: str) -> TakenBack:
        return await duty.take_back(call, OrganisationInRegion(organisation, region))
