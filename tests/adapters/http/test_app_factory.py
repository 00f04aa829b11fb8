"""What every service does alike: faults that say nothing, access lines without values, readiness, and keepers that come back."""

import asyncio
import logging

import httpx
import pytest
from fastapi import Depends, FastAPI

from services import __version__
from services.adapters.clock import seconds
from services.adapters.http.app_factory import add_probes, new_app, running
from services.adapters.http.route_policy import RoutePolicy
from services.adapters.observability.metrics import Metrics
from services.adapters.problem_details import KINDS, ProblemError, problem_responses
from tests.waiting import until

CANARY = "CANARY-Fatima"
_SECURITY = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
_PUBLIC = RoutePolicy(public="it is a test", not_audited="it is a test")


def _app(metrics: Metrics, parts: dict[str, bool] | None = None) -> FastAPI:
    app = new_app("Test", "", metrics, seconds)
    either = frozenset(parts or ()) & {"log", "disk"}
    add_probes(app, metrics, lambda: parts or {}, frozenset(parts or ()) - {"spare"} - either, either=either)

    @app.get("/v1/things/{thing}", dependencies=[Depends(_PUBLIC)])
    async def get_thing(thing: str, number: int = 0) -> dict[str, int]:
        if thing == CANARY:
            raise ValueError(thing)
        return {"number": number}

    return app


def _client(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://plek")


async def test_a_fault_says_nothing_of_what_was_sent(caplog: pytest.LogCaptureFixture) -> None:
    """500 as a problem; the log has the route, not the id in it."""
    metrics = Metrics()
    with caplog.at_level(logging.INFO, logger="services.adapters.http.middleware"):
        async with _client(_app(metrics)) as client:
            answer = await client.get(f"/v1/things/{CANARY}")
    assert (answer.status_code, answer.json()["type"], answer.headers["api-version"]) == (
        500,
        "urn:plek:problem:internal-error",
        __version__,
    )
    [_, line] = caplog.records
    assert (vars(line)["route"], vars(line)["status"]) == ("/v1/things/{thing}", 500)
    assert CANARY not in answer.text + metrics.page().decode() + str(vars(line))


@pytest.mark.parametrize(
    ("method", "path", "kind", "status"),
    [
        ("GET", "/v1/nothing", "not-found", 404),
        ("GET", f"/v1/things/x/?number={CANARY}", "not-found", 404),
        ("DELETE", "/v1/things/x", "method-not-allowed", 405),
        ("GET", f"/v1/things/x?number={CANARY}", "invalid", 400),
    ],
)
async def test_what_the_framework_refuses_is_a_problem_too(method: str, path: str, kind: str, status: int) -> None:
    """In the same form, and 400 where it would say 422."""
    async with _client(_app(Metrics())) as client:
        answer = await client.request(method, path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["type"] == f"urn:plek:problem:{kind}"
    assert CANARY not in answer.text


async def test_probes_say_what_is_missing() -> None:
    """Alive is not ready; a part that can be done without is shown and does not count."""
    parts = {"kafka": False, "spare": False}
    async with _client(_app(Metrics(), parts)) as client:
        assert (await client.get("/healthz")).status_code == 200
        waiting = await client.get("/readyz")
        assert (waiting.status_code, waiting.json()) == (503, {"status": "waiting", "parts": parts})
        parts["kafka"] = True
        assert (await client.get("/readyz")).status_code == 200
        assert (await client.get("/metrics")).headers["content-type"].startswith("text/plain")


async def test_the_openapi_document_is_of_31_and_has_no_422() -> None:
    """Bad input is a 400 here, and a caller is known by a bearer token."""
    async with _client(_app(Metrics())) as client:
        document = (await client.get("/v1/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    assert "422" not in str(document)
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"


def test_every_kind_of_problem_has_a_sentence_and_a_status() -> None:
    """Kinds of one status share an answer in the document."""
    assert set(problem_responses(*KINDS)) == {described.status for described in KINDS.values()}
    assert "`data-unavailable`" in problem_responses("data-unavailable", "rebuilding")[503]["description"]
    assert ProblemError("data-unavailable").kind == "data-unavailable"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "ANYTHING"])
async def test_nothing_is_sent_to_a_country_that_is_not_the_real_one(method: str) -> None:
    """Whatever could change something is refused before anybody looks at it, and the answer says of what country it is."""
    app = new_app("Test", "", Metrics(), seconds, world="imported")

    @app.post("/v1/things", dependencies=[Depends(_PUBLIC)])
    async def post_thing() -> None:
        raise ValueError(CANARY)

    async with _client(app) as client:
        answer = await client.request(method, "/v1/things")
        document = (await client.get("/v1/openapi.json")).json()
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:plek:problem:not-live")
    assert (answer.headers["plek-world"], document["info"]["title"]) == ("imported", "Test (imported)")


async def test_every_answer_says_of_what_country_it_is() -> None:
    """Also where it is the real one, and where there is nothing."""
    async with _client(_app(Metrics())) as client:
        answers = [await client.get(path) for path in ("/healthz", "/v1/things/x", "/v1/nothing", f"/v1/things/{CANARY}")]
    assert {answer.headers["plek-world"] for answer in answers} == {"live"}


async def test_a_keeper_that_fails_is_started_again() -> None:
    """A service that half works must not do so for ever; and all keepers end with it."""
    started: list[int] = []

    async def keeper() -> None:
        started.append(1)
        if len(started) == 1:
            raise ValueError(CANARY)
        await asyncio.Event().wait()

    before = len(asyncio.all_tasks())
    async with running(keeper):
        await until(lambda: len(started) == 2)
    assert len(asyncio.all_tasks()) == before


@pytest.mark.parametrize(
    ("parts", "status", "said"),
    [
        ({"issuer": True, "log": True, "disk": True, "spare": True}, 200, "ok"),
        ({"issuer": True, "log": False, "disk": True, "spare": True}, 200, "degraded"),
        ({"issuer": True, "log": True, "disk": False, "spare": True}, 200, "degraded"),
        ({"issuer": True, "log": True, "disk": True, "spare": False}, 200, "degraded"),
        ({"issuer": True, "log": False, "disk": False, "spare": True}, 503, "waiting"),
        ({"issuer": False, "log": True, "disk": True, "spare": True}, 503, "waiting"),
    ],
)
async def test_readyz_says_what_is_away_and_whether_it_serves(parts: dict[str, bool], status: int, said: str) -> None:
    """Degraded with 200 where it serves without a part, waiting with 503 where it can't; each part stands in it as it is."""
    async with _client(_app(Metrics(), parts)) as client:
        answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()) == (status, {"status": said, "parts": parts})


async def test_head_is_answered_wherever_get_is_and_without_a_body() -> None:
    """The same status and header fields; a method that is not known is told of both."""
    async with _client(_app(Metrics())) as client:
        for path in ("/healthz", "/metrics", "/v1/things/x", "/v1/openapi.json", "/v1/nothing", f"/v1/things/{CANARY}"):
            shown, head = await client.get(path), await client.head(path)
            assert (head.status_code, head.content) == (shown.status_code, b"")
            assert head.headers["content-type"] == shown.headers["content-type"]
            assert path == "/metrics" or head.headers["content-length"] == str(len(shown.content))
        assert (await client.delete("/v1/things/x")).headers["allow"] == "GET, HEAD"


async def test_every_answer_has_the_security_headers() -> None:
    """Success, refusal and fault alike: no page may frame or run an answer, no cache may keep it, no link may tell where it was."""
    async with _client(_app(Metrics())) as client:
        answers = [await client.get(path) for path in ("/healthz", "/v1/things/x", "/v1/nothing", f"/v1/things/{CANARY}")]
    assert [answer.status_code for answer in answers] == [200, 200, 404, 500]
    for answer in answers:
        assert {name: answer.headers.get_list(name) for name in _SECURITY} == {name: [value] for name, value in _SECURITY.items()}
