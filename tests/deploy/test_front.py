"""The door: one address for all, by the very file that docker-compose mounts, with two APIs and a gateway that say who they are."""

import asyncio
import os
import re
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from services.adapters.config.settings import Settings
from services.adapters.http.route_policy import policies
from services.adapters.http.security_headers import SECURITY_HEADERS
from services.adapters.problem_details import KINDS
from services.api.app import create_app as create_api
from services.gateway.app import create_app as create_gateway
from services.local.processes.child_process import ChildProcess
from services.local.processes.free_ports import LOOPBACK
from services.monitor.app import create_app as create_monitor
from tests.deploy.composed import ROOT, make_secrets, program
from tests.free_ports import free_ports
from tests.waiting import until

pytestmark = pytest.mark.e2e

_READY_S = 30.0
# Each service has its own; the door gives one
_OF_EACH = frozenset({"/v1/openapi.json", "/v1/asyncapi.json"})
_NOTHING_HERE = {
    "type": "urn:plek:problem:not-found",
    "title": KINDS["not-found"].title,
    "status": 404,
    "detail": KINDS["not-found"].detail,
}


class _Behind:
    """Somebody behind the door, who can be made not ready."""

    def __init__(self, name: str, port: int, certificate: Path) -> None:
        self.name, self.ready, self.headers = name, True, dict[str, str]()
        routes = [Route("/{path:path}", self._answer, methods=["GET", "POST", "PUT", "PATCH", "DELETE"])]
        config = uvicorn.Config(Starlette(routes=routes), host=LOOPBACK, port=port, log_level="critical", ssl_certfile=certificate)
        self.server = uvicorn.Server(config)

    async def _answer(self, request: Request) -> PlainTextResponse:
        probed = request.url.path == "/readyz"
        return PlainTextResponse(self.name, 503 if probed and not self.ready else 200, self.headers)


@asynccontextmanager
async def _door(folder: Path, api: str = "api") -> AsyncIterator[tuple[httpx.AsyncClient, dict[str, _Behind]]]:
    port, *ports = free_ports(6)
    tls = make_secrets(folder / "secrets") / "tls"
    certified = {"gateway": "gateway", "monitor": "monitor", "web": "web", "api-1": api, "api-2": api}
    behind = {name: _Behind(name, at, tls / f"{own}.pem") for (name, own), at in zip(certified.items(), ports, strict=True)}
    serving = [asyncio.create_task(each.server.serve()) for each in behind.values()]
    variables = {f"FRONT_{name.upper().replace('-', '_')}": f"{LOOPBACK}:{at}" for name, at in zip(behind, ports, strict=True)}
    own = {"FRONT_BIND": f"{LOOPBACK}:{port}", "FRONT_TLS": str(tls / "front.pem"), "FRONT_CA": str(tls / "ca.pem")}
    env = os.environ | variables | own
    child = ChildProcess(
        "front", (program("haproxy"), "-f", str(ROOT / "deploy" / "front" / "haproxy.cfg"), "-db"), folder / "front.log", env
    )
    try:
        child.start()
        verify = ssl.create_default_context(cafile=tls / "ca.pem")
        async with httpx.AsyncClient(base_url=f"https://{LOOPBACK}:{port}", verify=verify) as client:
            await child.wait_until_ready(lambda: _answered(client, "/v1/events", {"gateway"}), _READY_S)
            if api == "api":
                await until(lambda: _answered(client, "/v1/areas", {"api-1", "api-2"}))
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


async def test_events_go_to_the_gateway_pages_to_the_web_and_the_rest_to_an_api_that_is_ready(tmp_path: Path) -> None:
    """Both APIs are asked; one that is not ready is left alone; without any the caller is told to phone.

    F12: metrics and probes are for the inside, however their path is written.
    """
    async with _door(tmp_path) as (client, behind):
        assert (await client.post("/v1/events")).text == "gateway"
        await until(lambda: _answered(client, "/v1/monitor/figures", {"monitor"}))
        await until(lambda: _both(client))
        await until(lambda: _answered(client, "/", {"web"}))
        for page in ("/tonight", "/%2Fmetrics", "/v1", "/V1/areas"):
            assert (await client.get(page)).text == "web"
        for probe in ("/metrics", "/readyz", "/healthz", "/%6Detrics", "/READYZ", "/v1/../metrics"):
            refused = await client.get(probe)
            assert (refused.status_code, refused.json()) == (404, _NOTHING_HERE)
        behind["api-1"].ready = False
        await until(lambda: _only(client, "api-2"))
        behind["api-2"].ready = False
        await until(lambda: _told_to_phone(client))
        assert (await client.post("/v1/events")).text == "gateway"
        behind["api-1"].ready = True
        await until(lambda: _only(client, "api-1"))


def _routes() -> Iterator[tuple[str, str, str]]:
    """Yield who answers, method and path of every route that is for the outside, with something in place of each parameter."""
    settings = Settings.model_construct()
    for name, app in (("gateway", create_gateway(settings)), ("api", create_api(settings)), ("monitor", create_monitor(settings))):
        for method, path, _ in policies(app):
            if path.startswith("/v1/") and path not in _OF_EACH:
                yield name, method, re.sub(r"\{\w+\}", "berk", path)


async def test_every_route_is_answered_by_the_service_that_has_it(tmp_path: Path) -> None:
    """Each route of each service goes to that service: a new one that the door does not know is red here."""
    async with _door(tmp_path) as (client, _):
        await until(lambda: _answered(client, "/v1/monitor/figures", {"monitor"}))
        asked = [(name, method, path, await client.request(method, path)) for name, method, path in _routes()]
    wrong = [(name, method, path, answer.text) for name, method, path, answer in asked if not answer.text.startswith(name)]
    assert len(asked) > 50
    assert not wrong


async def _both(client: httpx.AsyncClient) -> bool:
    return await _asked(client) == {"api-1", "api-2"}


async def _only(client: httpx.AsyncClient, name: str) -> bool:
    return await _asked(client) == {name}


async def _told_to_phone(client: httpx.AsyncClient) -> bool:
    answer = await client.get("/v1/areas")
    return answer.status_code == 503 and answer.json()["type"] == "urn:plek:problem:data-unavailable" and _is_secured(answer)


def _is_secured(answer: httpx.Response) -> bool:
    """Return whether an answer has each security header once, as the services send it."""
    return all(answer.headers.get_list(name.decode()) == [value.decode()] for name, value in SECURITY_HEADERS)


async def test_every_answer_of_the_door_has_the_security_headers(tmp_path: Path) -> None:
    """Also the door's own, and one of a service that states its own; HSTS just where the caller's connection has TLS (RFC 6797)."""
    async with _door(tmp_path) as (client, behind):
        for path in ("/metrics", "/v1/areas", "/v1/events"):
            answer = await client.get(path)
            assert _is_secured(answer)
            assert answer.headers["strict-transport-security"] == "max-age=31536000"
            by_tls = await client.get(path, headers={"X-Forwarded-Proto": "https"})
            assert by_tls.headers["strict-transport-security"] == "max-age=31536000"
            without = await client.get(path, headers={"X-Forwarded-Proto": "http"})
            assert "strict-transport-security" not in without.headers
        behind["api-1"].headers = behind["api-2"].headers = {"Cache-Control": "private", "Content-Security-Policy": "default-src 'self'"}
        answer = await client.get("/v1/areas")
        assert answer.headers.get_list("content-security-policy") == ["default-src 'self'"]
        assert answer.headers.get_list("cache-control") == ["private"]


@pytest.mark.parametrize("path", ["/v1/events", "/v1/areas"])
async def test_no_caller_is_written_down(tmp_path: Path, path: str) -> None:
    """The door keeps no log: who called from where is nobody's business."""
    async with _door(tmp_path) as (client, _):
        await client.get(path)
    assert LOOPBACK not in (tmp_path / "front.log").read_text()


async def test_the_door_trusts_no_other_name(tmp_path: Path) -> None:
    """A service with the certificate of another is not asked, though the same authority signed it: the caller is told to phone."""
    async with _door(tmp_path, api="web") as (client, _):
        await until(lambda: _answered(client, "/", {"web"}))
        for _ in range(6):
            assert await _told_to_phone(client)
