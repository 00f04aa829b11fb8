"""The NL API Design Rules on the merged OpenAPI document: what can be checked in it without another tool (docs/standards.md)."""

import re
from collections import Counter
from typing import Any, Final

import pytest
from jsonschema import Draft202012Validator

from services import __version__
from services.adapters.codec.validation import FieldProblem, members
from services.adapters.config.settings import Settings
from services.adapters.http.request_body import JsonBody
from services.adapters.http.route_policy import policies
from services.adapters.schemas.components import Components
from services.api.app import create_app as create_api
from services.domain.events.catalog import BED_EVENTS, DEMAND_EVENTS, TYPE_NAMES
from services.gateway.app import create_app as create_gateway
from services.monitor.app import create_app as create_monitor
from tests.standards.merged import DOCUMENT, operations, resolved

_CAMEL_CASE: Final = re.compile("[a-z]+([A-Z][a-z0-9]*)*")
_KEBAB_CASE: Final = re.compile(r"(/([a-z0-9-]+(\.json)?|\{[a-z]+\}))+")
_OPERATIONS: Final = [pytest.param(path, operation, id=operation["operationId"]) for path, _, operation in operations()]
# Names of methods in clients that others have generated: an operation keeps its name for as long as the major version lasts
_NAMES: Final = {
    "sendEvents": "post /events",
    "admit": "post /shelters/{shelter}/admissions",
    "discharge": "post /shelters/{shelter}/discharges",
    "transfer": "post /shelters/{shelter}/transfers",
    "changeStay": "post /shelters/{shelter}/stay-changes",
    "planDischarge": "post /shelters/{shelter}/planned-discharges",
    "closeUnit": "post /shelters/{shelter}/closures",
    "reopenUnit": "post /shelters/{shelter}/reopenings",
    "confirmCount": "post /shelters/{shelter}/counts",
    "pauseIntake": "post /shelters/{shelter}/pauses",
    "resumeIntake": "post /shelters/{shelter}/resumptions",
    "searchPlaces": "post /searches",
    "endSearch": "post /searches/{search}/end",
    "requestHold": "post /holds",
    "listHolds": "get /holds",
    "readHold": "get /holds/{hold}",
    "releaseHold": "delete /holds/{hold}",
    "extendHold": "post /holds/{hold}/extend",
    "takeOverHold": "post /holds/{hold}/take-over",
    "acceptHold": "post /holds/{hold}/accept",
    "declineHold": "post /holds/{hold}/decline",
    "logFallback": "post /fallbacks",
    "endFallback": "post /fallbacks/{fallback}/end",
    "readShelters": "get /shelters",
    "readShelter": "get /shelters/{shelter}",
    "listAreas": "get /areas",
    "readDutyList": "get /duty-list",
    "queryFigures": "get /monitor/figures",
}


def test_the_document_says_what_it_is_of() -> None:
    """OpenAPI 3.1, the version of the package as SemVer, a contact, the licence, a server with the major version, all tags with words."""
    info = DOCUMENT["info"]
    assert (DOCUMENT["openapi"][:3], info["version"]) == ("3.1", __version__)
    assert re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+", __version__)
    assert {"name", "url", "email"} <= info["contact"].keys()
    assert info["license"]["identifier"] == "EUPL-1.2"
    assert [server["url"] for server in DOCUMENT["servers"]] == [f"/v{__version__.partition('.')[0]}"]
    assert all(tag["description"] for tag in DOCUMENT["tags"])


def test_paths_and_query_keys_are_written_alike() -> None:
    """Paths are in kebab-case without a slash at the end, query keys in camelCase."""
    assert [path for path, _, _ in operations() if not _KEBAB_CASE.fullmatch(path)] == []
    keys = {each["name"] for _, _, operation in operations() for each in operation.get("parameters", ()) if each["in"] == "query"}
    assert {"atLeast", "knownAt", "oldestSonAge", "excludeRegion"} <= keys
    assert [key for key in sorted(keys) if not _CAMEL_CASE.fullmatch(key)] == []


def test_an_operation_is_called_by_a_short_name_that_stays() -> None:
    """Names are unique and short, and those that clients were generated with are still those of the same routes."""
    names = {operation["operationId"]: f"{method} {path}" for path, method, operation in operations()}
    assert len(names) == len(list(operations()))
    assert [name for name in names if not _CAMEL_CASE.fullmatch(name) or len(name) > 30] == []
    assert {name: names.get(name) for name in _NAMES} == _NAMES


@pytest.mark.parametrize(("path", "operation"), _OPERATIONS)
def test_an_operation_is_described(path: str, operation: Any) -> None:
    """It has a summary, a description, one declared tag, a parameter for each name in its path, and says whether a token is needed."""
    assert operation["summary"]
    assert operation["description"]
    assert set(operation["tags"]) < {tag["name"] for tag in DOCUMENT["tags"]}
    assert len(operation["tags"]) == 1
    assert operation["security"] in ([], [{"bearer": []}])
    stated = {each["name"] for each in operation.get("parameters", ()) if each["in"] == "path"}
    assert stated == set(re.findall(r"\{(\w+)\}", path))


@pytest.mark.parametrize(("path", "operation"), _OPERATIONS)
def test_every_answer_is_described(path: str, operation: Any) -> None:
    """Each has the version header; each error is the one problem; 400 is always among them; only /live is a stream."""
    answers = {status: resolved(answer) for status, answer in operation["responses"].items()}
    assert "400" in answers
    for status, answer in answers.items():
        assert answer["headers"]["API-Version"] == {"$ref": "#/components/headers/API-Version"}
        if status >= "400":
            [(form, content)] = answer["content"].items()
            assert (form, "ProblemDetails" in str(content["schema"])) == ("application/problem+json", True)
    assert ("text/event-stream" in str(answers)) == (path == "/live")
    assert path != "/live" or list(answers["200"]["content"]) == ["text/event-stream"]


def test_there_is_one_problem() -> None:
    """It has the members of RFC 9457 that the rule asks for, `detail` among them."""
    assert [name for name in DOCUMENT["components"]["schemas"] if "Problem" in name] == ["ProblemDetails"]
    assert {"type", "title", "status", "detail"} <= set(DOCUMENT["components"]["schemas"]["ProblemDetails"]["required"])


def test_an_event_is_one_of_the_types_of_the_contract() -> None:
    """`POST /events` takes each type by its own schema, found by its `type`, alone or in a batch."""
    content = DOCUMENT["paths"]["/events"]["post"]["requestBody"]["content"]
    event = {"$ref": "#/components/schemas/Event"}
    assert content["application/cloudevents+json"]["schema"] == event
    assert content["application/cloudevents-batch+json"]["schema"]["items"] == event
    mapping = resolved(event)["discriminator"]["mapping"]
    assert set(mapping) == {TYPE_NAMES[shape] for shape in (*BED_EVENTS, *DEMAND_EVENTS)}
    assert {resolved({"$ref": at})["properties"]["type"]["const"]: at for at in mapping.values()} == mapping


def _bodies() -> list[Any]:
    return [
        pytest.param(media, id=f"{operation['operationId']}-{form.rpartition('/')[2]}")
        for _, _, operation in operations()
        for form, media in operation.get("requestBody", {"content": {}})["content"].items()
    ]


@pytest.mark.parametrize("media", _bodies())
def test_every_body_has_an_example_that_is_one(media: Any) -> None:
    """A reader can copy it: the schema beside it takes it."""
    examples = [media["example"]] if "example" in media else [each["value"] for each in media["examples"].values()]
    assert examples
    schema = Draft202012Validator(media["schema"] | {"components": DOCUMENT["components"]})
    assert all(schema.is_valid(example) for example in examples)


def test_every_pointer_leads_somewhere_and_no_component_is_left_over() -> None:
    """References are followed from the root; a component that nothing refers to would be a leftover."""
    pointers = Counter(re.findall(r"'(?:\$ref)': '#/components/([^']+)'", str(DOCUMENT)))
    for pointer in pointers:
        kind, _, name = pointer.partition("/")
        assert name in DOCUMENT["components"][kind]
    named = {f"{kind}/{name}" for kind in ("schemas", "responses", "headers") for name in DOCUMENT["components"][kind]}
    assert named - set(pointers) == set()


def _models() -> list[Any]:
    apps = [create(Settings.model_construct()) for create in (create_gateway, create_api, create_monitor)]
    models = {policy.body.model: policy.body for app in apps for _, _, policy in policies(app) if isinstance(policy.body, JsonBody)}
    return [pytest.param(body, id=model.__name__) for model, body in models.items()]


@pytest.mark.parametrize("body", _models())
def test_an_example_keeps_the_rules_between_its_members(body: JsonBody[Any]) -> None:
    """The service itself would take it, also where the schema says a rule in words only."""
    components, regions = Components(), frozenset({"R07"})
    example = body.document(regions, components)["content"]["application/json"]["example"]
    problems: list[FieldProblem] = []
    read = members(body.model, regions, "")(example, problems)
    assert [*problems, *getattr(read, "broken_rules", list)()] == []
