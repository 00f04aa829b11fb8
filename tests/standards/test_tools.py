"""The published documents in tools that the project has not written: Spectral, redocly, AsyncAPI's parser, ajv."""

import copy
import json
from pathlib import Path
from typing import Any, Final

import pytest

from services.adapters.schemas.event_schema import EVENTS
from tests.standards.merged import DOCUMENT, OPENAPI, ROOT
from tests.standards.tools import FOLDER, node, package, require_tools

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300), pytest.mark.usefixtures("tools")]

# Warnings of rules that are not kept, each with its reason; an error is never listed here
_SPECTRAL_WARNINGS: Final[dict[str, str]] = {}
_REDOCLY_WARNINGS: Final[dict[str, str]] = {}


@pytest.fixture(scope="module")
def tools() -> None:
    """Leave the module out where the tools are not installed."""
    require_tools()


async def _spectral(document: Path) -> list[dict[str, Any]]:
    _, out, err = await package("spectral", "lint", "--ruleset", FOLDER / "spectral.yaml", "--format", "json", "--quiet", document)
    assert out.startswith("["), out + err
    found: list[dict[str, Any]] = json.loads(out[: out.rindex("]") + 1])
    return found


async def test_spectral_finds_no_error_and_no_other_warning() -> None:
    """Its own rules for OpenAPI, and those of the NL API Design Rules in our words."""
    assert [each for each in await _spectral(OPENAPI) if each["code"] not in _SPECTRAL_WARNINGS or each["severity"] == 0] == []


async def test_spectral_would_find_what_breaks_a_rule(tmp_path: Path) -> None:
    """A document that breaks each rule of ours once is found by each: the check above is one."""
    spoiled: Any = copy.deepcopy(DOCUMENT)
    spoiled["info"] |= {"version": "1", "contact": {"name": "Plek"}}
    spoiled["servers"] = [{"url": "/"}]
    spoiled["components"]["schemas"]["ProblemDetails"]["required"].remove("detail")
    spoiled["components"]["schemas"]["HoldForm"]["properties"]["at"] = {"type": "string", "format": "time"}
    search = spoiled["paths"].pop("/searches")["post"]
    spoiled["paths"]["/all_searches"] = {"post": search}
    search["operationId"] = "post_search_v1_searches_post"
    search["parameters"].append({"name": "at_least", "in": "query", "schema": {"type": "string"}})
    search["responses"] = {"200": {"description": "Found"}, "404": {"description": "No", "content": {"application/json": {}}}}
    del search["security"]
    file = tmp_path / "openapi.json"
    file.write_text(json.dumps(spoiled))
    found = {each["code"] for each in await _spectral(file) if str(each["code"]).startswith("plek-")}
    ours = {line.strip(" :") for line in (FOLDER / "spectral.yaml").read_text("utf-8").splitlines() if line.startswith("  plek-")}
    assert (found, len(ours)) == (ours, 12)


async def test_redocly_finds_no_error_and_no_other_warning() -> None:
    """With its recommended rules."""
    _, out, err = await package("redocly", "lint", "--extends", "recommended", "--format", "json", OPENAPI)
    problems = json.loads(out[out.index("{") :])["problems"] if "{" in out else pytest.fail(out + err)
    assert [each for each in problems if each["ruleId"] not in _REDOCLY_WARNINGS or each["severity"] == "error"] == []


@pytest.mark.parametrize("file", ["schemas/asyncapi.yaml", "services/api/operator/asyncapi.json"])
async def test_the_parser_of_asyncapi_finds_nothing(file: str) -> None:
    """Neither in the document beside the schemas nor in the one that is served; each event type is a message."""
    answer = await node("parse_asyncapi.mjs", ROOT / file)
    assert answer["found"] == []
    assert answer["messages"] > len(EVENTS)


async def test_ajv_compiles_every_schema_in_strict_mode() -> None:
    """And finds each golden example valid."""
    answer = await node("compile_schemas.mjs", ROOT / "schemas" / "events", ROOT / "schemas" / "examples")
    assert answer == {"wrong": [], "checked": 2 * len(EVENTS)}
