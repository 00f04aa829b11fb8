"""Sends canaries in where an attacker or a tired human would put them. Whatever is answered is the oracle's to look at."""

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

import httpx
import orjson

from services.adapters.config.settings import Settings
from services.adapters.kafka.clients import new_producer
from services.adapters.kafka.topics import Topics
from services.domain.events.catalog import Event
from services.gateway.cloudevents_body import BATCH, ONE
from tests.callers import Callers
from tests.documented import own_document
from tests.leak.canaries import Canary
from tests.played import WIRE
from tests.sent import admitted, declared, event, registered, uuid

_SECRET = "Idempotency-Key"
_EVENTS = "/v1/events"


def spoiled(text: str) -> Iterator[dict[str, Any]]:
    """Spoil an event in each of its members with a text, and add members that are ignored."""
    whole = admitted("u1", "berk")
    for name in whole:
        yield whole | {name: text}
    for name in whole["data"]:
        yield whole | {"data": whole["data"] | {name: text}}
    yield whole | {"data": whole["data"] | {text: text}}
    yield whole | {"data_base64": text}
    yield registered() | {"data": registered()["data"] | {"intake_phone": f"{text}!"}}
    yield registered() | {"data": registered()["data"] | {"languages": [text], "services": [text]}}
    yield declared() | {"data": declared()["data"] | {"features": [text], "kind": text}}


def ignored(text: str) -> dict[str, Any]:
    """Make a good event, of a search that nobody made, with all that a good event may carry along."""
    ended = event("search-ended", source="urn:plek:worker", search=uuid(7), outcome="held") | {"subject": "R07"}
    del ended["data"]["shelter"]
    return ended | {"dataschema": f"http://example.nl/{quote(text)}", "comment": text, "traceparent": text, text.lower(): {text: [text]}}


async def plant(callers: Callers, clients: Iterable[httpx.AsyncClient], texts: Iterable[str], *, by_all: bool = False) -> None:
    """Send each text in by every way over HTTP; nothing of it changes what the registry shows of beds.

    By a worker and an operator, to whom most is open, or by all who may see anything.
    """
    for number, text in enumerate(texts):
        inside = [callers.worker(sub=f"canary-{number}"), callers.operator]
        inside += [callers.shelter("canary"), callers.coordinator("R07"), callers.of("analyst"), callers.of("auditor")] if by_all else []
        for client in clients:
            paths = await _paths(client)
            if _EVENTS in paths:
                await _events(client, callers, text)
            for path, methods in paths.items():
                for method in methods:
                    for who in inside:
                        await _ask(client, method, path, text, who | _headers(text))
            await _as_somebody(client, callers, text, takes_events=_EVENTS in paths)


async def _as_somebody(client: httpx.AsyncClient, callers: Callers, text: str, *, takes_events: bool) -> None:
    """Put a text into each claim of a token that is signed as it should be, and into what is no token and no address at all."""
    listed: list[dict[str, Any]] = [{"shelters": [text]}, {"regions": [text]}, {"role": "worker", "sub": text}]
    for claims in [*({name: text} for name in ("sub", "desk", "role")), *listed]:
        headers = callers.signed(**claims)
        await client.get("/v1/areas", headers=headers)
        if takes_events:
            await client.post(_EVENTS, headers=headers | {"Content-Type": ONE}, content=orjson.dumps(ignored(text)))
    await client.get("/v1/shelters", headers={"Authorization": f"Bearer {quote(text)}"})
    await client.get(f"/{quote(text)}/{quote(text)}")
    await client.request("BREW", f"/{quote(text)}")


async def _events(gateway: httpx.AsyncClient, callers: Callers, text: str) -> None:
    good = callers.operator | _headers(text)
    for sent in spoiled(text):
        await gateway.post(_EVENTS, headers=good | {"Content-Type": ONE}, content=orjson.dumps(sent))
    answer = await gateway.post(_EVENTS, headers=good | {"Content-Type": BATCH}, content=orjson.dumps([*spoiled(text), ignored(text)]))
    assert answer.status_code == 400, "some of it is bad"
    answer = await gateway.post(_EVENTS, headers=good | {"Content-Type": ONE}, content=orjson.dumps(ignored(text)))
    assert answer.status_code == 200, "what may be carried along is no reason to refuse"
    for kind, body in ((ONE, text.encode()), (f"{ONE}; charset={quote(text)}", b"{}"), (quote(text), b"{}"), (BATCH, orjson.dumps([text]))):
        await gateway.post(_EVENTS, headers=good | {"Content-Type": kind}, content=body)


def _headers(text: str) -> dict[str, str]:
    """Put a text wherever a header may hold one."""
    written = quote(text)
    names = (
        "X-Request-ID",
        "Referer",
        "User-Agent",
        "X-Forwarded-For",
        "Cookie",
        "traceparent",
        "Last-Event-ID",
        _SECRET,
        "Accept-Language",
    )
    return dict.fromkeys(names, written)


async def _paths(client: httpx.AsyncClient) -> dict[str, list[str]]:
    return {path: list(methods) for path, methods in (await own_document(client))["paths"].items()}


async def _ask(client: httpx.AsyncClient, method: str, path: str, text: str, headers: dict[str, str]) -> None:
    """Ask a route with a text in its path, its query and its body; and, as such a query is refused, also without a query.

    A stream is not read to an end that it does not have.
    """
    at = path
    while "{" in at:
        at = at[: at.index("{")] + quote(text, safe="") + at[at.index("}") + 1 :]
    query = dict.fromkeys(("atLeast", "from", "limit", "open", "q", "region", text), text)
    body = (
        None if method == "get" else orjson.dumps({"note": text, text: text, "region": text, "household": {"adults": text}, "offer": text})
    )
    for params in ({}, query):
        async with client.stream(
            method, at, params=params, headers=headers | ({"Content-Type": "application/json"} if body else {}), content=body
        ) as answer:
            if not answer.headers.get("content-type", "").startswith("text/event-stream"):
                await answer.aread()


def carrying(key: bytes | None, value: bytes, text: str) -> bytes | None:
    """Let an event of the beds carry a text along, as anything may that writes to Kafka itself; None when it is no event."""
    if not isinstance(WIRE.decode("beds", key, value), Event):
        return None
    return orjson.dumps(orjson.loads(value) | {"comment": text, "dataschema": f"http://example.nl/{quote(text)}", text.lower(): [text]})


async def plant_in_intake(settings: Settings, organisation: str, canaries: list[Canary]) -> int:
    """Write canaries straight into the topic of an organisation; tell how many of them are to be refused."""
    sent = [each for canary in canaries for each in spoiled(canary.text)]
    good = [admitted("u9", "berk", 9, source="urn:plek:shelter:berk:desk-9") | {"comment": canary.text} for canary in canaries]
    async with new_producer(settings.brokers) as producer:
        for each in (*sent, *good):
            await producer.send_and_wait(Topics(settings.prefix).intake(organisation), orjson.dumps(each), b"berk")
        for canary in canaries:
            await producer.send_and_wait(Topics(settings.prefix).intake(organisation), canary.text.encode(), canary.text.encode())
    return len(sent) + len(canaries)
