"""`GET /v1/monitor/releases`: the published releases, for anyone. No token is needed, and none is read."""

import re
from typing import Annotated, Final

from fastapi import Depends, FastAPI, Path, Request, Response

from services.adapters.http.route_policy import RoutePolicy
from services.adapters.problem_details import ProblemError
from services.monitor.http.content_negotiation import FOR, documented_forms, requested_form, respond
from services.monitor.http.models import ReleaseList, ReleaseName
from services.monitor.http.route_context import RouteContext
from services.monitor.publication.release import COLUMNS, ReleaseDocument, release_key, to_rows, versions

_LIST: Final = RoutePolicy(public="it is published", not_audited="it is published")
_RELEASE: Final = RoutePolicy(
    public="it is published", not_audited="it is published", errors=("not-found", "not-acceptable"), parameters=(FOR,)
)
_YEAR: Final = re.compile("[0-9]{4}", re.ASCII)
_VERSION: Final = re.compile("[1-9][0-9]{0,5}", re.ASCII)
Year = Annotated[str, Path(description="Four digits")]
Version = Annotated[str, Path(description="From 1")]


def add_releases(app: FastAPI, context: RouteContext) -> None:
    """Add the routes."""

    @app.get("/v1/monitor/releases", tags=["releases"], summary="Which releases are out, for anyone", dependencies=[Depends(_LIST)])
    async def list_releases() -> ReleaseList:
        keys = [key.split("/") for key in context.published.keys if key.startswith("release/")]
        names = sorted((year, int(version)) for _, year, version in keys)
        return ReleaseList(releases=[ReleaseName(release=year, version=version) for year, version in names])

    @app.get(
        "/v1/monitor/releases/{year}",
        tags=["releases"],
        summary="The latest release of a year, for anyone",
        response_model=ReleaseDocument,
        responses=documented_forms(),
        dependencies=[Depends(_RELEASE)],
    )
    async def read_latest_release(request: Request, year: Year) -> Response:
        keys = versions(context.published.keys, int(year)) if _YEAR.fullmatch(year) else []
        return _respond(context, request, keys[-1] if keys else None, f"plek-{year}")

    @app.get(
        "/v1/monitor/releases/{year}/{version}",
        tags=["releases"],
        summary="One version of a release, for anyone",
        response_model=ReleaseDocument,
        responses=documented_forms(),
        dependencies=[Depends(_RELEASE)],
    )
    async def read_release(request: Request, year: Year, version: Version) -> Response:
        key = release_key(int(year), int(version)) if is_release(year, version) else None
        return _respond(context, request, key, f"plek-{year}-{version}")


def is_release(year: str, version: str) -> bool:
    """Return whether a year and a version can name a release."""
    return bool(_YEAR.fullmatch(year) and _VERSION.fullmatch(version))


def _respond(context: RouteContext, request: Request, key: str | None, name: str) -> Response:
    form = requested_form(request)
    value = context.published.get(key) if key else None
    if value is None:
        raise ProblemError("not-found")
    json = Response(value, media_type="application/json")
    return respond(form, json, lambda: to_rows(ReleaseDocument.model_validate_json(value)), COLUMNS, name=name)
