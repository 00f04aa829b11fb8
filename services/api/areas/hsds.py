"""The areas as HSDS 3.1 (Human Services Data Specification): a page of services, one for each area, each with its capacity.

Law: it holds what `GET /v1/areas` holds, and nothing more. Where the value of an area is unknown its service has no capacity: in HSDS a
capacity is a number, and unknown is never zero.
"""

from typing import Final, Literal
from uuid import NAMESPACE_URL, uuid5

from pydantic import Field

from services.api.areas.models import AreaAnswer, AreasAnswer
from services.api.areas.service_identity import service_id, service_name
from services.api.read_model.answer_models import AnswerModel
from services.domain.search.count_buckets import Bucket

# The least number of a bucket: a directory must not promise a place that may not be there
_AT_LEAST: Final[dict[Bucket, int]] = {"none": 0, "1-2": 1, "3+": 3}
_UNIT: Final = "urn:plek:hsds:unit"


class HsdsUnit(AnswerModel):
    """What is counted."""

    id: str
    name: str


class ServiceCapacity(AnswerModel):
    """How many units are free at least."""

    id: str
    unit: HsdsUnit
    available: int = Field(description="The least number of the range that is disclosed")
    description: str = Field(description="The range that is disclosed, as in `GET /v1/areas`")
    updated: str


class HsdsService(AnswerModel):
    """Women's shelter in an area."""

    id: str
    name: str
    description: str
    status: Literal["active"]
    last_modified: str | None = Field(default=None, description="Absent while nothing is known: in HSDS it is never null")
    capacities: list[ServiceCapacity]


class ServicePage(AnswerModel):
    """All areas, as the only page of services."""

    total_items: int
    total_pages: int
    page_number: int
    size: int
    first_page: bool
    last_page: bool
    empty: bool
    contents: list[HsdsService]


def service_page(answer: AreasAnswer) -> ServicePage:
    """Return the areas as a page of services."""
    services = [_service(area, answer.as_of) for area in answer.areas]
    return ServicePage(
        total_items=len(services),
        total_pages=1,
        page_number=1,
        size=len(services),
        first_page=True,
        last_page=True,
        empty=not services,
        contents=services,
    )


def _service(area: AreaAnswer, as_of: str | None) -> HsdsService:
    capacities: list[ServiceCapacity] = []
    if area.free is not None and as_of is not None:
        capacities.append(
            ServiceCapacity(
                id=service_id(area, "capacity"),
                unit=HsdsUnit(id=str(uuid5(NAMESPACE_URL, _UNIT)), name="Unit"),
                available=_AT_LEAST[area.free],
                description=f"free units: {area.free}",
                updated=as_of,
            )
        )
    written = {} if as_of is None else {"last_modified": as_of}
    return HsdsService(
        id=service_id(area), name=service_name(area), description=area.value, status="active", capacities=capacities, **written
    )
