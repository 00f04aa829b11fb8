"""`/v1/fallbacks` and `/v1/waiting-list`: what is logged when no place was found. No rate limit applies."""

from typing import Annotated, Any, Final

from fastapi import Depends, FastAPI, Response

from services.adapters.http.call import Call
from services.adapters.http.request_body import JsonBody
from services.adapters.http.route_policy import RoutePolicy
from services.adapters.problem_details import Kind
from services.adapters.roles import Role
from services.api.demand.log_fallback import Fallbacks
from services.api.demand.models import EntriesAnswer, EntryAnswer, FallbackAnswer, FallbacksAnswer, FallbackStartedAnswer, NotLoggedAnswer
from services.api.demand.requests import FallbackEndForm, FallbackForm, JoinForm, LeaveForm, UndoForm
from services.api.demand.waiting_list import WaitingList

_QUEUED: Final = 202
_OPEN: Final = {"name": "open", "in": "query", "required": False, "schema": {"const": "true"}}


def _logs(model: type, *errors: Kind) -> RoutePolicy:
    return RoutePolicy(
        roles=("worker",),
        rate=None,
        unlimited="a household in a hotel is never refused",
        audit="demand-logged",
        body=JsonBody(model),
        idempotency_key=True,
        errors=("not-accepted", *errors),
    )


_START, _END, _UNDO = _logs(FallbackForm), _logs(FallbackEndForm), _logs(UndoForm, "nothing-to-undo", "view-away")
_JOIN, _LEAVE = _logs(JoinForm), _logs(LeaveForm)
# A coordinator reads what is open in the own regions, and changes nothing of it
_READERS: Final[tuple[Role, ...]] = ("worker", "coordinator")
_FALLBACKS: Final = RoutePolicy(roles=_READERS, audit="demand-shown", parameters=(_OPEN,), errors=("data-unavailable", "rebuilding"))
_ENTRIES: Final = RoutePolicy(roles=_READERS, audit="demand-shown", errors=("data-unavailable", "rebuilding"))


def _queued(model: type) -> dict[str, Any]:
    return {"model": model, "description": "Queued on disk until Kafka answers"}


def add_demand(app: FastAPI, fallbacks: Fallbacks, waiting: WaitingList) -> None:
    """Add the routes."""
    _add_fallbacks(app, fallbacks)
    _add_waiting(app, waiting)


def _add_fallbacks(app: FastAPI, fallbacks: Fallbacks) -> None:
    @app.post(
        "/v1/fallbacks",
        tags=["fallbacks"],
        summary="Log that a household is put up in a hotel or elsewhere",
        responses={200: {"model": NotLoggedAnswer}, 201: {"model": FallbackStartedAnswer}, 202: _queued(FallbackStartedAnswer)},
    )
    async def log_fallback(
        call: Annotated[Call[FallbackForm], Depends(_START)], response: Response
    ) -> FallbackStartedAnswer | NotLoggedAnswer:
        answer = await fallbacks.start(call)
        if isinstance(answer, FallbackStartedAnswer):
            response.status_code = _QUEUED if answer.status == "queued" else 201
        return answer

    @app.get("/v1/fallbacks", tags=["fallbacks"], summary="The fallbacks that are open in the caller's regions")
    async def list_fallbacks(call: Annotated[Call[None], Depends(_FALLBACKS)]) -> FallbacksAnswer:
        return await fallbacks.list_open(call)

    @app.post(
        "/v1/fallbacks/{fallback}/end",
        tags=["fallbacks"],
        summary="Log that a fallback ended",
        responses={202: _queued(FallbackAnswer)},
    )
    async def end_fallback(call: Annotated[Call[FallbackEndForm], Depends(_END)], fallback: str, response: Response) -> FallbackAnswer:
        answer = await fallbacks.end(call, fallback)
        response.status_code = _QUEUED if answer.status == "queued" else 200
        return answer

    @app.post(
        "/v1/fallbacks/{fallback}/correct",
        tags=["fallbacks"],
        summary="Take back a start or an end that was a mistake",
        responses={202: _queued(FallbackAnswer)},
    )
    async def correct_fallback(call: Annotated[Call[UndoForm], Depends(_UNDO)], fallback: str, response: Response) -> FallbackAnswer:
        answer = await fallbacks.undo(call, fallback)
        response.status_code = _QUEUED if answer.status == "queued" else 200
        return answer


def _add_waiting(app: FastAPI, waiting: WaitingList) -> None:
    @app.post(
        "/v1/waiting-list",
        tags=["waiting list"],
        summary="Log that a household waits for a place of a kind",
        status_code=201,
        responses={202: _queued(EntryAnswer)},
    )
    async def join_waiting_list(call: Annotated[Call[JoinForm], Depends(_JOIN)], response: Response) -> EntryAnswer:
        answer = await waiting.join(call)
        response.status_code = _QUEUED if answer.status == "queued" else 201
        return answer

    @app.get("/v1/waiting-list", tags=["waiting list"], summary="Who waits in the caller's regions, and in which position")
    async def read_waiting_list(call: Annotated[Call[None], Depends(_ENTRIES)]) -> EntriesAnswer:
        return await waiting.list_open(call)

    @app.post(
        "/v1/waiting-list/{entry}/leave",
        tags=["waiting list"],
        summary="Log that a household no longer waits",
        responses={202: _queued(EntryAnswer)},
    )
    async def leave_waiting_list(call: Annotated[Call[LeaveForm], Depends(_LEAVE)], entry: str, response: Response) -> EntryAnswer:
        answer = await waiting.leave(call, entry)
        response.status_code = _QUEUED if answer.status == "queued" else 200
        return answer

    @app.post(
        "/v1/waiting-list/{entry}/correct",
        tags=["waiting list"],
        summary="Take back an entry, or the end of one, that was a mistake",
        responses={202: _queued(EntryAnswer)},
    )
    async def correct_waiting_list(call: Annotated[Call[UndoForm], Depends(_UNDO)], entry: str, response: Response) -> EntryAnswer:
        answer = await waiting.undo(call, entry)
        response.status_code = _QUEUED if answer.status == "queued" else 200
        return answer
