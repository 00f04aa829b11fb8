"""Clients that generators make from the merged document compile, and do an evening's work through the door of a live instance."""

import json
import os
import shutil
import ssl
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

import httpx
import orjson
import pytest
import pytest_asyncio

from services.local.processes.child_process import ChildProcess
from services.local.processes.free_ports import LOOPBACK
from tests.controlled_servers import Kafka, Valkey
from tests.deploy.composed import make_secrets, program
from tests.free_ports import free_ports
from tests.matrix.country import Country, country
from tests.sent import event
from tests.standards.merged import OPENAPI, ROOT
from tests.standards.tools import FOLDER, PACKAGES, PYTHON, package, require_tools, run

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]

_CLIENTS: Final = FOLDER / "clients"
_STRICT: Final = ("--strict", "--target", "es2022", "--module", "nodenext", "--lib", "es2022,dom")
_DONE: Final = {"admit": "admission", "hold": "granted", "discharge": "discharge"}
_READY_S: Final = 30.0


class Door(NamedTuple):
    """The address of the API, as the document's server has it, and the certificates that verify the door's."""

    url: str
    authority: Path


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def here(kafka: Kafka, valkey: Valkey, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Country]:
    """One country for both clients, where the tools are installed."""
    require_tools()
    folder = tmp_path_factory.mktemp("clients")
    async with country(kafka, valkey, folder.name, folder) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def door(here: Country, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Door]:
    """Open the door of docker-compose.yml before the country, with TLS on either side of it."""
    folder, (port, *ports) = tmp_path_factory.mktemp("door"), free_ports(4)
    tls, plain = make_secrets(folder) / "tls", {"gateway": here.gateway, "monitor": here.monitor, "api": here.api}
    at = dict(zip(plain, ports, strict=True))
    (folder / "behind.cfg").write_text("".join([_DEFAULTS, *(_encrypted(tls, name, at[name], client) for name, client in plain.items())]))
    served = {
        "GATEWAY": at["gateway"],
        "MONITOR": at["monitor"],
        "API_1": at["api"],
        "API_2": at["api"],
        "WEB": at["api"],
    }  # no page is asked for
    addresses = {f"FRONT_{name}": f"{LOOPBACK}:{number}" for name, number in served.items()}
    own = {"FRONT_BIND": f"{LOOPBACK}:{port}", "FRONT_TLS": str(tls / "front.pem"), "FRONT_CA": str(tls / "ca.pem")}
    configurations = {"behind": folder / "behind.cfg", "front": ROOT / "deploy" / "front" / "haproxy.cfg"}
    children = [
        ChildProcess(name, (program("haproxy"), "-f", str(file), "-db"), folder / f"{name}.log", os.environ | addresses | own)
        for name, file in configurations.items()
    ]
    opened = Door(f"https://{LOOPBACK}:{port}/v1", tls / "ca.pem")
    try:
        for child in children:
            child.start()
        async with httpx.AsyncClient(verify=ssl.create_default_context(cafile=opened.authority)) as client:
            await children[-1].wait_until_ready(lambda: _opened(client, opened.url), _READY_S)
        yield opened
    finally:
        for child in children:
            await child.kill()


_DEFAULTS: Final = "defaults\n  mode http\n  timeout connect 5s\n  timeout client 75s\n  timeout server 75s\n"


def _encrypted(tls: Path, name: str, port: int, plain: httpx.AsyncClient) -> str:
    """Return the part of a configuration that answers with the certificate of a service, as the service does once it is deployed."""
    return f"listen {name}\n  bind {LOOPBACK}:{port} ssl crt {tls / name}.pem\n  server {name} {LOOPBACK}:{plain.base_url.port}\n"


async def _opened(client: httpx.AsyncClient, url: str) -> bool:
    """Return whether each service answers through the door."""
    with suppress(httpx.TransportError):
        answers = [await client.get(f"{url}/{path}") for path in ("openapi.json", "refusals", "monitor/releases")]
        return all(answer.status_code != 503 for answer in answers)
    return False


def _evening(here: Country, door: Door, unit: str) -> dict[str, str]:
    """Return the environment of a client: where Plek is, who uses it, and what they say; each client has a worker of its own."""
    users = {"SHELTER_TOKEN": here.headers("shelter"), "WORKER_TOKEN": here.callers.worker(f"worker-{unit}")}
    tokens = {name: headers["Authorization"].removeprefix("Bearer ") for name, headers in users.items()}
    trusted = dict.fromkeys(("SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"), str(door.authority))
    return (
        tokens
        | trusted
        | {"PLEK_URL": door.url, "PLEK_UNIT": unit, "PLEK_EVENT": json.dumps(event("count-confirmed", number=int(unit[1:])))}
    )


async def test_the_python_client_does_an_evenings_work(here: Country, door: Door, tmp_path: Path) -> None:
    """openapi-python-client makes it without a warning; every module of it is imported; its program is answered as it should be."""
    client = tmp_path / "plek_client"
    generator = PYTHON.parent / "openapi-python-client"
    options = ("--path", OPENAPI, "--output-path", client, "--meta", "none")
    made = await run(generator, "generate", *options, PATH=f"{PYTHON.parent}:{os.environ['PATH']}")
    assert (made[0], "Warning" in made[1]) == (0, False), made
    code, out, err = await run(PYTHON, "-c", _IMPORT_ALL, folder=tmp_path)
    assert (code, int(out or 0) > 200) == (0, True), err
    shutil.copy(_CLIENTS / "python_client.py", tmp_path)
    code, out, err = await run(PYTHON, tmp_path / "python_client.py", folder=tmp_path, **_evening(here, door, "u31"))
    assert (code, json.loads(out or "{}")) == (0, _DONE), err


_IMPORT_ALL: Final = """
import importlib, pkgutil, sys
sys.path.insert(0, ".")
import plek_client
print(len([importlib.import_module(each.name) for each in pkgutil.walk_packages(plek_client.__path__, "plek_client.")]))
"""


async def test_the_typescript_client_does_an_evenings_work(here: Country, door: Door, tmp_path: Path) -> None:
    """openapi-typescript makes its types; the program on them compiles in strict mode, and is answered as it should be."""
    (tmp_path / "package.json").write_bytes(orjson.dumps({"type": "module"}))
    (tmp_path / "node_modules").symlink_to(PACKAGES)
    (tmp_path / "generated").mkdir()
    program_file = shutil.copy(_CLIENTS / "typescript_client.ts", tmp_path)
    for command in (
        ("openapi-typescript", OPENAPI, "--output", tmp_path / "generated" / "openapi.d.ts"),
        ("tsc", *_STRICT, "--outDir", tmp_path / "out", program_file),
    ):
        code, out, err = await package(*map(str, command), folder=tmp_path)
        assert code == 0, out + err
    code, out, err = await run("node", tmp_path / "out" / "typescript_client.js", folder=tmp_path, **_evening(here, door, "u32"))
    assert (code, json.loads(out or "{}")) == (0, _DONE | {"events": ["accepted"]}), err
