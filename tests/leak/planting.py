"""Sends canaries in where an attacker or a tired human would put them. Whatever is answered is the oracle's to look at."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import orjson

from services.adapters.kafka import new_producer
from services.adapters.settings import Settings
from services.adapters.topics import Topics
from services.gateway.body import BATCH, ONE
from tests.callers import Callers
from tests.leak.canaries import Canary
from tests.sent import admitted, declared, event, registered, uuid

_SECRET = "Idempotency-Key"


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


async def plant(callers: Callers, gateway: httpx.AsyncClient, api: httpx.AsyncClient, canaries: list[Canary]) -> None:
    """Send each canary in by every way over HTTP; nothing of it changes what the registry shows of beds."""
    for number, canary in enumerate(canaries):
        text = canary.text
        worker = callers.worker(sub=f"w{number}")
        await _events(gateway, callers, text)
        for client, paths in ((api, await _paths(api)), (gateway, await _paths(gateway))):
            for path, methods in paths.items():
                for method in methods:
                    await _ask(client, method, path, text, worker | _headers(text))
        for who in (
            {"sub": text},
            {"desk": text},
            {"shelters": [text]},
            {"regions": [text]},
            {"role": text},
            {"role": "worker", "sub": text},
        ):
            headers = callers.signed(**who)
            await api.get("/v1/areas", headers=headers)
            await gateway.post("/v1/events", headers=headers | {"Content-Type": ONE}, content=orjson.dumps(ignored(text)))
        await api.get("/v1/shelters", headers={"Authorization": f"Bearer {quote(text)}"})
        await api.get(f"/{quote(text)}/{quote(text)}")
        await api.request("BREW", f"/{quote(text)}")


async def _events(gateway: httpx.AsyncClient, callers: Callers, text: str) -> None:
    good = callers.operator | _headers(text)
    for sent in spoiled(text):
        await gateway.post("/v1/events", headers=good | {"Content-Type": ONE}, content=orjson.dumps(sent))
    answer = await gateway.post("/v1/events", headers=good | {"Content-Type": BATCH}, content=orjson.dumps([*spoiled(text), ignored(text)]))
    assert answer.status_code == 400, "some of it is bad"
    answer = await gateway.post("/v1/events", headers=good | {"Content-Type": ONE}, content=orjson.dumps(ignored(text)))
    assert answer.status_code == 200, "what may be carried along is no reason to refuse"
    for kind, body in ((ONE, text.encode()), (f"{ONE}; charset={quote(text)}", b"{}"), (quote(text), b"{}"), (BATCH, orjson.dumps([text]))):
        await gateway.post("/v1/events", headers=good | {"Content-Type": kind}, content=body)


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
    document = (await client.get("/v1/openapi.json")).json()
    return {path: list(methods) for path, methods in document["paths"].items()}


async def _ask(client: httpx.AsyncClient, method: str, path: str, text: str, headers: dict[str, str]) -> None:
    """Ask a route with a text in its path, its query and its body. A stream is not read to an end that it does not have."""
    at = path
    while "{" in at:
        at = at[: at.index("{")] + quote(text, safe="") + at[at.index("}") + 1 :]
    query = dict.fromkeys(("at_least", "from", "limit", "open", "q", "region", text), text)
    body = (
        None if method == "get" else orjson.dumps({"note": text, text: text, "region": text, "household": {"women": text}, "offer": text})
    )
    async with client.stream(
        method, at, params=query, headers=headers | ({"Content-Type": "application/json"} if body else {}), content=body
    ) as answer:
        if not answer.headers.get("content-type", "").startswith("text/event-stream"):
            await answer.aread()


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
