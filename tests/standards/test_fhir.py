"""The areas as FHIR, read by a library of FHIR that the project has not written."""

import copy
import json
from collections.abc import Callable
from typing import Any, Final

import pytest

from services.api.areas.fhir import bundle
from services.api.areas.grouping import Value
from services.api.areas.models import AreaAnswer, AreasAnswer
from services.api.read_model.answer_models import NamedRegion
from services.domain.search.count_buckets import Bucket
from tests.standards.tools import FOLDER, PYTHON, require_tools, run

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300), pytest.mark.usefixtures("tools")]

_AS_OF: Final = "2026-11-24T10:45:00Z"
_VALUES: Final[tuple[tuple[Value, Bucket | None], ...]] = (
    ("capacity", "3+"),
    ("no-capacity", "none"),
    ("no-capacity-has-waitlist", "none"),
    ("unknown", None),
)
Spoil = Callable[[Any], None]


@pytest.fixture(scope="module")
def tools() -> None:
    """Leave the module out where the tools are not installed."""
    require_tools()


def _answer(**changes: Any) -> AreasAnswer:
    regions = [NamedRegion(code="R01", name="Groningen"), NamedRegion(code="R02", name="Leeuwarden")]
    areas = [
        AreaAnswer(area=f"A{number}", regions=regions, value=value, free=free, by_kind=[]) for number, (value, free) in enumerate(_VALUES)
    ]
    answer = AreasAnswer(
        as_of=_AS_OF, age_seconds=3, degraded=False, can_hold=True, duty_list="/v1/duty", grid=_AS_OF, hidden_shelters=0, areas=areas
    )
    return answer.model_copy(update=changes)


def _written(answer: AreasAnswer) -> Any:
    return bundle(answer).model_dump(mode="json", by_alias=True, exclude_unset=True)


async def _errors(documents: list[Any]) -> list[list[str]]:
    code, out, err = await run(PYTHON, FOLDER / "validate_fhir.py", given=json.dumps(documents))
    assert code == 0, err
    found: list[list[str]] = json.loads(out)
    return found


async def test_every_form_of_the_areas_is_fhir() -> None:
    """Of each value, old and of a simulated country, and before anything is known, the bundle has no error."""
    answers = [_answer(), _answer(degraded=True, world="simulated"), _answer(as_of=None), _answer(areas=[])]
    assert await _errors([_written(answer) for answer in answers]) == [[], [], [], []]


def _service(document: Any) -> Any:
    return document["entry"][0]["resource"]


_SPOILT: Final[dict[str, Spoil]] = {
    "entry.0.resource.coverageArea": lambda each: _service(each).update(coverageArea="Groningen"),
    "entry.0.resource.free": lambda each: _service(each).update(free=3),
    "entry.0.resource.active": lambda each: _service(each).update(active="perhaps"),
    "entry.0.resource.extension.0.url": lambda each: _service(each)["extension"][0].pop("url"),
    "meta.lastUpdated": lambda each: each["meta"].update(lastUpdated="24-11-2026"),
    "type": lambda each: each.pop("type"),
}


async def test_the_library_finds_what_is_spoilt() -> None:
    """A bundle with one element spoilt is found to be wrong in each case: the check above is one."""
    spoilt = [copy.deepcopy(_written(_answer())) for _ in _SPOILT]
    for document, spoil in zip(spoilt, _SPOILT.values(), strict=True):
        spoil(document)
    assert [place for place, found in zip(_SPOILT, await _errors(spoilt), strict=True) if not found] == []
