"""The routes of holds: `/v1/holds` for workers, and the answers of shelters."""

from typing import Annotated, Any, Final, TypeVar

from fastapi import Depends, FastAPI, Response, status

from services.adapters.http.call import Call
from services.adapters.http.request_body import JsonBody
from services.adapters.http.route_policy import RoutePolicy
from services.adapters.problem_details import Kind
from services.api.holds.composition import HoldServices
from services.api.holds.manage_holds import Holds
from services.api.holds.models import AnswerAnswer, DeclineForm, HoldAnswer, HoldForm, HoldsAnswer
from services.api.holds.request_hold import HoldRequests
from services.api.holds.shelter_response import ShelterResponses

_AWAY: Final[tuple[Kind, ...]] = ("data-unavailable", "rebuilding")
_CHANGE: Final[tuple[Kind, ...]] = (*_AWAY, "hold-over", "hold-undecided", "colleague-has-it")

_REQUEST: Final = RoutePolicy(
    roles=("worker",),
    audit="hold-asked",
    body=JsonBody(HoldForm),
    idempotency_key=True,
    errors=(*_AWAY, "no-desk", "offer-over", "kafka-away", "taken", "hold-over", "too-many-holds", "search-held", "hard-limit"),
)
_READ: Final = RoutePolicy(roles=("worker",), audit="holds-shown", errors=_AWAY)
_RELEASE: Final = RoutePolicy(roles=("worker",), audit="hold-changed", errors=(*_CHANGE, "kafka-away"))
_EXTEND: Final = RoutePolicy(roles=("worker",), audit="hold-changed", errors=(*_CHANGE, "extended-already", "extend-early", "kafka-away"))
_TAKE_OVER: Final = RoutePolicy(roles=("worker",), audit="hold-taken-over", errors=_CHANGE)
_ACCEPT: Final = RoutePolicy(roles=("shelter",), audit="hold-answered", errors=(*_AWAY, "hold-over", "kafka-away"))
_DECLINE: Final = RoutePolicy(
    roles=("shelter",), audit="hold-answered", body=JsonBody(DeclineForm), errors=(*_AWAY, "hold-over", "kafka-away")
)

_PENDING: Final[dict[int | str, dict[str, Any]]] = {202: {"model": HoldAnswer, "description": "Not decided yet; `Location`: where to look"}}
_NOT_SHOWN: Final[dict[int | str, dict[str, Any]]] = {202: {"model": AnswerAnswer, "description": "Logged, and not in the view yet"}}

A = TypeVar("A", HoldAnswer, AnswerAnswer)


def add_holds(app: FastAPI, services: HoldServices) -> None:
    """Add the routes."""
    _add_requests(app, services.requests)
    _add_own(app, services.holds)
    _add_responses(app, services.responses)


def _add_requests(app: FastAPI, requests: HoldRequests) -> None:
    @app.post("/v1/holds", tags=["holds"], summary="Hold an offer", status_code=201, responses=_PENDING)
    async def request_hold(call: Annotated[Call[HoldForm], Depends(_REQUEST)], response: Response) -> HoldAnswer:
        return _with_status(response, await requests.request(call))


def _add_own(app: FastAPI, holds: Holds) -> None:
    @app.get("/v1/holds", tags=["holds"], summary="The caller's holds, and the live ones of colleagues of the desk")
    async def list_holds(call: Annotated[Call[None], Depends(_READ)]) -> HoldsAnswer:
        return await holds.list_holds(call)

    @app.get("/v1/holds/{hold}", tags=["holds"], summary="What became of a hold", responses=_PENDING)
    async def read_hold(call: Annotated[Call[None], Depends(_READ)], hold: str, response: Response) -> HoldAnswer:
        return _with_status(response, await holds.get(call, hold))

    @app.delete("/v1/holds/{hold}", tags=["holds"], summary="Give a hold back", responses=_PENDING)
    async def release_hold(call: Annotated[Call[None], Depends(_RELEASE)], hold: str, response: Response) -> HoldAnswer:
        return _with_status(response, await holds.release(call, hold))

    @app.post("/v1/holds/{hold}/extend", tags=["holds"], summary="Extend a hold, once, in its last ten minutes", responses=_PENDING)
    async def extend_hold(call: Annotated[Call[None], Depends(_EXTEND)], hold: str, response: Response) -> HoldAnswer:
        return _with_status(response, await holds.extend(call, hold))

    @app.post("/v1/holds/{hold}/take-over", tags=["holds"], summary="Take over a live hold of a colleague of the desk")
    async def take_over_hold(call: Annotated[Call[None], Depends(_TAKE_OVER)], hold: str) -> HoldAnswer:
        return await holds.take_over(call, hold)


def _add_responses(app: FastAPI, responses: ShelterResponses) -> None:
    @app.post("/v1/holds/{hold}/accept", tags=["holds"], summary="Accept a household", responses=_NOT_SHOWN)
    async def accept_hold(call: Annotated[Call[None], Depends(_ACCEPT)], hold: str, response: Response) -> AnswerAnswer:
        return _with_status(response, await responses.accept(call, hold))

    @app.post("/v1/holds/{hold}/decline", tags=["holds"], summary="Decline a household, with a code", responses=_NOT_SHOWN)
    async def decline_hold(call: Annotated[Call[DeclineForm], Depends(_DECLINE)], hold: str, response: Response) -> AnswerAnswer:
        return _with_status(response, await responses.decline(call, hold))


def _with_status(response: Response, answer: A) -> A:
    """Return an answer; one that is pending has status 202, and says where to look and when."""
    if answer.status == "pending":
        response.status_code = status.HTTP_202_ACCEPTED
        response.headers["Location"] = f"/v1/holds/{answer.hold}"
        response.headers["Retry-After"] = "1"
    return answer
