"""The areas in the forms of others: the counts of `GET /v1/areas` and its age, and nothing that names a shelter."""

import re
from typing import Any, Final

import pytest

from services.api.areas.hsds import service_page
from services.api.areas.models import AreaAnswer, AreasAnswer
from services.api.read_model.answer_models import NamedRegion
from tests.api.conftest import Window, kind
from tests.sent import admitted, declared, registered

_FHIR: Final = "/v1/areas/healthcare-services"
_HSDS: Final = "/v1/areas/service-capacities"
# What an area is described by: any other word, number or code would be more than the areas disclose
_REGION: Final = re.compile(r"R[0-9]{2}")


async def counted(window: Window, *, free: int, taken: int = 0) -> dict[str, Any]:
    """Fold a shelter with so many units, and return the areas."""
    units = [declared(f"u{number}") for number in range(free + taken)]
    moved_in = [admitted(f"u{number}", stay=number) for number in range(free, free + taken)]
    await window.folded.fold(registered(), *units, *moved_in)
    await window.board.refresh()
    answer: dict[str, Any] = (await window.get("/v1/areas", window.callers.worker())).json()
    return answer


@pytest.mark.parametrize(("free", "taken", "least", "code"), [(5, 0, 3, "capacity"), (2, 1, 1, "capacity"), (0, 2, 0, "no-capacity")])
async def test_both_have_the_counts_of_the_areas(window: Window, free: int, taken: int, least: int, code: str) -> None:
    """Each area is one service with the value, the range of free units and the time that `GET /v1/areas` gives."""
    areas = await counted(window, free=free, taken=taken)
    [area] = areas["areas"]
    bundle = (await window.get(_FHIR, window.callers.worker())).json()
    assert (bundle["resourceType"], bundle["type"], bundle["total"], bundle["meta"]) == (
        "Bundle",
        "searchset",
        len(areas["areas"]),
        {"lastUpdated": areas["as_of"]},
    )
    [entry] = bundle["entry"]
    service = entry["resource"]
    assert entry["fullUrl"] == f"urn:uuid:{service['id']}"
    assert (service["identifier"][0]["value"], service["meta"]["lastUpdated"]) == (area["area"], areas["as_of"])
    status, notes = service["extension"][0]["extension"]
    assert [coding["code"] for coding in status["valueCodeableConcept"]["coding"]] == [code, area["value"]]
    assert notes["valueString"] == f"free units: {area['free']}"
    page = (await window.get(_HSDS, window.callers.worker())).json()
    [capacity] = page["contents"][0]["capacities"]
    assert (capacity["available"], capacity["description"]) == (least, f"free units: {area['free']}")
    assert (capacity["updated"], page["contents"][0]["description"]) == (areas["as_of"], area["value"])


async def test_unknown_is_no_number(window: Window) -> None:
    """Where the value is unknown, FHIR has that as the only code and no note, and HSDS has no capacity."""
    await window.folded.fold(registered(), declared())
    await window.folded.stand(0, rebuild_until=100)
    await window.board.refresh()
    resource = (await window.get(_FHIR, window.callers.worker())).json()["entry"][0]["resource"]
    [status] = resource["extension"][0]["extension"]
    assert [coding["code"] for coding in status["valueCodeableConcept"]["coding"]] == ["unknown"]
    [service] = (await window.get(_HSDS, window.callers.worker())).json()["contents"]
    assert (service["capacities"], service["description"]) == ([], "unknown")


@pytest.mark.parametrize("path", [_FHIR, _HSDS])
async def test_neither_names_a_shelter(window: Window, path: str) -> None:
    """No id of a shelter, a unit, an organisation or a stay, no kind and no phone number stands in them."""
    await counted(window, free=2, taken=1)
    text = (await window.get(path, window.callers.worker())).text
    said = [registered()["data"], declared("u0")["data"], admitted("u2", stay=2)["data"]]
    values = {value for data in said for value in data.values() if isinstance(value, str) and not _REGION.fullmatch(value)}
    assert {"berk", "org-1", "crisis", "u0"} <= values
    assert not {value for value in values if f'"{value}"' in text or (len(value) > 2 and value.lower() in text.lower())}
    assert set(_REGION.findall(text)) <= {f"R{number:02}" for number in range(1, 36)}


@pytest.mark.parametrize("path", [_FHIR, _HSDS])
async def test_they_are_for_those_who_read_the_areas(window: Window, path: str) -> None:
    """A shelter and an analyst are refused; without counts both are the problem of the areas, with the duty list."""
    assert kind(await window.get(path, window.callers.shelter("berk"))) == (403, "forbidden")
    assert kind(await window.get(path, window.callers.of("analyst"))) == (403, "forbidden")
    assert kind(await window.get(path, window.callers.worker())) == (503, "data-unavailable")


async def test_fhir_has_its_own_media_type(window: Window) -> None:
    """The search set is sent as `application/fhir+json`."""
    await counted(window, free=1)
    assert (await window.get(_FHIR, window.callers.worker())).headers["content-type"] == "application/fhir+json"


async def test_old_counts_are_marked(window: Window) -> None:
    """What `GET /v1/areas` marks as degraded has a tag in FHIR."""
    await counted(window, free=1)
    window.later[0] += 16_000
    await window.board.refresh()
    assert (await window.get("/v1/areas", window.callers.worker())).json()["degraded"]
    meta = (await window.get(_FHIR, window.callers.worker())).json()["meta"]
    assert [tag["code"] for tag in meta["tag"]] == ["degraded"]


def test_hsds_says_no_null_while_nothing_is_known() -> None:
    """Before anything is known a service has no time at all: `last_modified` is text in HSDS, and never null."""
    area = AreaAnswer(area="A1", regions=[NamedRegion(code="R01", name="Groningen")], value="unknown", free=None, by_kind=[])
    now = "2026-11-24T10:45:00Z"
    answer = AreasAnswer(
        as_of=None, age_seconds=0, degraded=True, can_hold=False, duty_list="/v1/duty", grid=now, hidden_shelters=0, areas=[area]
    )
    [service] = service_page(answer).model_dump(mode="json", exclude_unset=True)["contents"]
    assert service.keys() == {"id", "name", "description", "status", "capacities"}
