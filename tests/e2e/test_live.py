"""`/v1/live` on real Kafka, Faust and Valkey: heard once a read shows it, and what was missed is heard of the next API."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.adapters.audit.reader import KafkaAuditLog
from services.adapters.config.settings import Settings
from services.adapters.kafka.topics import Topics, create_topics
from tests.controlled_servers import Kafka, Valkey
from tests.faults.race import line
from tests.issuing import issuing
from tests.sent import admitted, declared, registered
from tests.servers import KEY, Service, settings_for
from tests.waiting import until
from tests.world import World

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(200)]


@dataclass(slots=True)
class Heard:
    """What somebody heard, and the id she comes back with."""

    told: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    last: str = ""

    def of(self, event: str) -> list[dict[str, Any]]:
        """List what was heard of one kind."""
        return [data for name, data in self.told if name == event]


@asynccontextmanager
async def listening(client: httpx.AsyncClient, who: dict[str, str], last: str | None = None) -> AsyncIterator[Heard]:
    """Listen, until this ends or the API does."""
    heard = Heard()

    async def listen() -> None:
        with suppress(httpx.TransportError):
            async with client.stream("GET", "/v1/live", headers=who | ({"Last-Event-ID": last} if last else {}), timeout=None) as answer:
                assert answer.status_code == 200
                async for written in answer.aiter_lines():
                    match written.partition(": "):
                        case ("id", _, value):
                            heard.last = value
                        case ("event", _, value):
                            event = value
                        case ("data", _, value):
                            heard.told.append((event, json.loads(value)))

    async def lets_in() -> bool:
        async with client.stream("GET", "/v1/live", headers=who) as answer:
            return answer.status_code == httpx.codes.OK  # before that the views are not known

    await until(lets_in)
    listening = asyncio.create_task(listen())
    try:
        await until(lambda: bool(heard.told))
        yield heard
    finally:
        listening.cancel()
        await asyncio.wait([listening])


async def test_what_is_heard_is_there_to_be_read_and_nothing_is_missed(
    kafka: Kafka, valkey: Valkey, prefix: str, service: Callable[[str, Settings], Service], tmp_path: Path
) -> None:
    """A hold is heard by the worker who asked and by the shelter, which reads it at once.

    The API killed with -9, and the hold overtaken meanwhile: both hear it from the next API. Who listened is in the audit log.
    """
    async with issuing(tmp_path) as callers:
        settings = settings_for(kafka, valkey, prefix, issuer=callers.issuer, outbox=tmp_path / "outbox", pseudonym_key=KEY)
        await create_topics(settings.brokers, settings.prefix)
        api, processor = service("api", settings), service("processor", settings)
        await processor.start()
        await api.start()
        worker, shelter = callers.worker(), callers.shelter("berk")
        async with World(settings) as world, httpx.AsyncClient(base_url=api.url, timeout=30) as client:
            await world.play([line(registered()), line(declared())])
            await world.folded()

            async def searched() -> bool:
                answer = await client.post("/v1/searches", headers=worker, json={"adults": 1})
                offers.extend(answer.json().get("offers", ()))
                return bool(offers)

            offers: list[dict[str, Any]] = []
            async with listening(client, worker) as hers, listening(client, shelter) as theirs:
                await until(searched)
                asked = await client.post("/v1/holds", headers=worker, json={"offer": offers[0]["offer"]})
                hold = asked.json()["hold"]
                await until(lambda: {"hold": hold, "status": "granted", "accepted": False} in hers.of("hold"))
                await until(lambda: any(hold in told["holds_waiting"] for told in theirs.of("shelter")))
                told = theirs.of("shelter")[-1]
                read = (await client.get(f"/v1/shelters/berk?atLeast={told['at_least']}", headers=shelter)).json()
                assert hold in json.dumps(read)
                assert hers.of("shelter") == theirs.of("hold") == []

                await api.kill()
            await world.play([line(admitted())])
            await world.folded()
            await api.start()
            async with listening(client, worker, hers.last) as hers, listening(client, shelter, theirs.last) as theirs:
                await until(lambda: "overtaken" in [told["status"] for told in hers.of("hold") if told["hold"] == hold])
                await until(lambda: bool(theirs.of("shelter")))
                assert hers.of("reload") == theirs.of("reload") == []
        audit_log = KafkaAuditLog(settings.brokers, Topics(settings.prefix).audit)

        async def opened() -> Counter[str]:
            records = [json.loads(link.value) async for batch in audit_log.all() for link in batch]
            return Counter(record["role"] for record in records if record["event"] == "live-opened")

        async def both_recorded_twice() -> bool:
            return sum((await opened() & Counter(shelter=2, worker=2)).values()) == 4

        await until(both_recorded_twice)  # an entry may wait on the disk of the API until Kafka takes it
        assert set(await opened()) == {"shelter", "worker"}
