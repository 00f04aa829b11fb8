"""`GET /v1/monitor/catalogue` and what belongs to it: the releases as others find and read them, for anyone. No token is read."""

from collections.abc import Mapping
from typing import Any, Final

from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import JSONResponse

from services.adapters.http.route_policy import RoutePolicy
from services.adapters.problem_details import ProblemError
from services.adapters.regions import RegionRow
from services.monitor.http.content_negotiation import FOR, documented_forms, requested_form, respond
from services.monitor.http.release_routes import Version, Year, is_release
from services.monitor.publication.catalogue import Catalogue
from services.monitor.publication.region_codes import REGION_COLUMNS, RegionTable, region_rows, region_table
from services.monitor.publication.release import COLUMNS, release_key
from services.monitor.publication.table_metadata import table_metadata

_CATALOGUE: Final = RoutePolicy(public="it is published", not_audited="it is published")
_RELEASE: Final = RoutePolicy(public="it is published", not_audited="it is published", errors=("not-found",))
_REGIONS: Final = RoutePolicy(
    public="it is in every description of the country", not_audited="it shows no figure", errors=("not-acceptable",), parameters=(FOR,)
)


class JsonLdResponse(JSONResponse):
    """An answer as linked data."""

    media_type = "application/ld+json"


class TableMetadataResponse(JSONResponse):
    """An answer as metadata of a CSV file (RFC of CSV on the Web)."""

    media_type = "application/csvm+json"


def add_catalogue(app: FastAPI, catalogue: Catalogue, regions: Mapping[str, RegionRow]) -> None:
    """Add the routes."""
    _add_releases(app, catalogue)
    _add_regions(app, regions)


def _add_releases(app: FastAPI, catalogue: Catalogue) -> None:
    @app.get(
        "/v1/monitor/catalogue",
        tags=["releases"],
        summary="The releases as a catalogue (DCAT-AP-NL), for anyone",
        response_class=JsonLdResponse,
        dependencies=[Depends(_CATALOGUE)],
    )
    async def read_catalogue() -> dict[str, Any]:
        return catalogue.document()

    @app.get(
        "/v1/monitor/releases/{year}/{version}/dataset",
        tags=["releases"],
        summary="One release as a dataset (DCAT-AP-NL), for anyone",
        response_class=JsonLdResponse,
        dependencies=[Depends(_RELEASE)],
    )
    async def read_release_dataset(year: Year, version: Version) -> dict[str, Any]:
        dataset = catalogue.dataset(release_key(int(year), int(version))) if is_release(year, version) else None
        if dataset is None:
            raise ProblemError("not-found")
        return dataset

    @app.get(
        "/v1/monitor/releases/{year}/{version}/table",
        tags=["releases"],
        summary="What the columns of the CSV of a release hold (CSVW), for anyone",
        response_class=TableMetadataResponse,
        dependencies=[Depends(_RELEASE)],
    )
    async def read_release_table(year: Year, version: Version) -> dict[str, Any]:
        if not is_release(year, version) or catalogue.published.get(release_key(int(year), int(version))) is None:
            raise ProblemError("not-found")
        by = catalogue.publisher
        url = f"{by.address}/v1/monitor/releases/{year}/{version}?for=csv"
        return table_metadata(url, COLUMNS, ("figure", "area", "period"), licence=by.licence)


def _add_regions(app: FastAPI, regions: Mapping[str, RegionRow]) -> None:
    table = region_table(regions.values())

    @app.get(
        "/v1/monitor/regions",
        tags=["releases"],
        summary="The regions beside the codes of CBS, for anyone",
        response_model=RegionTable,
        responses=documented_forms(),
        dependencies=[Depends(_REGIONS)],
    )
    async def list_region_codes(request: Request) -> RegionTable | Response:
        return respond(requested_form(request), table, lambda: region_rows(table), REGION_COLUMNS, name="plek-regions")
