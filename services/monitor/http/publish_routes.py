"""`/v1/monitor/release-drafts` and `PUT /v1/monitor/releases/…`: what a release would hold, and the act that makes it public for ever.

Guarantees: what is published is the draft that was shown, named by its version and by what had been recorded; a simulated country
publishes none.
"""

from typing import Annotated, Final

from fastapi import Depends, FastAPI, Response

from services.adapters.http.call import Call
from services.adapters.http.route_policy import RoutePolicy
from services.adapters.kafka.ports import LogUnavailableError
from services.adapters.problem_details import ProblemError
from services.monitor.http.models import DraftDocument
from services.monitor.http.release_routes import Version, Year, is_release
from services.monitor.http.report_routes import begin_task, progress_of, year_number
from services.monitor.http.route_context import RouteContext
from services.monitor.publication.release import ReleaseDocument, release_key

_DRAFT: Final = RoutePolicy(roles=("analyst", "operator"), audit="figures-asked", errors=("invalid", "not-yet", "kafka-away"))
_KNOWN_AT: Final = {
    "name": "knownAt",
    "in": "query",
    "required": True,
    "description": "The `known_at` of the draft that was shown: no other one is published",
    "schema": {"type": "string", "format": "date-time"},
}
_PUBLISH: Final = RoutePolicy(
    roles=("analyst", "operator"),
    audit="release-published",
    errors=("invalid", "not-found", "kafka-away", "not-live"),
    parameters=(_KNOWN_AT,),
)


def add_publishing(app: FastAPI, context: RouteContext) -> None:
    """Add the routes."""

    @app.get(
        "/v1/monitor/release-drafts/{year}",
        tags=["monitor"],
        summary="What the next release of a year would hold; the first request begins to work it out",
    )
    async def read_release_draft(call: Annotated[Call[None], Depends(_DRAFT)], year: Year) -> DraftDocument:
        item = begin_task(context, "draft", year)
        await call.record(what=("release", "drafted" if item.result else "begun", year))
        text = (item.result or {}).get("draft")
        document = ReleaseDocument.model_validate_json(text) if text else None
        return DraftDocument(progress=progress_of("draft", year, item), draft=document)

    @app.put(
        "/v1/monitor/releases/{year}/{version}",
        tags=["monitor"],
        summary="Publish a release for anyone and for ever: the draft that was shown; one that is out stays as it is",
        response_model=ReleaseDocument,
    )
    async def publish_release(call: Annotated[Call[None], Depends(_PUBLISH)], year: Year, version: Version) -> Response:
        if not is_release(year, version):
            raise ProblemError("not-found")
        key = release_key(int(year), int(version))
        # Published already: a retry is answered as the first time
        value = context.published.get(key) or _drafted(context, year, version, call.request.query_params.get("knownAt"))
        await call.record(what=("release", year, version))
        try:
            return Response(await context.published.publish(key, value), media_type="application/json")
        except LogUnavailableError as away:
            raise ProblemError("kafka-away") from away


def _drafted(context: RouteContext, year: str, version: str, known_at: str | None) -> bytes:
    """Return the draft that was shown; ProblemError 404 for another one, 403 of a simulated country."""
    item = context.background.find("draft", year_number(year))
    text = (item.result or {}).get("draft") if item else None
    if item is None or text is None or progress_of("draft", year, item).known_at != known_at:
        raise ProblemError("not-found")
    document = ReleaseDocument.model_validate_json(text)
    if document.simulated:
        raise ProblemError("not-live")
    if document.version != int(version):
        raise ProblemError("not-found")
    return text.encode()
