"""Proposals on real Kafka, Faust and Valkey: two people make a shelter that a search finds, and a wiped Redis loses nothing of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from redis.asyncio import Redis

from services.gateway.cloudevents_body import ONE
from tests.callers import Callers
from tests.controlled_servers import Kafka, Valkey
from tests.e2e.test_live import listening
from tests.issuing import issuing
from tests.leak.watch import WATCH
from tests.sent import event, registered
from tests.servers import KEY, Service, serving, settings_for
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

BERK: dict[str, Any] = registered()["data"]
UNIT: dict[str, Any] = {"unit": "u1", "kind": "crisis", "max_adults": 1, "max_children": 2, "beds": 3}


@dataclass
class _Front:
    """The services, and who calls them."""

    callers: Callers
    gateway: httpx.AsyncClient
    api: httpx.AsyncClient
    services: dict[str, Service]
    redis: str

    async def send(self, method: str, path: str, headers: dict[str, str], body: Any = None) -> dict[str, Any]:
        """Call the gateway, and return what it answers."""
        answer = await self.gateway.request(method, path, headers=headers, json=body)
        assert answer.status_code < 300, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def wipe(self) -> None:
        """Empty Redis, as an operator might."""
        async with Redis.from_url(self.redis) as redis:
            await redis.flushall()

    async def found(self) -> bool:
        """Search as a worker; return whether there is an offer."""
        answer = await self.api.post("/v1/searches", headers=self.callers.worker(), json={"adults": 1, "children": 1})
        return answer.status_code == 200 and bool(answer.json()["offers"])


@asynccontextmanager
async def _front(kafka: Kafka, valkey: Valkey, prefix: str, folder: Path) -> AsyncIterator[_Front]:
    async with issuing(folder) as callers:
        many = {"searches_at_once": 10_000, "area_shelters": 1, "area_organisations": 1}
        settings = settings_for(kafka, valkey, prefix, issuer=callers.issuer, pseudonym_key=KEY, data=folder / "data", **many)
        async with serving(settings, folder, "gateway", "api") as served:
            yield _Front(callers, served.gateway, served.api, served.services, valkey.url)
            await WATCH.sow(callers, served.gateway, served.api)


async def test_f2_two_coordinators_make_a_shelter_though_redis_is_wiped(
    kafka: Kafka, own_valkey: Valkey, prefix: str, tmp_path: Path
) -> None:
    """One proposes, Redis is emptied and the gateway killed, another one hears of it, lists and confirms it: a search finds the shelter."""
    async with _front(kafka, own_valkey, prefix, tmp_path) as front:
        first, second = front.callers.coordinator("R07"), front.callers.coordinator("R07", sub="c2")
        async with listening(front.api, second) as heard:
            made = await front.send("POST", "/v1/shelters", first, BERK)
            await until(lambda: [each["proposal"] for each in heard.of("proposal")] == [made["proposal"]], 60)
        assert not await front.found()
        await front.wipe()
        await front.services["gateway"].kill()
        await front.services["gateway"].start()

        async def listed() -> bool:
            answer = await front.gateway.get("/v1/proposals", headers=second)
            return answer.status_code == 200 and [each["you_may"] for each in answer.json()["proposals"]] == [["confirm", "reject"]]

        async def confirmed() -> bool:
            answer = await front.gateway.post(f"/v1/proposals/{made['proposal']}/confirm", headers=second)
            return answer.status_code == 200 and answer.json()["status"] == "in-force"

        await until(listed, 60)
        await until(confirmed, 60)  # the view is built again first
        units = await front.send("POST", "/v1/shelters/berk/units", second, UNIT)
        assert units["status"] == "in-force"
        await front.send("POST", "/v1/events", front.callers.shelter("berk") | {"Content-Type": ONE}, event("count-confirmed"))
        await until(front.found, 60)
        changed = await front.send("PATCH", "/v1/shelters/berk/registration", first, {"intake_phone": "0800-2"})
        await front.send("POST", f"/v1/proposals/{changed['proposal']}/confirm", second)
        await until(lambda: _shows_both(front), 60)


async def _shows_both(front: _Front) -> bool:
    """Return whether the shelter and the duty list show the phone before beside the new one."""
    coordinator = front.callers.coordinator("R07")
    shelter, duty_list = [await front.api.get(path, headers=coordinator) for path in ("/v1/shelters/berk", "/v1/duty-list")]
    if shelter.status_code != 200:
        return False
    shown = [shelter.json()["shelter"]["registration"], *duty_list.json()["entries"]]
    phones = [(each.get("intake_phone") or each.get("phone"), each.get("phone_before")) for each in shown]
    return phones == [("0800-2", BERK["intake_phone"])] * 2
