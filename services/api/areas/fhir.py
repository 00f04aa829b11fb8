"""The areas as FHIR R4: a search set of `HealthcareService`, one for each area, for systems that speak it.

Law: it holds what `GET /v1/areas` holds, and nothing more. There is no `Location` of a shelter, and no `Organization`.
"""

from typing import Final, Literal

from pydantic import Field

from services.api.areas.grouping import Value
from services.api.areas.models import AreaAnswer, AreasAnswer
from services.api.areas.service_identity import AREA, service_id, service_name
from services.api.read_model.answer_models import AnswerModel

# Of the HL7 guide SDOH Clinical Care 3.0.0, whose value set may be extended: it has no code for what is not known
_EXTENSION: Final = "http://hl7.org/fhir/us/sdoh-clinicalcare/StructureDefinition/SDOHCC-ExtensionHealthcareServiceCapacityStatus"
_STATUS: Final = "http://hl7.org/fhir/us/sdoh-clinicalcare/CodeSystem/SDOHCC-CodeSystemTemporaryCodes"
_STATUS_CODES: Final[dict[Value, str]] = {"capacity": "capacity", "no-capacity": "no-capacity", "no-capacity-has-waitlist": "waitlist"}
_VALUE: Final = "urn:plek:fhir:area-value"
_AGE: Final = "urn:plek:fhir:age"
_TEST: Final = "http://terminology.hl7.org/CodeSystem/v3-ActReason"


class FhirCoding(AnswerModel):
    """A code of a system."""

    system: str
    code: str


class FhirConcept(AnswerModel):
    """The same, in one system or two."""

    coding: list[FhirCoding]


class FhirPart(AnswerModel):
    """A part of the capacity status: its code, or a note."""

    url: Literal["capacityStatus", "capacityNotes"]
    code: FhirConcept | None = Field(default=None, serialization_alias="valueCodeableConcept")
    note: str | None = Field(default=None, serialization_alias="valueString")


class FhirCapacityStatus(AnswerModel):
    """The capacity of a service (extension of SDOH Clinical Care)."""

    url: str
    extension: list[FhirPart]


class FhirIdentifier(AnswerModel):
    """The name of an area."""

    system: str
    value: str


class FhirMeta(AnswerModel):
    """The age of what is said; a tag where it is older than it should be, or of no real country (`HTEST`)."""

    last_updated: str | None = Field(default=None, serialization_alias="lastUpdated")
    tag: list[FhirCoding] | None = None


class CoveredRegion(AnswerModel):
    """A region of an area, by name alone."""

    display: str


class HealthcareService(AnswerModel):
    """Women's shelter in an area."""

    resource_type: Literal["HealthcareService"] = Field(serialization_alias="resourceType")
    id: str
    meta: FhirMeta
    extension: list[FhirCapacityStatus]
    identifier: list[FhirIdentifier]
    active: bool
    name: str
    coverage_area: list[CoveredRegion] = Field(serialization_alias="coverageArea")


class FhirSearch(AnswerModel):
    """Why an entry is in a search set."""

    mode: Literal["match"]


class FhirEntry(AnswerModel):
    """A service of a search set."""

    full_url: str = Field(serialization_alias="fullUrl")
    resource: HealthcareService
    search: FhirSearch


class FhirBundle(AnswerModel):
    """The country by area, as a search set."""

    resource_type: Literal["Bundle"] = Field(serialization_alias="resourceType")
    meta: FhirMeta
    type: Literal["searchset"]
    total: int
    entry: list[FhirEntry] | None = Field(default=None, description="Absent where there is none: FHIR knows no empty list")


def bundle(answer: AreasAnswer) -> FhirBundle:
    """Return the areas as a search set."""
    tags = [FhirCoding(system=_AGE, code="degraded")] if answer.degraded else []
    tags += [FhirCoding(system=_TEST, code="HTEST")] if answer.world else []
    stated = {"last_updated": answer.as_of, "tag": tags or None}
    meta = FhirMeta.model_validate({name: value for name, value in stated.items() if value is not None})
    entries = [_entry(area, meta) for area in answer.areas]
    written = {"entry": entries} if entries else {}
    return FhirBundle(resource_type="Bundle", meta=meta, type="searchset", total=len(entries), **written)


def _entry(area: AreaAnswer, meta: FhirMeta) -> FhirEntry:
    service = service_id(area)
    status = [FhirCoding(system=_STATUS, code=code)] if (code := _STATUS_CODES.get(area.value)) else []
    parts = [FhirPart(url="capacityStatus", code=FhirConcept(coding=[*status, FhirCoding(system=_VALUE, code=area.value)]))]
    if area.free is not None:
        parts.append(FhirPart(url="capacityNotes", note=f"free units: {area.free}"))
    resource = HealthcareService(
        resource_type="HealthcareService",
        id=service,
        meta=meta,
        extension=[FhirCapacityStatus(url=_EXTENSION, extension=parts)],
        identifier=[FhirIdentifier(system=AREA, value=area.area)],
        active=True,
        name=service_name(area),
        coverage_area=[CoveredRegion(display=f"{region.name} ({region.code})") for region in area.regions],
    )
    return FhirEntry(full_url=f"urn:uuid:{service}", resource=resource, search=FhirSearch(mode="match"))
