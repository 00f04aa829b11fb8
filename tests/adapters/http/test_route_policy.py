"""The policy of a route: it lets callers in, hands over the body, writes the audit entry, and describes the route."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import httpx
import pytest
import pytest_asyncio
from fastapi import Depends, FastAPI
from pydantic import BaseModel

from services.adapters.auth.rate_limits import MemoryRates, Rate, RequestRates
from services.adapters.clock import seconds
from services.adapters.codec.validation import FieldProblem
from services.adapters.http.app_factory import new_app, running
from services.adapters.http.call import Call
from services.adapters.http.request_body import JsonBody
from services.adapters.http.route_policy import RoutePolicy, policies
from services.adapters.observability.metrics import Metrics
from services.domain.events import value_types as v
from tests.audited import Audited
from tests.callers import Callers


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A body with a rule for each member, and one between them."""

    adults: v.Adults
    children: v.Children = 0
    region: v.RegionCode | None = None

    def broken_rules(self) -> list[FieldProblem]:
        """Check that there is a person."""
        return [FieldProblem("", "no_household")] if self.adults + self.children < 1 else []


class Answer(BaseModel):
    """What was ordered; `note` is absent unless it is set, and null where it is set to nothing."""

    adults: int
    region: str | None = None
    note: str | None = None


SHOWN = RoutePolicy(roles=("worker",), audit="shelters-shown", errors=("data-unavailable",))
RECORDS = RoutePolicy(roles=("worker",), audit="shelters-shown")
REFUSES = RoutePolicy(roles=("worker",), audit="shelters-shown")
ORDERED = RoutePolicy(roles=("worker",), not_audited="it is a test", body=JsonBody(Order), idempotency_key=True)


@dataclass
class At:
    """An app with a route of each kind of policy."""

    app: FastAPI
    client: httpx.AsyncClient
    callers: Callers
    audited: Audited

    async def order(self, body: Any, **headers: str) -> httpx.Response:
        """Send a body as a worker."""
        return await self.client.post("/v1/orders", json=body, headers=self.callers.worker() | headers)


@pytest_asyncio.fixture
async def at(tmp_path: Path) -> AsyncIterator[At]:
    """Open an app."""
    app, callers, audited = new_app("A service", "", Metrics(), seconds), Callers(tmp_path), Audited()
    rates = MemoryRates(seconds, RequestRates({"call": Rate(5), "refusal": Rate(3, 3)}, 100))
    app.state.guard = audited.guard(callers.identity(Metrics(), rates), frozenset({"R07"}))
    _add_routes(app)
    async with (
        running(audited.writer.run_forever),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://plek") as client,
    ):
        yield At(app, client, callers, audited)


def _add_routes(app: FastAPI) -> None:
    @app.get("/v1/shown")
    async def show(call: Annotated[Call[None], Depends(SHOWN)]) -> Answer:
        call.describe(("shelter", "berk"), what=("units",))
        return Answer(adults=1)

    @app.get("/v1/recorded")
    async def record(call: Annotated[Call[None], Depends(RECORDS)]) -> Answer:
        await call.record(("shelter", "els"))
        return Answer(adults=1)

    @app.get("/v1/refused")
    async def refuse(call: Annotated[Call[None], Depends(REFUSES)]) -> Answer:
        await call.refuse(("shelter", "den"))

    @app.post("/v1/orders")
    async def order(call: Annotated[Call[Order], Depends(ORDERED)]) -> Answer:
        return Answer(adults=call.body.adults, region=call.body.region)


async def test_beyond_the_limit_of_refusals_none_is_recorded(at: At) -> None:
    """The fourth refused request is answered 429, without an audit entry (F10); one that is not refused is answered as before."""
    answers = [await at.client.get("/v1/refused", headers=at.callers.worker()) for _ in range(4)]
    assert [each.status_code for each in answers] == [403, 403, 403, 429]
    assert answers[-1].json()["limit"] == "refusal"
    assert len(at.audited.told) == 3
    assert (await at.client.get("/v1/shown", headers=at.callers.worker())).status_code == 200


async def test_the_policy_writes_the_entry_that_the_handler_describes(at: At) -> None:
    """An entry is written once: from what was described, or by the handler itself; a refusal is written as one."""
    answers = [await at.client.get(f"/v1/{path}", headers=at.callers.worker()) for path in ("shown", "recorded", "refused")]
    assert [each.status_code for each in answers] == [200, 200, 403]
    assert at.audited.told == [
        ("shelters-shown", "success", ["berk"]),
        ("shelters-shown", "success", ["els"]),
        ("shelters-shown", "refused", ["den"]),
    ]
    assert at.audited.entries[0]["what"] == ["units"]


async def test_no_answer_leaves_without_its_entry(at: At) -> None:
    """Where the entry can't be written the caller gets a 503 in place of what the handler returned."""
    at.audited.log.away = True
    answer = await at.client.get("/v1/shown", headers=at.callers.worker())
    assert (answer.status_code, "adults" in answer.text) == (503, False)


async def test_a_caller_of_another_role_is_refused_and_recorded_before_the_body_is_read(at: At) -> None:
    """The body is not looked at, so nothing of it is answered."""
    refused = await at.client.post("/v1/orders", content=b"no JSON", headers=at.callers.operator)
    assert (refused.status_code, refused.json()["because"]) == (403, "role")
    await at.client.get("/v1/shown", headers=at.callers.operator)
    assert at.audited.told == [("shelters-shown", "refused", [])]


async def test_a_rate_limit_comes_before_the_role(at: At) -> None:
    """Refusals are entries of the audit log: a script does not write more of them than it has turns."""
    answers = [await at.client.get("/v1/shown", headers=at.callers.of("analyst")) for _ in range(8)]
    assert [each.json().get("limit") for each in answers] == [None] * 3 + ["refusal"] * 2 + ["call"] * 3
    assert len(at.audited.told) == 3


async def test_the_handler_gets_a_body_of_the_policy(at: At) -> None:
    """A body that keeps the rules arrives as its dataclass; all that is wrong with another is answered at once."""
    answer = await at.order({"adults": 2, "region": "R07"})
    assert answer.text == '{"adults":2,"region":"R07"}'
    wrong = (await at.order({"adults": 21, "region": "R99", "name": "Jan"})).json()["errors"]
    assert [(each["pointer"], each["code"]) for each in wrong] == [
        ("/adults", "out_of_range"),
        ("/region", "unknown_region"),
        ("", "unknown_member"),
    ]
    together = (await at.order({"adults": 0})).json()["errors"]
    assert [each["code"] for each in together] == ["no_household"]


async def test_a_policy_describes_its_route(at: At) -> None:
    """Roles, body, key and problems stand in the OpenAPI document, the problems by reference."""
    document = (await at.client.get("/v1/openapi.json")).json()
    order, components = document["paths"]["/orders"]["post"], document["components"]
    assert set(order["responses"]) == {"200", "400", "401", "403", "408", "409", "413", "415", "429", "503"}
    assert order["requestBody"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Order"}
    assert components["schemas"]["Order"]["required"] == ["adults"]
    assert components["schemas"]["Region"]["enum"] == ["R07"]
    assert [each["name"] for each in order["parameters"]] == ["Idempotency-Key"]
    assert order["responses"]["403"] == {"$ref": "#/components/responses/forbidden"}
    problem = components["responses"]["forbidden"]["content"]["application/problem+json"]
    assert problem["schema"] == {"$ref": "#/components/schemas/ProblemDetails"}
    assert {"ProblemDetails", "ErrorItem"} <= set(components["schemas"])
    shown = document["paths"]["/shown"]["get"]
    assert (shown["operationId"], shown["x-audit"]) == ("show", "shelters-shown")
    assert shown["description"] == (
        "For the role `worker`. A call counts for the rate limit `call`. It is recorded in the audit log as `shelters-shown`."
    )
    assert set(shown["responses"]["200"]["headers"]) == {"API-Version", "traceparent", "RateLimit", "RateLimit-Policy"}


def test_policies_lists_every_route_of_an_app(at: At) -> None:
    """Method, path and policy; the document of the app is public."""
    listed = {(method, path): policy for method, path, policy in policies(at.app)}
    assert listed["POST", "/v1/orders"] is ORDERED
    assert listed["GET", "/v1/openapi.json"].public


@pytest.mark.parametrize(
    ("fields", "lacks"),
    [
        ({"not_audited": "it is a test"}, "who may call"),
        ({"roles": ("worker",), "public": "both", "not_audited": "it is a test"}, "who may call"),
        ({"roles": ("worker",)}, "what is recorded"),
        ({"roles": ("worker",), "audit": "search-made", "not_audited": "both"}, "what is recorded"),
        ({"roles": ("worker",), "rate": None, "not_audited": "it is a test"}, "how often"),
    ],
)
def test_a_policy_that_leaves_something_out_is_refused(fields: dict[str, Any], lacks: str) -> None:
    """Who may call, what is recorded, how often: each is stated, or why not."""
    with pytest.raises(ValueError, match=lacks):
        RoutePolicy(**fields)


def test_a_handler_that_takes_another_body_than_its_policy_is_refused() -> None:
    """The service does not start."""
    app = new_app("A service", "", Metrics(), seconds)

    async def order(call: Annotated[Call[Answer], Depends(ORDERED)]) -> None:
        """Take what the policy does not give."""

    with pytest.raises(ValueError, match="another body"):
        app.post("/v1/orders")(order)
