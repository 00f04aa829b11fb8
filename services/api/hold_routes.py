"""The routes of holds: those of the worker who asks, and of the shelter that answers."""

from typing import Any, Final

from fastapi import FastAPI, Request, Response

from services.adapters.access import BEARER
from services.adapters.audit.gate import noted
from services.adapters.problems import Kind, documented
from services.api.answering import Answering
from services.api.asking import Asking
from services.api.sending import KEY
from services.api.shapes_of_searches import AnswerAnswer, HoldAnswer, HoldsAnswer

_ALWAYS: Final[tuple[Kind, ...]] = ("unauthenticated", "not-yours", "issuer-away", "phone", "rebuilding")
_WITH_BODY: Final[tuple[Kind, ...]] = ("invalid", "too-slow", "too-large", "media-type")


def add_holds(app: FastAPI, asking: Asking, answering: Answering) -> None:
    """Add the routes."""
    _add_asking(app, asking)
    _add_hers(app, asking)
    _add_answering(app, answering)


def _add_asking(app: FastAPI, asking: Asking) -> None:
    @app.post(
        "/v1/holds",
        tags=["holds"],
        summary="Hold an offer",
        response_model=None,
        responses={
            201: {"model": HoldAnswer, "description": "Hers"},
            202: {"model": HoldAnswer, "description": "Not decided yet: `Location` says where to look"},
            **documented(*_ALWAYS, *_WITH_BODY, "no-desk", "offer-over", "kafka-away"),
            **documented("key-reused", "taken", "hold-over", "too-many-holds", "search-held"),
        },
        openapi_extra=BEARER | {"parameters": [KEY], "requestBody": asking.form.body()} | noted("hold-asked"),
    )
    async def post_hold(request: Request) -> Response:
        return await asking.ask(request)


def _add_hers(app: FastAPI, asking: Asking) -> None:
    holding = asking.holding
    pending: dict[int | str, dict[str, Any]] = {202: {"model": HoldAnswer, "description": "Not decided yet"}}

    @app.get(
        "/v1/holds",
        tags=["holds"],
        summary="The caller's holds",
        response_model=None,
        responses={200: {"model": HoldsAnswer}, **documented(*_ALWAYS)},
        openapi_extra=BEARER | noted("holds-shown"),
    )
    async def get_holds(request: Request) -> Response:
        return await holding.listed(request)

    @app.get(
        "/v1/holds/{hold}",
        tags=["holds"],
        summary="What became of a hold",
        response_model=None,
        responses={200: {"model": HoldAnswer}, **pending, **documented(*_ALWAYS)},
        openapi_extra=BEARER | noted("holds-shown"),
    )
    async def get_hold(request: Request, hold: str) -> Response:
        return await holding.get(request, hold)

    @app.delete(
        "/v1/holds/{hold}",
        tags=["holds"],
        summary="Give a hold back",
        response_model=None,
        responses={200: {"model": HoldAnswer}, **pending, **documented(*_ALWAYS, "hold-over", "hold-undecided", "kafka-away")},
        openapi_extra=BEARER | noted("hold-changed"),
    )
    async def delete_hold(request: Request, hold: str) -> Response:
        return await holding.release(request, hold)

    @app.post(
        "/v1/holds/{hold}/extend",
        tags=["holds"],
        summary="Extend a hold, once",
        response_model=None,
        responses={
            200: {"model": HoldAnswer},
            **pending,
            **documented(*_ALWAYS, "hold-over", "hold-undecided", "extended-already", "kafka-away"),
        },
        openapi_extra=BEARER | noted("hold-changed"),
    )
    async def post_extend(request: Request, hold: str) -> Response:
        return await holding.extend(request, hold)


def _add_answering(app: FastAPI, answering: Answering) -> None:
    answers: dict[int | str, dict[str, Any]] = {
        200: {"model": AnswerAnswer},
        202: {"model": AnswerAnswer, "description": "Logged, and not in the view yet"},
    }

    @app.post(
        "/v1/holds/{hold}/accept",
        tags=["holds"],
        summary="Accept a household",
        response_model=None,
        responses={**answers, **documented(*_ALWAYS, "hold-over", "kafka-away")},
        openapi_extra=BEARER | noted("hold-answered"),
    )
    async def post_accept(request: Request, hold: str) -> Response:
        return await answering.accept(request, hold)

    @app.post(
        "/v1/holds/{hold}/decline",
        tags=["holds"],
        summary="Decline a household, with a code",
        response_model=None,
        responses={**answers, **documented(*_ALWAYS, *_WITH_BODY, "hold-over", "kafka-away")},
        openapi_extra=BEARER | {"requestBody": answering.form.body()} | noted("hold-answered"),
    )
    async def post_decline(request: Request, hold: str) -> Response:
        return await answering.decline(request, hold)
