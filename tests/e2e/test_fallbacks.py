"""A hotel on real Kafka, Faust and Valkey while one of them is away: taken, kept over a kill -9, counted once."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.adapters.config.settings import Settings
from services.adapters.kafka.topics import create_topics
from services.adapters.view.redis_reader import RedisDemandReader
from tests.callers import Callers
from tests.controlled_servers import Kafka, Valkey
from tests.issuing import issuing
from tests.leak.watch import WATCH
from tests.servers import KEY, Service, settings_for
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(200)]
_Make = Callable[[str, Settings], Service]
HOTEL: dict[str, Any] = {"adults": 1, "accommodation": "hotel", "reason": "at_night"}
PROMISED = 5


async def _post(client: httpx.AsyncClient, callers: Callers, key: str) -> httpx.Response:
    return await client.post("/v1/fallbacks", headers=callers.worker() | {"Idempotency-Key": key}, json=HOTEL)


async def _reachable(client: httpx.AsyncClient) -> None:
    async def lives() -> bool:
        try:
            parts: dict[str, bool] = (await client.get("/readyz")).json()["parts"]
            return parts["issuer"]  # nobody's token can be verified before that
        except httpx.TransportError:
            return False

    await until(lives)


async def test_promised_without_kafka_and_killed_it_is_counted_once(
    own_kafka: Kafka, valkey: Valkey, prefix: str, service: _Make, tmp_path: Path
) -> None:
    """Kafka killed: queued on disk. The API killed with -9, again and again: started anew it sends all of them, and each counts once.

    After its first start the issuer is away too.
    """
    async with AsyncExitStack() as gone:
        callers = await gone.enter_async_context(issuing(tmp_path))
        settings = settings_for(own_kafka, valkey, prefix, issuer=callers.issuer, outbox=tmp_path / "outbox", pseudonym_key=KEY)
        await create_topics(settings.brokers, settings.prefix)
        api, processor = service("api", settings), service("processor", settings)
        await own_kafka.kill()
        async with httpx.AsyncClient(base_url=api.url, timeout=30, event_hooks=WATCH.oracle.hooks) as client:
            promised = set()
            for number in range(PROMISED):
                api.child.start()
                await _reachable(client)
                answer = await _post(client, callers, f"k{number}")
                assert (answer.status_code, answer.json()["status"]) == (202, "queued"), answer.text
                assert (await _post(client, callers, f"k{number}")).json()["fallback"] == answer.json()["fallback"]
                promised.add(answer.json()["fallback"])
                if number == 0:
                    await WATCH.sow(callers, client)
                await api.kill()
                await gone.aclose()
            await own_kafka.start()
            await processor.start()
            api.child.start()
            view = RedisDemandReader(settings.redis, settings.prefix, settings.partitions)

            async def known() -> set[str]:
                looks = [await view.read_partition(number) for number in range(settings.partitions)]
                return {case.key for look in looks for case in look.open}

            async def all_known() -> bool:
                return await known() == promised

            await until(all_known)
            await api.ready()

            async def listed() -> bool:
                answer = await client.get("/v1/fallbacks?open=true", headers=callers.worker())
                return answer.status_code == 200 and {each["fallback"] for each in answer.json()["fallbacks"]} == promised

            await until(listed)
            late = await _post(client, callers, "k0")
            assert late.status_code in {201, 202}
            assert late.json()["fallback"] in promised
            assert await known() == promised
            await view.close()
        assert len(promised) == PROMISED


async def test_without_redis_a_hotel_is_logged(kafka: Kafka, own_valkey: Valkey, prefix: str, service: _Make, tmp_path: Path) -> None:
    """Valkey killed: a door that follows /readyz lets it in; taken, its evidence unavailable, and shown when there is a view again."""
    async with issuing(tmp_path) as callers:
        settings = settings_for(kafka, own_valkey, prefix, issuer=callers.issuer, outbox=tmp_path / "outbox")
        await create_topics(settings.brokers, settings.prefix)
        api, processor = service("api", settings), service("processor", settings)
        await processor.start()
        await api.start()
        async with httpx.AsyncClient(base_url=api.url, timeout=30, event_hooks=WATCH.oracle.hooks) as client:
            await own_valkey.kill()

            async def viewless() -> bool:
                return not (await client.get("/readyz")).json()["parts"]["view"]

            await until(viewless)
            await WATCH.sow(callers, client)
            assert (await client.get("/readyz")).status_code == httpx.codes.OK  # else no door would bring her here
            answer = await _post(client, callers, "k")
            assert (answer.json()["evidence"], answer.status_code in {201, 202}) == ("unavailable", True), answer.text
            await own_valkey.start()

            async def listed() -> bool:
                found = await client.get("/v1/fallbacks?open=true", headers=callers.worker())
                return found.status_code == 200 and len(found.json()["fallbacks"]) == 1

            await until(listed)
