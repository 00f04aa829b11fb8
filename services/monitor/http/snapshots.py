"""`/v1/monitor/snapshots`: the country at 04:00 of each day, and at any other moment on demand. The bytes are those that are published."""

from datetime import date
from typing import Annotated, Any, Final

import orjson
from fastapi import FastAPI, Path, Request, Response

from services.adapters import instants
from services.adapters.access import BEARER
from services.adapters.audit.gate import unnoted
from services.adapters.log_port import LogUnavailableError
from services.adapters.problems import ErrorItem, ProblemError, documented
from services.adapters.web import answer as as_json
from services.monitor import snapshot
from services.monitor.days import four_o_clock
from services.monitor.http import query
from services.monitor.http.shapes import SnapshotShape, SnapshotsShape
from services.monitor.http.window import Window, forms, given, wanted
from services.monitor.question import Question
from services.monitor.shown import rows

_SECURED: Final[dict[str, Any]] = BEARER | unnoted("it shows no shelter, unit or stay")
When = Annotated[str, Path(description="A day (`2023-03-14`: 04:00 Europe/Amsterdam), or an RFC 3339 time")]
_WRONG = documented("invalid", "unauthenticated", "not-yours", "issuer-away", "not-yet")


def add_snapshots(app: FastAPI, window: Window) -> None:
    """Add the routes."""

    @app.get(
        "/v1/monitor/snapshots",
        tags=["monitor"],
        summary="Which snapshots are out",
        response_model=None,
        responses={200: {"model": SnapshotsShape}, **documented("unauthenticated", "not-yours", "issuer-away")},
        openapi_extra=_SECURED,
    )
    async def get_snapshots(request: Request) -> Response:
        await window.caller(request, "analyst", "operator")
        made = [key.split("/") for key in window.published.keys if key.startswith("snapshot/")]
        return as_json({"snapshots": sorted({at for _, at, _ in made})})

    @app.get(
        "/v1/monitor/snapshots/{when}",
        tags=["monitor"],
        summary="The country as it was known at a moment",
        response_model=None,
        responses=forms(SnapshotShape) | documented("not-acceptable") | _WRONG,
        openapi_extra=_SECURED,
    )
    async def get_snapshot(request: Request, when: When) -> Response:
        at, form = await _permitted(request, window, when), wanted(request)
        value = await window.snapshot(at)
        return given(form, value, lambda: rows(part for part in orjson.loads(value).values() if isinstance(part, dict)))

    @app.put(
        "/v1/monitor/snapshots/{when}",
        tags=["monitor"],
        summary="Publish the snapshot of a moment; one that is out stays as it is",
        response_model=None,
        responses={200: {"model": SnapshotShape}, **_WRONG, **documented("not-yours", "not-live"), **documented("kafka-away", "not-yet")},
        openapi_extra=_SECURED,
    )
    async def put_snapshot(request: Request, when: When) -> Response:
        at = await _permitted(request, window, when)
        value = await window.snapshot(at)
        try:
            return Response(await window.published.publish(snapshot.key(at), value), media_type="application/json")
        except LogUnavailableError as away:
            raise ProblemError("kafka-away") from away


async def _permitted(request: Request, window: Window, when: str) -> int:
    """Read the moment; ProblemError where it is none, has not come yet, or is not for this caller."""
    caller = await window.caller(request, "analyst", "operator")
    at = _instant(when)
    if at > window.now():
        raise ProblemError("invalid", errors=[ErrorItem(None, "when", "in_future", "it has not come yet")])
    if caller.role == "analyst":
        query.for_analyst(Question(figures=(), at=at), window.now())
    return at


def _instant(when: str) -> int:
    try:
        return four_o_clock(date.fromisoformat(when)) if len(when) == len("2023-03-14") else instants.parse(when) // instants.NS_PER_MS
    except (ValueError, OverflowError):
        raise ProblemError("invalid", errors=[ErrorItem(None, "when", "bad_format", "a day, or an RFC 3339 time")]) from None
