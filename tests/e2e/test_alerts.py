"""Alerts on real Kafka, Faust and Valkey: one of the gateway reaches the coordinators at the API, and a wiped Redis loses none."""

from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from redis.asyncio import Redis

from services.gateway.cloudevents_body import BATCH
from tests.controlled_servers import Kafka, Valkey
from tests.e2e.test_live import listening
from tests.issuing import issuing
from tests.leak.watch import WATCH
from tests.sent import event, registered
from tests.servers import KEY, serving, settings_for
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
_USUAL = 5


async def _alarms(api: httpx.AsyncClient, who: dict[str, str]) -> tuple[list[tuple[str, str | None, int]], bool]:
    answer = (await api.get("/v1/alarms", headers=who)).json()
    return [(each["what"], each["reason"], each["count"]) for each in answer["alarms"]], answer["complete"]


async def test_f10_an_alert_of_the_gateway_survives_a_wiped_redis(kafka: Kafka, own_valkey: Valkey, prefix: str, tmp_path: Path) -> None:
    """A shelter with more events than is usual is an alert at the API, which lists it after Redis and the API lost their memory."""
    async with issuing(tmp_path) as callers:
        settings = settings_for(
            kafka, own_valkey, prefix, issuer=callers.issuer, pseudonym_key=KEY, data=tmp_path / "data", shelter_events_per_day=_USUAL
        )
        async with serving(settings, tmp_path, "gateway", "api") as served:
            gateway, api = served.gateway, served.api
            coordinator = callers.coordinator("R07")
            await _send(gateway, callers.operator, registered())
            async with listening(api, coordinator) as heard:
                await _send(gateway, callers.shelter("berk"), *(event("count-confirmed", number=number) for number in range(_USUAL + 1)))
                await until(lambda: [(each["what"], each["reason"]) for each in heard.of("alarm")] == [("events", "berk")], 60)
            listed = [("events", "berk", _USUAL + 1)]
            assert await _alarms(api, coordinator) == (listed, True)
            async with Redis.from_url(own_valkey.url) as redis:
                await redis.flushall()
            assert await _alarms(api, coordinator) == (listed, True)
            await served.services["api"].kill()
            await served.services["api"].start()

            async def listed_again() -> bool:
                return await _alarms(api, coordinator) == (listed, True)

            await until(listed_again, 60)
            await WATCH.sow(callers, gateway, api)


async def _send(gateway: httpx.AsyncClient, who: dict[str, str], *events: dict[str, Any]) -> None:
    answer = await gateway.post("/v1/events", headers=who | {"Content-Type": BATCH}, content=orjson.dumps(events))
    assert answer.status_code == 200, answer.text
