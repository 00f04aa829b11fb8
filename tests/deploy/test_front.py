"""The door: one address for all, by the very file that docker-compose mounts, with two APIs and a gateway that say who they are."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from services.local.child import Child
from services.local.ports import LOOPBACK, free_ports
from tests.deploy.composed import ROOT, program
from tests.waiting import until

_READY_S = 30.0


class _Behind:
    """Somebody behind the door, who can be made not ready."""

    def __init__(self, name: str, port: int) -> None:
        self.name, self.ready = name, True
        routes = [Route("/{path:path}", self._answer, methods=["GET", "POST"])]
        config = uvicorn.Config(Starlette(routes=routes), host=LOOPBACK, port=port, log_level="critical")
        self.server = uvicorn.Server(config)

    async def _answer(self, request: Request) -> PlainTextResponse:
        probed = request.url.path == "/readyz"
        return PlainTextResponse(self.name, 503 if probed and not self.ready else 200)


@asynccontextmanager
async def _door(folder: Path) -> AsyncIterator[tuple[httpx.AsyncClient, dict[str, _Behind]]]:
    port, *ports = free_ports(5)
    behind = {name: _Behind(name, at) for name, at in zip(("gateway", "monitor", "api-1", "api-2"), ports, strict=True)}
    serving = [asyncio.create_task(each.server.serve()) for each in behind.values()]
    variables = {f"FRONT_{name.upper().replace('-', '_')}": f"{LOOPBACK}:{at}" for name, at in zip(behind, ports, strict=True)}
    env = os.environ | variables | {"FRONT_BIND": f"{LOOPBACK}:{port}"}
    child = Child("front", (program("haproxy"), "-f", str(ROOT / "deploy" / "front" / "haproxy.cfg"), "-db"), folder / "front.log", env)
    try:
        child.start()
        async with httpx.AsyncClient(base_url=f"http://{LOOPBACK}:{port}") as client:
            await child.ready(lambda: _answered(client, "/v1/areas", {"api-1", "api-2"}), _READY_S)
            await until(lambda: _answered(client, "/v1/events", {"gateway"}))
            yield client, behind
    finally:
        await child.kill()
        for each in behind.values():
            each.server.should_exit = True
        await asyncio.gather(*serving)


async def _answered(client: httpx.AsyncClient, path: str, by: set[str]) -> bool:
    try:
        return (await client.get(path)).text in by
    except httpx.TransportError:
        return False


async def _asked(client: httpx.AsyncClient) -> set[str]:
    return {(await client.get("/v1/areas")).text for _ in range(12)}


async def test_events_go_to_the_gateway_and_all_else_to_an_api_that_is_ready(tmp_path: Path) -> None:
    """Both APIs are asked; one that is not ready is left alone; without any the caller is told to phone. Probes are for the inside."""
    async with _door(tmp_path) as (client, behind):
        assert (await client.post("/v1/events")).text == "gateway"
        await until(lambda: _answered(client, "/v1/monitor/figures", {"monitor"}))
        await until(lambda: _both(client))
        for probe in ("/metrics", "/readyz", "/healthz"):
            assert (await client.get(probe)).status_code == 404
        behind["api-1"].ready = False
        await until(lambda: _only(client, "api-2"))
        behind["api-2"].ready = False
        await until(lambda: _told_to_phone(client))
        assert (await client.post("/v1/events")).text == "gateway"
        behind["api-1"].ready = True
        await until(lambda: _only(client, "api-1"))


async def _both(client: httpx.AsyncClient) -> bool:
    return await _asked(client) == {"api-1", "api-2"}


async def _only(client: httpx.AsyncClient, name: str) -> bool:
    return await _asked(client) == {name}


async def _told_to_phone(client: httpx.AsyncClient) -> bool:
    answer = await client.get("/v1/areas")
    return answer.status_code == 503 and answer.json()["type"] == "urn:plek:problem:phone"


@pytest.mark.parametrize("path", ["/v1/events", "/v1/areas"])
async def test_no_caller_is_written_down(tmp_path: Path, path: str) -> None:
    """The door keeps no log: who called from where is nobody's business."""
    async with _door(tmp_path) as (client, _):
        await client.get(path)
    assert LOOPBACK not in (tmp_path / "front.log").read_text()
