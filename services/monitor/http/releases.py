"""`GET /v1/monitor/releases`: what has been published, for anyone. No token is asked for, and none is looked at."""

import re
from typing import Annotated, Final

import orjson
from fastapi import FastAPI, Path, Request, Response

from services.adapters.access import open_to_anybody
from services.adapters.audit.gate import unnoted
from services.adapters.problems import ProblemError, documented
from services.adapters.web import answer as as_json
from services.monitor import release
from services.monitor.http.shapes import ReleaseShape, ReleasesShape
from services.monitor.http.window import Window, forms, given, wanted

_YEAR: Final = re.compile("[0-9]{4}", re.ASCII)
_VERSION: Final = re.compile("[1-9][0-9]{0,5}", re.ASCII)
Year = Annotated[str, Path(description="Four digits")]
Version = Annotated[str, Path(description="From 1")]
_OPEN: Final = open_to_anybody("it is published") | unnoted("it is published")
_RESPONSES: Final = forms(ReleaseShape) | documented("not-found", "not-acceptable")


def add_releases(app: FastAPI, window: Window) -> None:
    """Add the routes."""

    @app.get(
        "/v1/monitor/releases",
        tags=["releases"],
        summary="Which releases are out, for anyone",
        response_model=None,
        responses={200: {"model": ReleasesShape}},
        openapi_extra=_OPEN,
    )
    async def get_releases() -> Response:
        made = [key.split("/") for key in window.published.keys if key.startswith("release/")]
        named = sorted((year, int(version)) for _, year, version in made)
        return as_json({"releases": [{"release": year, "version": version} for year, version in named]})

    @app.get(
        "/v1/monitor/releases/{year}",
        tags=["releases"],
        summary="The latest release of a year, for anyone",
        response_model=None,
        responses=_RESPONSES,
        openapi_extra=_OPEN,
    )
    async def get_latest(request: Request, year: Year) -> Response:
        found = release.versions(window.published.keys, int(year)) if _YEAR.fullmatch(year) else []
        return _given(window, request, found[-1] if found else None)

    @app.get(
        "/v1/monitor/releases/{year}/{version}",
        tags=["releases"],
        summary="One version of a release, for anyone",
        response_model=None,
        responses=_RESPONSES,
        openapi_extra=_OPEN,
    )
    async def get_version(request: Request, year: Year, version: Version) -> Response:
        known = _YEAR.fullmatch(year) and _VERSION.fullmatch(version)
        return _given(window, request, release.key(int(year), int(version)) if known else None)


def _given(window: Window, request: Request, key: str | None) -> Response:
    form = wanted(request)
    found = window.published.get(key) if key else None
    if found is None:
        raise ProblemError("not-found")
    return given(form, found, lambda: release.rows(orjson.loads(found)), release.COLUMNS)
