"""The routes of searches."""

from fastapi import FastAPI, Request, Response

from services.adapters.access import BEARER
from services.adapters.audit.gate import noted
from services.adapters.problems import documented
from services.api.searches import Searching
from services.api.sending import KEY
from services.api.shapes_of_searches import EndAnswer, SearchAnswer


def add_searches(app: FastAPI, searching: Searching) -> None:
    """Add the routes."""

    @app.post(
        "/v1/searches",
        tags=["searches"],
        summary="Ask where a household can go",
        response_model=None,
        responses={
            200: {"model": SearchAnswer},
            **documented("invalid", "unauthenticated", "not-yours", "too-slow", "key-reused", "too-large", "media-type"),
            **documented("issuer-away", "phone", "rebuilding", "kafka-away"),
        },
        openapi_extra={
            **BEARER,
            "parameters": [KEY],
            "requestBody": searching.form.body(),
            **noted("search-made"),
        },
    )
    async def post_search(request: Request) -> Response:
        return await searching.make(request)

    @app.post(
        "/v1/searches/{search}/end",
        tags=["searches"],
        summary="Say how a search ended",
        response_model=None,
        responses={
            200: {"model": EndAnswer},
            **documented("invalid", "unauthenticated", "not-yours", "too-slow", "too-large", "media-type", "issuer-away", "kafka-away"),
        },
        openapi_extra={**BEARER, "requestBody": searching.end_form.body(), **noted("search-ended")},
    )
    async def post_end(request: Request, search: str) -> Response:
        return await searching.end(request, search)
