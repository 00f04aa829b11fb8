"""Kafka frozen in the middle of a night: reading goes on with its age, hotels are logged, and every look is in the audit log afterwards.

`PLEK_FROZEN_S=120` lets it stand still for two minutes instead of twenty seconds.
"""

import asyncio
import os
import signal
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from services.adapters.audit.hash_chain import Checker
from services.adapters.audit.reader import KafkaAuditLog
from services.adapters.config.settings import Settings
from services.adapters.kafka.topics import Topics, create_topics
from tests.callers import Callers
from tests.controlled_servers import Kafka, Valkey
from tests.issuing import issuing
from tests.leak.watch import WATCH
from tests.sent import declared, registered
from tests.servers import KEY, Service, settings_for
from tests.waiting import until

FROZEN_S = float(os.environ.get("PLEK_FROZEN_S", "20"))
pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.timeout(200 + 2 * FROZEN_S)]
_Make = Callable[[str, Settings], Service]
HOTEL: dict[str, Any] = {"adults": 1, "accommodation": "hotel", "reason": "at_night"}
ONE = {"Content-Type": "application/cloudevents+json"}
# The first answers wait until the log is doubted. On a busy machine everything is slower, and the answers before show how much.
SLOWEST_S = 4.0
BEFORE_TIMES = 10
READS = ("/v1/areas", "/v1/shelters", "/v1/fallbacks", "/v1/waiting-list", "/v1/holds", "/v1/duty-list")


@dataclass
class Night:
    """What was asked and answered: by path the statuses, and the answers to look at."""

    client: httpx.AsyncClient
    callers: Callers
    statuses: defaultdict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    slowest: float = 0.0
    answers: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    looked: int = 0
    over: bool = False

    async def ask(self, method: str, path: str, who: dict[str, str], body: Any = None) -> httpx.Response:
        """Ask, and remember what came."""
        began = time.monotonic()
        answer = await self.client.request(method, path, headers=who, json=body)
        self.slowest = max(self.slowest, time.monotonic() - began)
        self.statuses[f"{method} {path}"][answer.status_code] += 1
        if answer.is_success:
            self.answers.append((path, answer.json()))
        return answer

    async def search(self) -> None:
        """Search again and again, one after the other."""
        while not self.over:
            answer = await self.ask("POST", "/v1/searches", self.callers.worker(), {"adults": 1})
            self.looked += answer.is_success
            await asyncio.sleep(0.2)

    async def read(self) -> None:
        """Read every list again and again, one after the other."""
        workers, coordinator = self.callers.worker("w2"), self.callers.coordinator("R07")
        while not self.over:
            for path in READS:
                await self.ask("GET", path, coordinator if path == "/v1/shelters" else workers)
            await asyncio.sleep(0.2)

    async def log(self) -> None:
        """Log hotels again and again."""
        while not self.over:
            await self.ask("POST", "/v1/fallbacks", self.callers.worker("w3"), HOTEL)
            await asyncio.sleep(0.5)


@asynccontextmanager
async def frozen(kafka: Kafka) -> AsyncIterator[None]:
    """Stop a broker with SIGSTOP for as long as this lasts: it holds its connections, and answers nothing."""
    assert kafka.pid
    os.kill(kafka.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(kafka.pid, signal.SIGCONT)


async def _country(gateway: Service, api: Service, callers: Callers) -> None:
    """Have six shelters of two organisations, a hotel and somebody who waits, and wait until all of it is shown."""
    names = [f"s{number}" for number in range(6)]
    async with httpx.AsyncClient(base_url=gateway.url, timeout=30) as client:
        for number, name in enumerate(names):
            events = [registered(name, "R07", organisation=f"org-{number % 2}"), declared("u1", name)]
            for each in events:
                answer = await client.post("/v1/events", headers=callers.operator | ONE, content=orjson.dumps(each))
                assert answer.status_code == 200, answer.text
    async with httpx.AsyncClient(base_url=api.url, timeout=30) as client:

        async def shown() -> bool:
            answer = await client.get("/v1/shelters", headers=callers.coordinator("R07"))
            return answer.status_code == 200 and len(answer.json()["shelters"]) == len(names)

        await until(shown)


async def test_a_frozen_kafka_stops_nobody_from_reading(
    own_kafka: Kafka, valkey: Valkey, prefix: str, service: _Make, tmp_path: Path
) -> None:
    """Every search, list and hotel is answered all the time with its age, and the audit log has every look afterwards, in order."""
    async with issuing(tmp_path) as callers:
        settings = settings_for(
            own_kafka, valkey, prefix, issuer=callers.issuer, outbox=tmp_path / "outbox", pseudonym_key=KEY, areas_minutes=0.05
        )
        await create_topics(settings.brokers, settings.prefix)
        api, gateway, processor = (service(name, settings) for name in ("api", "gateway", "processor"))
        for each in (processor, gateway, api):
            await each.start()
        await _country(gateway, api, callers)
        await WATCH.sow(callers, api.url)
        pid = processor.pid
        async with httpx.AsyncClient(base_url=api.url, timeout=30, event_hooks=WATCH.oracle.hooks) as client:
            night = Night(client, callers)
            people = [asyncio.create_task(each()) for each in (night.search, night.read, night.log)]
            await asyncio.sleep(2)
            before = night.slowest
            async with frozen(own_kafka):
                began = time.monotonic()
                offer = None
                while time.monotonic() - began < FROZEN_S:
                    await asyncio.sleep(1)
                    offer = next((found["offers"][0]["offer"] for path, found in night.answers[::-1] if path == "/v1/searches"), None)
                ready = await client.get("/readyz")
                held = await client.post("/v1/holds", headers=callers.worker(), json={"offer": offer})
                during = [found for _, found in night.answers]
            await asyncio.sleep(5)

            async def caught_up() -> bool:
                answer = await client.get("/readyz")
                return bool(answer.json()["status"] == "ok")

            await until(caught_up)
            night.over = True
            await asyncio.gather(*people)
        print({path: dict(found) for path, found in night.statuses.items()}, f"slowest {night.slowest:.2f} s")  # noqa: T201
        assert (ready.status_code, ready.json()["status"], ready.json()["parts"]["kafka"]) == (200, "degraded", False)
        assert (held.status_code, held.json()["type"]) == (503, "urn:plek:problem:kafka-away")
        assert {status for found in night.statuses.values() for status in found} <= {200, 201, 202}
        assert night.slowest < SLOWEST_S + BEFORE_TIMES * before
        aged = [found for found in during if found.get("degraded")]
        assert aged
        assert all(found["can_hold"] is False and found["as_of"] and found["duty_list"] == "/v1/duty-list" for found in aged[-5:])
        assert max(found["age_seconds"] for found in aged) >= FROZEN_S - 10
        assert processor.pid == pid
        await _every_look_is_there(settings, night.looked)


async def _every_look_is_there(settings: Settings, searches: int) -> None:
    """Check that the audit log holds together, and has each search once at least, in the order in which they were made."""
    trail, checker = KafkaAuditLog(settings.brokers, Topics(settings.prefix).audit), Checker()
    entries: list[dict[str, Any]] = []
    async for batch in trail.all():
        for kept in batch:
            assert checker.take(kept) is None, kept
            entries.append(orjson.loads(kept.value))
    made = [entry for entry in entries if entry["event"] == "search-made" and entry["outcome"] == "success"]
    once = {entry["objects"][0]["id"]: entry["at"] for entry in reversed(made)}
    first = list(dict.fromkeys(entry["objects"][0]["id"] for entry in made))
    times = [once[search] for search in first]
    print(f"{searches} searches answered, {len(made)} entries, {len(first)} searches, {checker.chains} chains")  # noqa: T201
    assert len(first) >= searches
    assert times == sorted(times)
    with suppress(ZeroDivisionError):
        assert len(made) / len(first) < 1.2
