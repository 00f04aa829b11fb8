"""`GET /v1/monitor/figures` and `/definitions`: any figure of any moment or period, to the hour and a day late for analysts."""

from typing import Any, Final

import orjson
from fastapi import FastAPI, Request, Response

from services.adapters.access import BEARER
from services.adapters.audit.gate import unnoted
from services.adapters.problems import documented
from services.adapters.web import answer as as_json
from services.monitor.definitions import DEFINITIONS, NOT_TOLD
from services.monitor.http import query
from services.monitor.http.shapes import DefinitionsShape, FiguresShape
from services.monitor.http.window import Window, forms, given, wanted
from services.monitor.shown import COLUMNS, definition, document, rows

_SECURED: Final[dict[str, Any]] = BEARER | unnoted("it shows no shelter, unit or stay")


def add_figures(app: FastAPI, window: Window) -> None:
    """Add the routes."""

    @app.get(
        "/v1/monitor/figures",
        tags=["monitor"],
        summary="Figures of a moment or a period",
        response_model=None,
        responses=forms(FiguresShape) | documented("invalid", "unauthenticated", "not-yours", "not-acceptable", "issuer-away", "not-yet"),
        openapi_extra={**_SECURED, "parameters": query.documented()},
    )
    async def get_figures(request: Request) -> Response:
        caller = await window.caller(request, "analyst", "operator")
        form = wanted(request)
        asked = query.question(request.query_params, window.known)
        if caller.role == "analyst":
            asked = query.for_analyst(asked, window.now())
        told = document(await window.answer(asked))
        return given(form, orjson.dumps(told), lambda: rows([told]))

    @app.get(
        "/v1/monitor/definitions",
        tags=["monitor"],
        summary="What every figure means, and every column",
        response_model=None,
        responses={200: {"model": DefinitionsShape}, **documented("unauthenticated", "not-yours", "issuer-away")},
        openapi_extra=_SECURED,
    )
    async def get_definitions(request: Request) -> Response:
        await window.caller(request, "analyst", "operator")
        return as_json(
            {
                "definitions": [definition(each) for each in DEFINITIONS.values()],
                "not_told": [
                    {
                        "id": each.id,
                        "en": {"name": each.english[0], "definition": each.english[1]},
                        "nl": {"name": each.dutch[0], "definition": each.dutch[1]},
                    }
                    for each in NOT_TOLD
                ],
                "columns": [{"column": each.name, "type": each.type, "description": each.sentence} for each in COLUMNS],
            }
        )
