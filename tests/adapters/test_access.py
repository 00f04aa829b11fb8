"""Who is let in is said of every route, and whoever was not let in is told nothing: fail closed, also where somebody forgets."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, get_args

import httpx
import pytest
from fastapi import FastAPI, Request, Response
from starlette.responses import StreamingResponse
from starlette.routing import Route

from services.adapters.access import BEARER, let_in, open_to_anybody, unmetered
from services.adapters.clock import seconds
from services.adapters.metrics import Metrics
from services.adapters.rates import USUAL, Asked
from services.adapters.settings import Settings
from services.adapters.web import answer, new_app
from services.api.app import create_app as create_api
from services.gateway.app import create_app as create_gateway
from services.monitor.app import create_app as create_monitor
from tests.callers import Callers

SECRET = "who is in which shelter"
_APPS = {"api": create_api, "gateway": create_gateway, "monitor": create_monitor}
Handler = Callable[[Request], Awaitable[Response]]


@asynccontextmanager
async def asking(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Ask an app of this process."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://plek") as client:
        yield client


async def tells(_: Request) -> Response:
    """Tell all of it, to whoever asks."""
    return answer({"secret": SECRET})


async def streams(_: Request) -> Response:
    """Tell it bit by bit."""

    async def bits() -> AsyncIterator[bytes]:
        for bit in SECRET:
            yield bit.encode()

    return StreamingResponse(bits())


@pytest.mark.parametrize("extra", [{}, {"x-audit": "state-shown"}, {"security": []}, {"security": [{}]}, BEARER | open_to_anybody("both")])
@pytest.mark.parametrize("service", _APPS)
def test_a_service_with_a_route_that_says_nothing_of_it_does_not_start(service: str, extra: dict[str, Any]) -> None:
    """Nothing, something else, a token or none, both: the app can't be put together, whatever is on the machine."""
    app = _APPS[service](Settings.model_construct())
    with pytest.raises(ValueError, match="does not say who may ask it"):
        app.get("/v1/secrets", openapi_extra=extra)(tells)


@pytest.mark.parametrize("service", _APPS)
@pytest.mark.parametrize("handler", [tells, streams])
async def test_a_route_added_behind_its_back_answers_nobody(service: str, handler: Handler) -> None:
    """Of the framework below, or mounted whole: 403 in the usual form, and not a word of what it would have said."""
    app = _APPS[service](Settings.model_construct())
    app.router.routes.append(Route("/v1/secrets", handler))
    app.mount("/v1/below", FastAPI(openapi_url=None, routes=[Route("/secrets", handler)]))
    async with asking(app) as client:
        for path in ("/v1/secrets", "/v1/below/secrets"):
            refused = await client.get(path)
            assert (refused.status_code, refused.json()["type"]) == (403, "urn:plek:problem:not-yours")
            assert SECRET not in refused.text


async def test_a_route_that_forgets_to_look_answers_nobody(tmp_path: Path) -> None:
    """It says that callers only are let in, and lets in whoever comes: a valid token changes nothing, for nobody looked at it."""
    app, callers = new_app("A service", "", Metrics(), seconds), Callers(tmp_path)
    app.get("/v1/secrets", openapi_extra=BEARER)(tells)
    async with asking(app) as client:
        for headers in ({}, callers.operator):
            refused = await client.get("/v1/secrets", headers=headers)
            assert (refused.status_code, SECRET in refused.text) == (403, False)


@pytest.mark.parametrize("service", _APPS)
async def test_a_question_that_no_route_understands_is_not_answered(service: str) -> None:
    """Left out, a parameter that is misspelt would make another answer than was asked for. What is known is told, what was sent is not."""
    app = _APPS[service](Settings.model_construct())
    async with asking(app) as client:
        document = (await client.get("/v1/openapi.json")).json()
        shown = [path for path, of in document["paths"].items() if path.startswith("/v1/") and "get" in of]
        assert shown or service == "gateway"
        for path in (*shown, "/v1/openapi.json"):
            refused = await client.get(path.replace("{", "").replace("}", ""), params={"secrets": SECRET})
            [error] = refused.json()["errors"]
            assert (refused.status_code, error["pointer"], error["code"]) == (400, "query", "unknown_parameter"), path
            assert "secrets" not in refused.text
            assert path == "/v1/openapi.json" or "400" in document["paths"][path]["get"]["responses"]
            stated = [
                each["name"] for each in document["paths"].get(path, {"get": {}})["get"].get("parameters", ()) if each["in"] == "query"
            ]
            assert all(name in error["detail"] for name in stated)


@pytest.mark.parametrize(("extra", "status"), [({}, 403), (unmetered("it is never refused"), 200)])
async def test_who_takes_no_turn_is_told_nothing_unless_the_route_says_so(extra: dict[str, str], status: int, tmp_path: Path) -> None:
    """How often is part of whether."""
    app, callers = new_app("A service", "", Metrics(), seconds), Callers(tmp_path)
    known = callers.identity(Metrics())

    async def asks_nothing(request: Request) -> Response:
        await let_in(request, known, None)
        return await tells(request)

    app.get("/v1/secrets", openapi_extra=BEARER | extra)(asks_nothing)
    async with asking(app) as client:
        found = await client.get("/v1/secrets", headers=callers.operator)
    assert (found.status_code, SECRET in found.text) == (status, status == 200)


async def test_a_rate_that_nobody_set_lets_nobody_in(tmp_path: Path) -> None:
    """What is asked for under a name that has no rate is a fault of ours; every name has one."""
    app, callers = new_app("A service", "", Metrics(), seconds), Callers(tmp_path)
    known, kind = callers.identity(Metrics()), "dump"

    async def dumps(request: Request) -> Response:
        await let_in(request, known, kind)  # type: ignore[arg-type]  # what mypy would refuse
        return await tells(request)

    app.get("/v1/secrets", openapi_extra=BEARER)(dumps)
    async with asking(app) as client:
        found = await client.get("/v1/secrets", headers=callers.operator)
    assert (found.status_code, SECRET in found.text) == (500, False)
    assert set(USUAL) == set(get_args(Asked))


async def test_whoever_is_let_in_is_told(tmp_path: Path) -> None:
    """A caller where one is asked for, and anybody where it is said so."""
    app, callers = new_app("A service", "", Metrics(), seconds), Callers(tmp_path)
    known = callers.identity(Metrics())

    async def looks(request: Request) -> Response:
        await let_in(request, known)
        return await tells(request)

    app.get("/v1/hers", openapi_extra=BEARER)(looks)
    app.get("/v1/anybodys", openapi_extra=open_to_anybody("it is published"))(tells)
    async with asking(app) as client:
        found = [await client.get("/v1/hers", headers=callers.operator), await client.get("/v1/anybodys"), await client.get("/v1/hers")]
    assert [each.status_code for each in found] == [200, 200, 401]
