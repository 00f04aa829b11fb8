"""`/v1/monitor/snapshots`: the country at 04:00 of each day, and at any other moment on demand. The bytes are those that are published."""

from typing import Annotated, Any, Final

from fastapi import Depends, FastAPI, Path, Response

from services.adapters.http.call import Call
from services.adapters.http.route_policy import RoutePolicy
from services.adapters.kafka.ports import LogUnavailableError
from services.adapters.problem_details import ErrorItem, ProblemError
from services.monitor.dutch_calendar import local
from services.monitor.figures.serialization import to_rows
from services.monitor.http import query_params
from services.monitor.http.content_negotiation import FOR, documented_forms, requested_form, respond
from services.monitor.http.models import SnapshotList
from services.monitor.http.route_context import RouteContext
from services.monitor.publication.snapshot import SnapshotDocument, snapshot_key
from services.monitor.query import Query
from services.monitor.time_words import TimeWordError, read_snapshot_moment

_LIST: Final = RoutePolicy(roles=("analyst", "operator"), not_audited="it shows no figure")
_GET: Final = RoutePolicy(
    roles=("analyst", "operator"), audit="figures-asked", errors=("invalid", "not-acceptable", "not-yet", "kafka-away"), parameters=(FOR,)
)
_PUT: Final = RoutePolicy(roles=("analyst", "operator"), audit="figures-asked", errors=("invalid", "not-yet", "kafka-away", "not-live"))
# The snapshot of a day is the one that is taken then, at four in the night; a day elsewhere begins at midnight
When = Annotated[str, Path(description="A day: the snapshot of 04:00 Europe/Amsterdam; or a moment, to the minute or with an offset")]


def add_snapshots(app: FastAPI, context: RouteContext) -> None:
    """Add the routes."""

    @app.get("/v1/monitor/snapshots", tags=["monitor"], summary="Which snapshots are out", dependencies=[Depends(_LIST)])
    async def list_snapshots() -> SnapshotList:
        keys = [key.split("/") for key in context.published.keys if key.startswith("snapshot/")]
        return SnapshotList(snapshots=sorted({at for _, at, _ in keys}))

    @app.get(
        "/v1/monitor/snapshots/{when}",
        tags=["monitor"],
        summary="The country as it was known at a moment",
        response_model=SnapshotDocument,
        responses=documented_forms(),
    )
    async def read_snapshot(call: Annotated[Call[None], Depends(_GET)], when: When) -> Response:
        at, form = await _permitted_instant(call, context, when, "shown"), requested_form(call.request)
        value = await context.snapshot(at)
        json = Response(value, media_type="application/json")
        return respond(form, json, lambda: _rows(SnapshotDocument.model_validate_json(value)), name=f"plek-{local(at):%Y-%m-%d-%H%M}")

    @app.put(
        "/v1/monitor/snapshots/{when}",
        tags=["monitor"],
        summary="Publish the snapshot of a moment; one that is out stays as it is",
        response_model=SnapshotDocument,
    )
    async def publish_snapshot(call: Annotated[Call[None], Depends(_PUT)], when: When) -> Response:
        at = await _permitted_instant(call, context, when, "published")
        value = await context.snapshot(at)
        if SnapshotDocument.model_validate_json(value).is_empty:
            raise ProblemError("invalid", errors=[ErrorItem(None, "when", "nothing_known", "nothing had been logged by then")])
        try:
            return Response(await context.published.publish(snapshot_key(at), value), media_type="application/json")
        except LogUnavailableError as away:
            raise ProblemError("kafka-away") from away


def _rows(snapshot: SnapshotDocument) -> list[tuple[Any, ...]]:
    return to_rows((snapshot.now, snapshot.by_province, snapshot.by_kind, snapshot.day))


async def _permitted_instant(call: Call[None], context: RouteContext, when: str, what: str) -> int:
    """Read the moment (ms), and record the call; ProblemError where it is malformed, in the future, or not for this caller."""
    at, now = _instant(when), context.now()
    if at > now:
        raise ProblemError("invalid", errors=[ErrorItem(None, "when", "in_future", "it has not come yet")])
    if call.caller.role == "analyst":
        query_params.for_analyst(Query(figures=(), at=at), now)
    await call.record(what=("snapshot", what))
    return at


def _instant(when: str) -> int:
    try:
        return read_snapshot_moment(when)
    except TimeWordError as wrong:
        raise ProblemError("invalid", errors=[ErrorItem(None, "when", wrong.code, str(wrong))]) from None
