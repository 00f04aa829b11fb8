"""A Redis that refuses writes for a while: the processor waits and goes on, and no route answers with a fault of ours.

`PLEK_REFUSES_S=40` lets it refuse for forty seconds instead of nine.
"""

import asyncio
import os
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from services.adapters.config.settings import Settings
from services.adapters.kafka.topics import create_topics
from services.adapters.redis.clients import new_redis
from tests.callers import Callers
from tests.controlled_servers import Kafka, Valkey
from tests.issuing import issuing
from tests.leak.watch import WATCH
from tests.sent import admitted, declared, registered, uuid
from tests.servers import KEY, Service, settings_for
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
_Make = Callable[[str, Settings], Service]
# Longer than the watchdog of these processors waits for a partition that does not move.
WATCHDOG_S = 4.0
REFUSES_S = float(os.environ.get("PLEK_REFUSES_S", "9"))
_ID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
HOTEL = {"adults": 1, "accommodation": "hotel", "reason": "at_night"}
ONE = {"Content-Type": "application/cloudevents+json"}


@asynccontextmanager
async def refusing(valkey: Valkey, *setting: str) -> AsyncIterator[None]:
    """Let a server refuse what it is asked, by one of its settings and that setting's usual value."""
    name, value, usual = setting
    client = new_redis(valkey.url)
    try:
        await client.config_set(name, value)
        yield
    finally:
        await client.config_set(name, usual)
        await client.aclose()


async def _send(gateway: Service, callers: Callers, *events: dict[str, Any]) -> list[httpx.Response]:
    async with httpx.AsyncClient(base_url=gateway.url, timeout=30) as client:
        return [await client.post("/v1/events", headers=callers.operator | ONE, content=orjson.dumps(event)) for event in events]


async def _ask_everything(api: Service, callers: Callers, until_s: float) -> Counter[tuple[str, int]]:
    """Ask every kind of thing of an API again and again, and count the answers."""
    worker, coordinator, shelter = callers.worker(), callers.coordinator("R07"), callers.shelter("berk")
    found: Counter[tuple[str, int]] = Counter()
    offer, hold = "x", uuid(9)
    deadline = time.monotonic() + until_s
    async with httpx.AsyncClient(base_url=api.url, timeout=30, event_hooks=WATCH.oracle.hooks) as client:
        while time.monotonic() < deadline:
            search = await client.post("/v1/searches", headers=worker, json={"adults": 1, "call_first": True})
            if search.is_success and search.json()["offers"]:
                offer = search.json()["offers"][0]["offer"]
            asked: list[tuple[str, str, dict[str, str], Any]] = [
                ("POST", "/v1/holds", worker, {"offer": offer}),
                ("GET", "/v1/holds", worker, None),
                ("GET", f"/v1/holds/{hold}", worker, None),
                ("POST", f"/v1/holds/{hold}/extend", worker, None),
                ("POST", f"/v1/holds/{hold}/take-over", worker, None),
                ("DELETE", f"/v1/holds/{hold}", worker, None),
                ("POST", f"/v1/holds/{hold}/accept", shelter, None),
                ("POST", "/v1/fallbacks", worker, HOTEL),
                ("GET", "/v1/fallbacks", worker, None),
                ("POST", "/v1/waiting-list", worker, {"kind": "crisis", "adults": 1, "children": 0}),
                ("GET", "/v1/waiting-list", worker, None),
                ("GET", "/v1/shelters", coordinator, None),
                ("GET", "/v1/shelters/berk", shelter, None),
                ("GET", "/v1/areas", worker, None),
                ("GET", "/v1/duty-list", worker, None),
                ("PUT", "/v1/duty-list/org-1/R07", coordinator, {"phone": "0800-000099"}),
                ("GET", "/v1/me", worker, None),
                ("GET", "/v1/alarms", coordinator, None),
                ("GET", "/v1/operator/state", callers.operator, None),
                ("GET", "/readyz", worker, None),
            ]
            found["/v1/searches", search.status_code] += 1
            for method, path, who, body in asked:
                answer = await client.request(method, path, headers=who, json=body)
                found[f"{method} {_ID.sub('…', path)}", answer.status_code] += 1
                if path == "/v1/holds" and answer.status_code in {201, 202}:
                    hold = answer.json()["hold"]
    return found


async def _says(api: Service, callers: Callers) -> tuple[str, bool]:
    """Return what /readyz says, and whether a search says that anything can be held."""
    async with httpx.AsyncClient(base_url=api.url, timeout=30) as client:
        ready = (await client.get("/readyz")).json()
        found = (await client.post("/v1/searches", headers=callers.worker(), json={"adults": 1})).json()
    return ready["status"], found["can_hold"]


@pytest.mark.parametrize(
    "setting",
    [("min-replicas-to-write", "1", "0"), ("maxmemory", "1", "0")],
    ids=["NOREPLICAS", "OOM"],
)
async def test_a_redis_that_refuses_writes_is_waited_for(
    kafka: Kafka, own_valkey: Valkey, prefix: str, service: _Make, tmp_path: Path, setting: tuple[str, str, str]
) -> None:
    """For longer than the watchdog waits: the processor keeps its pid and goes on, and no route of API or gateway answers 500."""
    async with issuing(tmp_path) as callers:
        settings = settings_for(
            kafka,
            own_valkey,
            prefix,
            issuer=callers.issuer,
            outbox=tmp_path / "outbox",
            pseudonym_key=KEY,
            watchdog_s=WATCHDOG_S,
            calls_per_minute=1_000_000,
            refusals_per_hour=1_000_000,
        )
        await create_topics(settings.brokers, settings.prefix)
        api, gateway, processor = (service(name, settings) for name in ("api", "gateway", "processor"))
        for each in (processor, gateway, api):
            await each.start()
        await _send(gateway, callers, *(make(name) for name in ("berk", "den") for make in (registered, lambda name: declared("u1", name))))
        await WATCH.sow(callers, api.url)
        pid = processor.pid
        async with refusing(own_valkey, *setting):
            sent = await _send(gateway, callers, *(declared(f"u{number}", "berk") for number in range(2, 12)))
            found = await _ask_everything(api, callers, REFUSES_S)
            assert await _says(api, callers) == ("degraded", False)
            sent += await _send(gateway, callers, admitted("u2", "berk"))
        print(sorted(found.items()))  # noqa: T201
        assert {answer.status_code for answer in sent} == {200}
        assert not [each for each in found if each[1] == httpx.codes.INTERNAL_SERVER_ERROR]

        async def caught_up() -> bool:
            async with httpx.AsyncClient(base_url=api.url, timeout=30) as client:
                answer = await client.get("/v1/shelters/berk", headers=callers.shelter("berk"))
            return answer.status_code == 200 and len(answer.json()["shelter"]["units"]) == 11

        await until(caught_up)

        async def can_hold_again() -> bool:
            return await _says(api, callers) == ("ok", True)

        await until(can_hold_again, 30)
        await asyncio.sleep(2 * WATCHDOG_S)
        assert processor.pid == pid
        assert processor.child.alive
