"""Every operation of all services, asked what nobody expects, by each role: no fault, and every answer as it is documented."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest
import pytest_asyncio

from tests.controlled_servers import Kafka, Valkey
from tests.documented import own_document
from tests.matrix.country import Country, country
from tests.matrix.table import ROLES

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

# Random calls to each operation beside those that are worked out from its document, for each role and nobody. One after the other: two at
# once upset the parser of Python 3.11.
_EXAMPLES = "4"
# A stream of events has no end to wait for.
_ENDLESS = "/v1/live"
_CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance,"
    "unsupported_method,ignored_auth"
)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def here(kafka: Kafka, valkey: Valkey, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Country]:
    """One country for all of it."""
    folder = tmp_path_factory.mktemp("schemathesis")
    async with country(kafka, valkey, folder.name, folder) as made:
        yield made


def _shortened(document: dict[str, Any]) -> dict[str, Any]:
    """Leave two types of events in a document: each more takes seconds for each role, and all have one codec, with tests of its own."""
    event = document["components"]["schemas"].get("Event")
    shorter = {} if event is None else {"Event": {"oneOf": event["oneOf"][:2]}}
    components = document["components"]
    return document | {"components": components | {"schemas": components["schemas"] | shorter}}


@pytest.mark.timeout(240)
@pytest.mark.parametrize("service", ["gateway", "api", "monitor"])
@pytest.mark.parametrize(
    "role", ["worker", *(pytest.param(role, marks=pytest.mark.long) for role in (*ROLES, "nobody") if role != "worker")]
)
async def test_no_fault_and_every_answer_as_documented(role: str, service: str, here: Country, tmp_path: Path) -> None:
    """With a valid token, or with none; what it finds is printed as a call that can be repeated."""
    address = here.services[service].base_url
    token = () if role == "nobody" else ("--header", f"Authorization:{here.headers(role)['Authorization']}")
    # Its own: the API serves the document of all services
    document = tmp_path / "openapi.json"
    document.write_bytes(orjson.dumps(_shortened(await own_document(here.services[service]))))
    command = [sys.executable, "-m", "schemathesis.cli", "run", str(document), "--url", str(address), *token, "--checks", _CHECKS]
    command += ["--phases", "coverage,fuzzing", "--max-examples", _EXAMPLES, "--exclude-path", _ENDLESS, "--no-shrink", "--no-color"]
    command += ["--generation-deterministic", "--continue-on-failure"]
    process = await asyncio.create_subprocess_exec(
        *command, cwd=tmp_path, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    told, _ = await process.communicate()
    assert process.returncode == 0, told.decode()[-6_000:]
