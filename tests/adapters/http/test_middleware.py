"""Who is let in is said of every route, and whoever was not let in is told nothing: fail closed, also where somebody forgets."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, get_args

import httpx
import pytest
from fastapi import Depends, FastAPI, Request, Response
from starlette.responses import StreamingResponse
from starlette.routing import Route

from services.adapters.auth.rate_limits import DEFAULT_RATES, CallKind, RateKind
from services.adapters.clock import seconds
from services.adapters.config.settings import Settings
from services.adapters.http.app_factory import json_response, new_app
from services.adapters.http.route_policy import RoutePolicy
from services.adapters.observability.metrics import Metrics
from services.adapters.roles import Role
from services.api.app import create_app as create_api
from services.gateway.app import create_app as create_gateway
from services.monitor.app import create_app as create_monitor
from tests.audited import Audited
from tests.callers import Callers

SECRET = "who is in which shelter"
_OPERATORS = RoutePolicy(roles=("operator",), not_audited="it is a test")
_APPS = {"api": create_api, "gateway": create_gateway, "monitor": create_monitor}
Handler = Callable[[Request], Awaitable[Response]]


@asynccontextmanager
async def asking(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Ask an app of this process."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://plek") as client:
        yield client


async def tells(_: Request) -> Response:
    """Tell all of it, to whoever asks."""
    return json_response({"secret": SECRET})


async def streams(_: Request) -> Response:
    """Tell it bit by bit."""

    async def bits() -> AsyncIterator[bytes]:
        for bit in SECRET:
            yield bit.encode()

    return StreamingResponse(bits())


def _guarded(folder: Path) -> tuple[FastAPI, Callers]:
    """Make an app whose guard knows the callers of an issuer."""
    app, callers = new_app("A service", "", Metrics(), seconds), Callers(folder)
    app.state.guard = Audited().guard(callers.identity(Metrics()))
    return app, callers


@pytest.mark.parametrize("extra", [{}, {"x-audit": "state-shown"}, {"security": []}, {"security": [{"bearer": []}]}])
@pytest.mark.parametrize("service", _APPS)
def test_a_service_with_a_route_without_a_policy_does_not_start(service: str, extra: dict[str, Any]) -> None:
    """A route that states nothing, or states it in OpenAPI only, can't be added to the app, whatever is on the machine."""
    app = _APPS[service](Settings.model_construct())
    with pytest.raises(ValueError, match="has 0 policies"):
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
            assert (refused.status_code, refused.json()["type"]) == (403, "urn:plek:problem:forbidden")
            assert SECRET not in refused.text


async def test_a_route_whose_policy_is_not_enforced_answers_nobody(tmp_path: Path) -> None:
    """Where the dependency does nothing a success response is held back, also from a valid token: nobody has looked at it."""
    app, callers = _guarded(tmp_path)
    app.get("/v1/secrets", dependencies=[Depends(_OPERATORS)])(tells)
    app.dependency_overrides[_OPERATORS] = lambda: None
    async with asking(app) as client:
        for headers in ({}, callers.operator):
            refused = await client.get("/v1/secrets", headers=headers)
            assert (refused.status_code, SECRET in refused.text) == (403, False)


@pytest.mark.parametrize(
    ("roles", "rate", "status"), [(("operator",), "call", 200), (("operator",), None, 403), (("worker",), "call", 403)]
)
async def test_a_caller_who_was_let_in_by_other_rules_is_not_answered(
    roles: tuple[Role, ...], rate: CallKind | None, status: int, tmp_path: Path
) -> None:
    """A success response leaves a route only for a role of its policy, and after a turn of its rate limit."""
    app, callers = _guarded(tmp_path)
    app.get("/v1/secrets", dependencies=[Depends(_OPERATORS)])(tells)

    async def admit(request: Request) -> None:
        await request.app.state.guard.admit(request, (*roles, "operator"), rate, None)

    app.dependency_overrides[_OPERATORS] = admit
    async with asking(app) as client:
        answer = await client.get("/v1/secrets", headers=callers.operator if "operator" in roles else callers.worker())
    assert (answer.status_code, SECRET in answer.text) == (status, status == 200)


async def test_an_answer_without_its_audit_entry_is_not_given(tmp_path: Path) -> None:
    """Where nothing was recorded the caller gets an internal error in place of what the handler returned."""
    app, callers = _guarded(tmp_path)
    audited = RoutePolicy(roles=("operator",), audit="shelters-shown")
    app.get("/v1/secrets", dependencies=[Depends(audited)])(tells)

    async def admit(request: Request) -> None:
        await request.app.state.guard.admit(request, ("operator",), "call", None)

    app.dependency_overrides[audited] = admit
    async with asking(app) as client:
        answer = await client.get("/v1/secrets", headers=callers.operator)
    assert (answer.status_code, SECRET in answer.text) == (500, False)


@pytest.mark.parametrize("service", _APPS)
async def test_a_question_that_no_route_understands_is_not_answered(service: str) -> None:
    """Left out, a parameter that is misspelt would make another answer than was asked for. What is known is told, what was sent is not."""
    app = _APPS[service](Settings.model_construct())
    async with asking(app) as client:
        asked = [(path, method, of) for path, methods in app.openapi()["paths"].items() for method, of in methods.items()]
        for path, method, operation in asked:
            if path.startswith("/v1/"):
                refused = await client.request(method, path.replace("{", "").replace("}", ""), params={"secrets": SECRET})
                [error] = refused.json()["errors"]
                assert (refused.status_code, error["pointer"], error["code"]) == (400, "query", "unknown_parameter"), path
                assert "secrets" not in refused.text
                assert "400" in operation["responses"]
                stated = [each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"]
                assert all(name in error["detail"] for name in stated)


@pytest.mark.parametrize(("rate", "unlimited"), [(None, ""), ("call", "it is never refused")])
def test_a_policy_says_how_often_or_why_not(rate: CallKind | None, unlimited: str) -> None:
    """A policy with neither a rate nor a reason for none is refused when it is made, and so is one with both."""
    with pytest.raises(ValueError, match="how often"):
        RoutePolicy(roles=("operator",), rate=rate, unlimited=unlimited, not_audited="it is a test")


async def test_an_unlimited_route_takes_no_turn(tmp_path: Path) -> None:
    """Its policy says why there is no rate limit, and its answers leave."""
    app, callers = _guarded(tmp_path)
    unlimited = RoutePolicy(roles=("operator",), rate=None, unlimited="it is never refused", not_audited="it is a test")
    app.get("/v1/unlimited", dependencies=[Depends(unlimited)])(tells)
    async with asking(app) as client:
        answer = await client.get("/v1/unlimited", headers=callers.operator)
    assert (answer.status_code, SECRET in answer.text, "ratelimit" in answer.headers) == (200, True, False)


async def test_a_rate_that_nobody_set_lets_nobody_in(tmp_path: Path) -> None:
    """A rate limit under a name that has no rate is an internal error; every name has one."""
    app, callers = _guarded(tmp_path)
    kind: Any = "dump"
    dump = RoutePolicy(roles=("operator",), rate=kind, not_audited="it is a test")
    app.get("/v1/secrets", dependencies=[Depends(dump)])(tells)
    async with asking(app) as client:
        answer = await client.get("/v1/secrets", headers=callers.operator)
    assert (answer.status_code, SECRET in answer.text) == (500, False)
    assert set(DEFAULT_RATES.of) == set(get_args(RateKind))


async def test_a_caller_with_the_role_is_answered(tmp_path: Path) -> None:
    """A caller of the role is answered, one without a token or of another role is not, and a public route answers anybody."""
    app, callers = _guarded(tmp_path)
    app.get("/v1/shelters", dependencies=[Depends(RoutePolicy(roles=("operator",), not_audited="it is a test"))])(tells)
    app.get("/v1/published", dependencies=[Depends(RoutePolicy(public="it is published", not_audited="it is a test"))])(tells)
    async with asking(app) as client:
        answers = [
            await client.get("/v1/shelters", headers=callers.operator),
            await client.get("/v1/published"),
            await client.get("/v1/shelters"),
            await client.get("/v1/shelters", headers=callers.worker()),
        ]
    assert [each.status_code for each in answers] == [200, 200, 401, 403]
    assert answers[3].json()["because"] == "role"
