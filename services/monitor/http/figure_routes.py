"""`GET /v1/monitor/figures` and `/definitions`: any figure of any moment or period; for analysts to the hour and a day late."""

from typing import Annotated, Final

from fastapi import Depends, FastAPI, Response

from services.adapters.http.call import Call
from services.adapters.http.route_policy import RoutePolicy
from services.monitor.figures.serialization import FiguresDocument, to_document, to_rows
from services.monitor.http import query_params
from services.monitor.http.answer_tag import IF_NONE_MATCH, NOT_MODIFIED, answer_tag, has_answer
from services.monitor.http.content_negotiation import documented_forms, requested_form, respond
from services.monitor.http.models import DefinitionsDocument
from services.monitor.http.route_context import RouteContext

_FIGURES: Final = RoutePolicy(
    roles=("analyst", "operator"),
    audit="figures-asked",
    errors=("not-acceptable", "not-yet", "kafka-away"),
    parameters=(*query_params.documented(), IF_NONE_MATCH),
)
_DEFINITIONS: Final = RoutePolicy(roles=("analyst", "operator"), not_audited="it shows no figure")


def add_figures(app: FastAPI, context: RouteContext) -> None:
    """Add the routes."""

    @app.get(
        "/v1/monitor/figures",
        tags=["monitor"],
        summary="Figures of a moment or a period",
        response_model=FiguresDocument,
        responses=documented_forms() | NOT_MODIFIED,
    )
    async def query_figures(call: Annotated[Call[None], Depends(_FIGURES)], response: Response) -> FiguresDocument | Response:
        params, form = call.request.query_params, requested_form(call.request)
        query = query_params.read_query(params, context.known)
        if call.caller.role == "analyst":
            query = query_params.for_analyst(query, context.now())
        tag = answer_tag(query, form, context.until())
        if has_answer(call.request, tag):
            return call.not_modified(tag)
        await call.record(what=query_params.audited_codes(params))
        document = to_document(await context.answer(query))
        answered = respond(form, document, lambda: to_rows([document]), name=query_params.file_name(params))
        (answered if isinstance(answered, Response) else response).headers["ETag"] = tag
        return answered

    @app.get(
        "/v1/monitor/definitions",
        tags=["monitor"],
        summary="What every figure means, and every column",
        dependencies=[Depends(_DEFINITIONS)],
    )
    async def read_definitions() -> DefinitionsDocument:
        return DefinitionsDocument.complete()
