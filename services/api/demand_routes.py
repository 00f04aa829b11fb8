"""The routes of fallbacks and waiting lists."""

from typing import Any, Final

from fastapi import FastAPI, Request, Response

from services.adapters.access import BEARER, unmetered
from services.adapters.audit.gate import noted
from services.adapters.problems import Kind, documented
from services.api.fallbacks import Fallbacks
from services.api.sending import KEY
from services.api.shapes_of_demand import EntriesAnswer, EntryAnswer, FallbackAnswer, FallbacksAnswer
from services.api.waiting_list import WaitingList

_ALWAYS: Final[tuple[Kind, ...]] = ("unauthenticated", "not-yours", "issuer-away")
_BODY: Final[tuple[Kind, ...]] = ("invalid", "too-slow", "key-reused", "too-large", "media-type", "not-taken")
_LISTS: Final[dict[str, Any]] = BEARER | noted("demand-shown")
_NEVER_REFUSED: Final = unmetered("a household in a hotel is never refused")


def _taking(body: dict[str, Any]) -> dict[str, Any]:
    return BEARER | {"parameters": [KEY], "requestBody": body} | noted("demand-logged") | _NEVER_REFUSED


def _answers(model: Any, status: int, *kinds: Kind) -> dict[int | str, dict[str, Any]]:
    queued = {"model": model, "description": "Queued on disk until Kafka answers"}
    return {status: {"model": model}, 202: queued, **documented(*_ALWAYS, *_BODY, *kinds)}


def add_demand(app: FastAPI, fallbacks: Fallbacks, waiting: WaitingList) -> None:
    """Add the routes."""
    _add_fallbacks(app, fallbacks)
    _add_waiting(app, waiting)


def _add_fallbacks(app: FastAPI, fallbacks: Fallbacks) -> None:
    @app.post(
        "/v1/fallbacks",
        tags=["fallbacks"],
        summary="Log that a household is put up in a hotel or elsewhere",
        response_model=None,
        responses=_answers(FallbackAnswer, 201),
        openapi_extra=_taking(fallbacks.form.body()),
    )
    async def post_fallback(request: Request) -> Response:
        return await fallbacks.start(request)

    @app.get(
        "/v1/fallbacks",
        tags=["fallbacks"],
        summary="The fallbacks that are open in the caller's regions",
        response_model=None,
        responses={200: {"model": FallbacksAnswer}, **documented("invalid", *_ALWAYS, "phone", "rebuilding")},
        openapi_extra=_LISTS | {"parameters": [{"name": "open", "in": "query", "required": False, "schema": {"const": "true"}}]},
    )
    async def get_fallbacks(request: Request) -> Response:
        return await fallbacks.listed(request)

    @app.post(
        "/v1/fallbacks/{fallback}/end",
        tags=["fallbacks"],
        summary="Log that a fallback ended",
        response_model=None,
        responses=_answers(FallbackAnswer, 200),
        openapi_extra=_taking(fallbacks.end_form.body()),
    )
    async def post_end(request: Request, fallback: str) -> Response:
        return await fallbacks.end(request, fallback)

    @app.post(
        "/v1/fallbacks/{fallback}/correct",
        tags=["fallbacks"],
        summary="Take back a start or an end that was a mistake",
        response_model=None,
        responses=_answers(FallbackAnswer, 200, "nothing-to-undo", "view-away"),
        openapi_extra=_taking(fallbacks.undo_form.body()),
    )
    async def post_correct(request: Request, fallback: str) -> Response:
        return await fallbacks.undo(request, fallback)


def _add_waiting(app: FastAPI, waiting: WaitingList) -> None:
    @app.post(
        "/v1/waiting-list",
        tags=["waiting list"],
        summary="Log that a household waits for a place of a kind",
        response_model=None,
        responses=_answers(EntryAnswer, 201),
        openapi_extra=_taking(waiting.form.body()),
    )
    async def post_entry(request: Request) -> Response:
        return await waiting.join(request)

    @app.get(
        "/v1/waiting-list",
        tags=["waiting list"],
        summary="Who waits in the caller's regions, and in which position",
        response_model=None,
        responses={200: {"model": EntriesAnswer}, **documented(*_ALWAYS, "phone", "rebuilding")},
        openapi_extra=_LISTS,
    )
    async def get_entries(request: Request) -> Response:
        return await waiting.listed(request)

    @app.post(
        "/v1/waiting-list/{entry}/leave",
        tags=["waiting list"],
        summary="Log that a household no longer waits",
        response_model=None,
        responses=_answers(EntryAnswer, 200),
        openapi_extra=_taking(waiting.leave_form.body()),
    )
    async def post_leave(request: Request, entry: str) -> Response:
        return await waiting.leave(request, entry)
