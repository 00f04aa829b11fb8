"""The areas in the forms of others: FHIR R4 and HSDS 3.1. The same callers, the same counts, the same age as `GET /v1/areas`."""

from fastapi import Depends, FastAPI
from fastapi.responses import JSONResponse

from services.api.areas.fhir import FhirBundle, bundle
from services.api.areas.hsds import ServicePage, service_page
from services.api.areas.published_counts import PublishedCounts
from services.api.areas.routes import AREAS


class FhirResponse(JSONResponse):
    """An answer in the media type of FHIR."""

    media_type = "application/fhir+json"


def add_area_exports(app: FastAPI, counts: PublishedCounts) -> None:
    """Add the routes."""

    @app.get(
        "/v1/areas/healthcare-services",
        tags=["areas"],
        summary="The areas as FHIR R4: a HealthcareService for each",
        response_class=FhirResponse,
        dependencies=[Depends(AREAS)],
    )
    async def list_healthcare_services() -> FhirBundle:
        return bundle(counts.answer())

    @app.get(
        "/v1/areas/service-capacities",
        tags=["areas"],
        summary="The areas as HSDS 3.1: a service with its capacity for each",
        dependencies=[Depends(AREAS)],
    )
    async def list_service_capacities() -> ServicePage:
        return service_page(counts.answer())
