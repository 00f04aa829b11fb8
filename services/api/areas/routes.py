"""`GET /v1/areas`: the country by area. `GET /v1/regions`: the regions by code and name. Neither shows a shelter."""

from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import Depends, FastAPI

from services.adapters.http.call import Call
from services.adapters.http.route_policy import RoutePolicy
from services.adapters.regions import PROVINCE_NAMES, RegionRow
from services.adapters.roles import ROLES
from services.api.areas.models import AreasAnswer, RegionListed, RegionsAnswer
from services.api.areas.published_counts import PublishedCounts

AREAS: Final = RoutePolicy(
    roles=("worker", "coordinator", "operator"), not_audited="it shows no shelter", errors=("data-unavailable", "rebuilding")
)
_REGIONS: Final = RoutePolicy(roles=ROLES, not_audited="it shows no shelter")


def add_areas(app: FastAPI, counts: PublishedCounts) -> None:
    """Add the route of areas."""

    @app.get("/v1/areas", tags=["areas"], summary="Where in the country there is a place, by area", dependencies=[Depends(AREAS)])
    async def list_areas() -> AreasAnswer:
        return counts.answer()


def add_regions(app: FastAPI, regions: Mapping[str, RegionRow]) -> None:
    """Add the route of regions."""
    answer = RegionsAnswer(regions=[_listed(row) for _, row in sorted(regions.items())])

    @app.get("/v1/regions", tags=["areas"], summary="The regions by code and name")
    async def list_regions(_: Annotated[Call[None], Depends(_REGIONS)]) -> RegionsAnswer:
        return answer


def _listed(row: RegionRow) -> RegionListed:
    province = PROVINCE_NAMES.get(row.province, row.province)
    return RegionListed(code=row.code, name=row.name, province=row.province, province_name=province)
