"""Role by operation by event type by own or another's, on real servers: nobody may do what is not hers, and everybody what is."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import orjson
import pytest
import pytest_asyncio

from services.adapters.codec.event_codec import encode
from services.adapters.schemas.examples import example
from services.domain.events.catalog import BED_EVENTS, DEMAND_EVENTS, SHORT_NAMES, HoldRequested
from tests.callers import unsigned
from tests.controlled_servers import Kafka, Valkey
from tests.deploy.redis import DeployedRedis
from tests.documented import documented, own_document
from tests.matrix.country import ANOTHERS, ELSEWHERE, HERS, SAID_OF_ANOTHERS, SAID_OF_HERS, Country, country
from tests.matrix.table import HOTEL, IMPORTED, MAY_SEND, ROLES, TABLE, WAITING, Row
from tests.sent import id_of, uuid

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def here(kafka: Kafka, valkey: Valkey, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Country]:
    """One country for all of it, over a Redis as it is deployed: each service with the rights of its own user."""
    folder = tmp_path_factory.mktemp("matrix")
    async with DeployedRedis(folder, folder.name) as redis, country(kafka, valkey, folder.name, folder, redis.url) as made:
        yield made
        # A right that is missing is nowhere else seen: a service goes on as if Redis were away
        assert await redis.refusals() == []


def _event(shape: type, here: Country, role: str, number: int, *, own: bool) -> dict[str, Any]:
    """Take the example of a type, and make it the caller's own, or another's."""
    shelter, region = ("berk", "R07") if own else ("den", "R01")
    made: dict[str, Any] = orjson.loads(encode(example(shape)))
    source = f"urn:plek:shelter:{shelter}:desk-1" if role == "shelter" else f"urn:plek:{role}"
    source = "urn:plek:import" if role == "coordinator" and SHORT_NAMES[shape] in IMPORTED else source
    made |= {"id": id_of("matrix", number), "source": source, "subject": region if shape in DEMAND_EVENTS else shelter}
    asked_by = here.pseudonyms.asked_by("w1" if own else "w2")
    theirs = {
        "shelter": shelter,
        "region": region,
        "hold": SAID_OF_HERS if own else SAID_OF_ANOTHERS,
        "asked_by": asked_by,
        "desk": "crisis-oost",
        "corrects": {"source": f"urn:plek:shelter:{shelter}:desk-1", "id": id_of("unit-closed", 38)},
    }
    made["data"] |= {name: value for name, value in theirs.items() if name in made["data"]}
    if shape is HoldRequested:  # each asks for a hold that nobody has asked for
        made["data"]["hold"] = uuid(10_000 + number)
    return made


async def test_role_by_event_type_by_own_or_anothers(here: Country) -> None:
    """All of the contract's types, sent by each role, of her own and of another's: taken or refused as the table has it."""
    wrong, tried = list[str](), 0
    for role in ROLES:
        for shape in (*BED_EVENTS, *DEMAND_EVENTS):
            for own in (True, False):
                tried += 1
                answer = await here.send(here.headers(role), _event(shape, here, role, tried, own=own))
                of_role = SHORT_NAMES[shape] in MAY_SEND[role]
                expected = (200, None) if of_role and (own or role == "operator") else (403, "scope" if of_role else "role")
                if (answer.status_code, answer.json().get("because")) != expected:
                    wrong.append(f"{role} {SHORT_NAMES[shape]} own={own}: {answer.status_code}")
    assert tried == len(ROLES) * (len(BED_EVENTS) + len(DEMAND_EVENTS)) * 2
    assert not wrong, "\n".join(wrong)


async def operations(client: httpx.AsyncClient) -> dict[str, dict[str, Any]]:
    """List what a service can be asked, from its OpenAPI document."""
    document = await own_document(client)
    return {f"{method} {path}": described for path, methods in document["paths"].items() for method, described in methods.items()}


async def test_no_operation_is_left_out(here: Country) -> None:
    """What a service can be asked stands in the table, and the other way round: a new route is classified, or this is red."""
    found = {operation for client in here.services.values() for operation in await operations(client)}
    assert found - {"post /v1/events"} == set(TABLE)


_MADE: dict[str, tuple[str, dict[str, Any]]] = {
    "search": ("/v1/searches", {"adults": 1}),
    "offer": ("/v1/searches", {"adults": 1}),
    "fallback": ("/v1/fallbacks", HOTEL),
    "entry": ("/v1/waiting-list", WAITING),
}


@dataclass
class _Things:
    """What is hers and what is another's, made anew for each try."""

    here: Country

    async def of(self, named: Any) -> Any:
        """Put the real thing where the table names one."""
        if isinstance(named, dict):
            return {name: await self.of(value) for name, value in named.items()}
        whose, _, what = named.partition(" ") if isinstance(named, str) else ("", "", "")
        if what == "proposal":
            return await self._proposal(hers=whose == "her")
        return named if what not in _MADE else await self._of(what, hers=whose == "her")

    async def _proposal(self, *, hers: bool) -> str:
        """Let a colleague propose a phone that no one has proposed yet."""
        shelter, region = ("berk", "R07") if hers else ("den", "R01")
        self.here.phones += 1
        headers = self.here.callers.coordinator(region, sub="c9")
        body = {"intake_phone": f"0900-{self.here.phones}"}
        answer = await self.here.gateway.patch(f"/v1/shelters/{shelter}/registration", headers=headers, json=body)
        assert answer.json()["status"] == "proposed", answer.text
        return str(answer.json()["proposal"])

    async def _of(self, what: str, *, hers: bool) -> str:
        path, body = _MADE[what]
        made = await self._made(path, body, hers=hers)
        found: str = made["offers"][0]["offer"] if what == "offer" else made[what]
        return found

    async def _made(self, path: str, body: dict[str, Any], *, hers: bool) -> dict[str, Any]:
        who = self.here.headers("worker") if hers else self.here.stranger
        answer = await self.here.api.post(path, headers=who, json=body)
        assert answer.status_code < 300, answer.text
        made: dict[str, Any] = answer.json()
        return made


async def _ask(
    here: Country, client: httpx.AsyncClient, operation: str, headers: dict[str, str], row: Row, *, own: bool
) -> tuple[int, str | None]:
    """Ask, hold the answer against the OpenAPI document, and return its status, and of a 403 whether it is the role or the scope."""
    method, template = operation.split(" ")
    path = template
    for name, value in (await _Things(here).of((row.own if own else row.other) or {})).items():
        path = path.replace(f"{{{name}}}", value)
    body = await _Things(here).of(row.other_body if row.other_body is not None and not own else row.body)
    async with client.stream(method, path, headers=headers, params=row.query, json=body) as answer:
        if not answer.headers["content-type"].startswith("text/event-stream"):  # of a stream that does not end the beginning tells
            await answer.aread()
        await documented(client, template, method, answer)
        return answer.status_code, orjson.loads(answer.content).get("because") if answer.status_code == 403 else None


def _as_it_should(row: Row, role: str, status: int, because: str | None, *, own: bool) -> bool:
    """Compare an answer with the table: let in or refused, and refused for the right reason."""
    may = role in row.roles and (own or role in row.sees_all)
    reason = ("scope" if role in row.roles else "role") if status == 403 else None
    return status in (row.good if may else row.refused) and because == reason


async def test_role_by_operation_by_own_or_anothers(here: Country) -> None:
    """All operations of all services, asked by each role, for her own and for another's; and by somebody without a token, or a bad one."""
    wrong, tried = list[str](), 0
    for client in here.services.values():
        for operation, described in (await operations(client)).items():
            row = TABLE.get(operation)
            if row is None:
                continue
            for role in ROLES:
                for own in (True, False) if row.other is not None else (True,):
                    tried += 1
                    status, because = await _ask(here, client, operation, here.headers(role), row, own=own)
                    if not _as_it_should(row, role, status, because, own=own):
                        wrong.append(f"{operation} {role} own={own}: {status} {because}")
            if described.get("security"):
                for headers in ({}, {"Authorization": "Bearer a.b.c"}, unsigned(role="operator", sub="x")):
                    tried += 1
                    status, _ = await _ask(here, client, operation, headers, row, own=True)
                    if status != 401:
                        wrong.append(f"{operation} without a token: {status}")
    assert tried > len(TABLE) * len(ROLES)
    assert not wrong, "\n".join(wrong)


async def test_anothers_and_nobodys_are_one_answer(here: Country) -> None:
    """Byte for byte: who asks for what is not hers does not learn whether there is such a thing."""
    for operation, named, nobody, role in (
        ("get /v1/shelters/{}", "den", "nowhere", "coordinator"),
        ("get /v1/shelters/{}", "den", "nowhere", "shelter"),
        ("get /v1/holds/{}", ANOTHERS, uuid(999), "worker"),
        ("delete /v1/holds/{}", ANOTHERS, uuid(999), "worker"),
        ("post /v1/holds/{}/extend", ANOTHERS, uuid(999), "worker"),
        ("post /v1/holds/{}/accept", ELSEWHERE, uuid(999), "shelter"),
    ):
        method, path = operation.split(" ")
        first, second = [await here.api.request(method, path.format(which), headers=here.headers(role)) for which in (named, nobody)]
        assert (first.status_code, first.content) == (403, second.content), operation
        assert second.status_code == 403, operation


async def test_what_is_shown_is_hers(here: Country) -> None:
    """A shelter sees itself, a coordinator her region, an operator all; a worker her own holds."""
    seen = {
        role: {each["shelter"] for each in (await here.api.get("/v1/shelters", headers=here.headers(role))).json()["shelters"]}
        for role in ("shelter", "coordinator", "operator")
    }
    assert (seen["shelter"], seen["coordinator"], seen["operator"] >= {"berk", "den"}) == ({"berk"}, {"berk"}, True)
    for who, hers, not_hers in ((here.headers("worker"), HERS, ANOTHERS), (here.stranger, ANOTHERS, HERS)):
        listed = {each["hold"] for each in (await here.api.get("/v1/holds", headers=who)).json()["holds"]}
        assert hers in listed
        assert not_hers not in listed
