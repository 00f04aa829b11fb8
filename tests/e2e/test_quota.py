"""Rate limits on real Kafka, Faust and Valkey, with two API processes: one limit, one turn a double click, one list of alarms."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.adapters.config.settings import Settings
from services.adapters.kafka.topics import create_topics
from tests.controlled_servers import Kafka, Valkey
from tests.e2e.test_live import listening
from tests.issuing import issuing
from tests.leak.watch import WATCH
from tests.servers import KEY, Service, running, settings_for
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
SINGLE = {"adults": 1}


async def _left(api: httpx.AsyncClient, who: dict[str, str], name: str) -> int:
    limits = (await api.get("/v1/me", headers=who)).json()["limits"]
    found: int = next(each["left"] for each in limits if each["name"] == name)
    return found


async def test_two_api_processes_have_one_limit_and_one_list_of_alarms(kafka: Kafka, valkey: Valkey, prefix: str, tmp_path: Path) -> None:
    """A double click on both at the same instant costs one turn, 12 of 12; broken glass in one is heard and listed at the other."""
    async with issuing(tmp_path) as callers:
        usual = {name: Settings.model_fields[name].default for name in ("searches_at_once", "holds_at_once", "requests_per_hour")}
        made = [
            settings_for(kafka, valkey, prefix, issuer=callers.issuer, pseudonym_key=KEY, data=tmp_path / str(n), **usual) for n in (1, 2)
        ]
        await create_topics(made[0].brokers, prefix)
        services = [Service("processor", made[0], tmp_path / "processor.log")]
        services += [Service("api", settings, tmp_path / f"api-{number}.log") for number, settings in enumerate(made)]
        async with running(*services):
            first, second = (httpx.AsyncClient(base_url=each.url, timeout=30, event_hooks=WATCH.oracle.hooks) for each in services[1:])
            async with first, second:
                await _double_clicks(first, second, callers.worker)
                await _broken_glass(first, second, callers)
                await WATCH.sow(callers, first)


async def _double_clicks(first: httpx.AsyncClient, second: httpx.AsyncClient, worker: Callable[[str], dict[str, str]]) -> None:
    async def answered() -> bool:
        codes = [(await api.get("/v1/holds", headers=worker("w0"))).status_code for api in (first, second)]
        return codes == [200, 200]

    await until(answered)
    for number in range(1, 13):
        who = worker(f"w{number}") | {"Idempotency-Key": "k1"}
        found = await asyncio.gather(*(api.post("/v1/searches", headers=who, json=SINGLE) for api in (first, second)))
        assert [answer.status_code for answer in found] == [200, 200]
        assert [await _left(api, who, "search") for api in (first, second)] == [19, 19]


async def _broken_glass(first: httpx.AsyncClient, second: httpx.AsyncClient, callers: Any) -> None:
    who, coordinator = callers.worker("w99"), callers.coordinator("R07")
    for number in range(20):
        answer = await (first, second)[number % 2].post("/v1/searches", headers=who, json=SINGLE)
        assert answer.status_code == 200, number
    assert (await second.post("/v1/searches", headers=who, json=SINGLE)).status_code == 429
    async with listening(second, coordinator) as heard:
        glass = SINGLE | {"break_glass": "many_households"}
        assert (await first.post("/v1/searches", headers=who, json=glass)).status_code == 200
        await until(lambda: any(each["what"] == "glass" for each in heard.of("alarm")), 60)
    listed = (await second.get("/v1/alarms", headers=coordinator)).json()
    assert {"glass", "searches"} <= {each["what"] for each in listed["alarms"]}
    assert listed["complete"]
