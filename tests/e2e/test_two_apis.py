"""Holds on two API processes over real Kafka, Faust and Valkey: what comes twice at one instant is one, and colleagues share a desk."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from services.adapters.config.settings import Settings
from services.adapters.kafka.topics import create_topics
from tests.callers import Callers
from tests.controlled_servers import Kafka, Valkey
from tests.e2e.test_live import listening
from tests.faults.race import line
from tests.free_ports import free_ports
from tests.issuing import issuing
from tests.leak.watch import WATCH
from tests.sent import declared, registered
from tests.servers import KEY, Service, running, settings_for
from tests.waiting import until
from tests.world import World

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(200)]
_Make = Callable[[str, Settings], Service]
CLICKS = 12
SHELTERS = 6
UNITS = 20


@dataclass
class Two:
    """Two API processes of one world."""

    one: httpx.AsyncClient
    other: httpx.AsyncClient
    callers: Callers

    async def offer(self, who: dict[str, str]) -> str:
        """Search, and take the first offer."""
        answer = await self.one.post("/v1/searches", headers=who, json={"adults": 1})
        assert answer.status_code == 200, answer.text
        offer: str = answer.json()["offers"][0]["offer"]
        return offer

    async def twice(self, who: dict[str, str], offer: str, key: str | None) -> list[httpx.Response]:
        """Send the same request to both processes at the same instant."""
        headers = who | ({"Idempotency-Key": key} if key else {})
        return await asyncio.gather(*(each.post("/v1/holds", headers=headers, json={"offer": offer}) for each in (self.one, self.other)))


@asynccontextmanager
async def _two(kafka: Kafka, valkey: Valkey, prefix: str, folder: Path, **limits: Any) -> AsyncIterator[Two]:
    async with issuing(folder) as callers:
        settings = settings_for(kafka, valkey, prefix, issuer=callers.issuer, pseudonym_key=KEY, **limits)
        await create_topics(settings.brokers, settings.prefix)
        apis = [
            Service("api", settings.model_copy(update={"api_port": port, "outbox": folder / f"outbox-{port}"}), folder / f"{port}.log")
            for port in free_ports(2)
        ]
        async with (
            running(Service("processor", settings, folder / "processor.log"), *apis),
            World(settings) as world,
            httpx.AsyncClient(base_url=apis[0].url, timeout=30, event_hooks=WATCH.oracle.hooks) as one,
            httpx.AsyncClient(base_url=apis[1].url, timeout=30, event_hooks=WATCH.oracle.hooks) as other,
        ):
            shelters = [f"s{number}" for number in range(SHELTERS)]
            await world.play([line(registered(name)) for name in shelters])
            await world.play([line(declared(f"u{number}", name)) for name in shelters for number in range(UNITS)])
            await world.folded()
            two = Two(one, other, callers)
            await until(lambda: _offers(two))
            await WATCH.sow(callers, one, other)
            yield two


async def _offers(two: Two) -> bool:
    answers = [await each.post("/v1/searches", headers=two.callers.worker("w0"), json={"adults": 1}) for each in (two.one, two.other)]
    return all(answer.status_code == 200 and answer.json()["offers"] for answer in answers)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def two(kafka: Kafka, valkey: Valkey, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Two]:
    """Start two processes for the tests that need no limits of their own; each has workers of its own."""
    folder = tmp_path_factory.mktemp("two")
    async with _two(kafka, valkey, folder.name, folder) as two:
        yield two


async def test_a_double_click_on_two_processes_costs_one(kafka: Kafka, valkey: Valkey, prefix: str, tmp_path: Path) -> None:
    """12 of 12, half of them with a key: both copies are answered with one hold, and of two holds in an hour one is left."""
    async with _two(kafka, valkey, prefix, tmp_path, holds_at_once=2, holds_per_hour=1) as two:
        for number in range(CLICKS):
            who = two.callers.worker(f"w{number + 1}")
            offers = [await two.offer(who) for _ in range(3)]
            answers = await two.twice(who, offers[0], f"k{number}" if number % 2 else None)
            assert [answer.status_code for answer in answers] == [201, 201], [answer.text for answer in answers]
            assert answers[0].json()["hold"] == answers[1].json()["hold"]
            assert (await two.other.get("/v1/holds", headers=who)).json()["holds"][0]["status"] == "granted"
            second = await two.one.post("/v1/holds", headers=who, json={"offer": offers[1]})
            assert second.status_code == 201, second.text
            released = await two.one.delete(f"/v1/holds/{second.json()['hold']}", headers=who)
            assert released.status_code == 200
            third = await two.other.post("/v1/holds", headers=who, json={"offer": offers[2]})
            assert third.status_code == 429, third.text


async def test_colleagues_share_holds_over_two_processes(two: Two) -> None:
    """Held on one process, seen and taken over on the other; both workers hear of it where they listen."""
    first, colleague = (two.callers.worker(name, "crisis-noord") for name in ("c1", "c2"))
    hold = (await two.one.post("/v1/holds", headers=first, json={"offer": await two.offer(first)})).json()["hold"]
    async with listening(two.one, first) as one, listening(two.other, colleague) as other:
        seen = (await two.other.get("/v1/holds", headers=colleague)).json()["holds"]
        assert [(each["hold"], each["mine"]) for each in seen] == [(hold, False)]
        assert (await two.other.post(f"/v1/holds/{hold}/take-over", headers=colleague)).json()["mine"] is True
        await until(lambda: {hold} == {told["hold"] for ear in (one, other) for told in ear.of("hold")} and bool(other.of("hold")))
        assert (await two.one.get(f"/v1/holds/{hold}", headers=first)).json()["mine"] is False
        refused = await two.one.delete(f"/v1/holds/{hold}", headers=first)
        assert (refused.status_code, refused.json()["type"]) == (409, "urn:plek:problem:colleague-has-it")
        assert (await two.one.delete(f"/v1/holds/{hold}", headers=colleague)).json()["why"] == "released"
        await until(lambda: all(ear.of("hold")[-1]["status"] == "released" for ear in (one, other) if ear.of("hold")))


async def test_four_requests_at_once_on_two_processes_make_two_holds(two: Two) -> None:
    """Four offers held at one instant, two on each process: two holds wait for an answer afterwards."""
    for number in range(CLICKS // 2):
        who = two.callers.worker(f"w{number + 1}")
        offers = [await two.offer(who) for _ in range(4)]
        asked = [
            each.post("/v1/holds", headers=who, json={"offer": offer}) for each, offer in zip([two.one, two.other] * 2, offers, strict=True)
        ]
        answers = await asyncio.gather(*asked)
        assert {answer.status_code for answer in answers} <= {201, 409}
        listed = (await two.one.get("/v1/holds", headers=who)).json()["holds"]
        assert (
            sum(hold["status"] == "granted" and hold["mine"] for hold in listed)
            == sum(answer.status_code == 201 for answer in answers)
            <= 2
        )
