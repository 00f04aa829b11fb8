"""Whom to phone, on real servers: answered from the disk when everything else is down, and not forgotten when Redis was emptied."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from redis.asyncio import Redis

from services.adapters.config.settings import Settings
from services.adapters.kafka.topics import create_topics
from services.gateway.cloudevents_body import BATCH
from tests.callers import Callers
from tests.controlled_servers import Kafka, Valkey
from tests.issuing import issuing
from tests.leak.watch import WATCH
from tests.sent import registered
from tests.servers import KEY, Service, settings_for
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(200)]
_Make = Callable[[str, Settings], Service]
ENTERED = "0800-000099"


async def _register(gateway: Service, callers: Callers, *events: dict[str, Any]) -> None:
    async with httpx.AsyncClient(base_url=gateway.url, timeout=30) as client:
        answer = await client.post("/v1/events", headers=callers.operator | {"Content-Type": BATCH}, content=orjson.dumps(events))
        assert answer.status_code == 200, answer.text


async def _listed(client: httpx.AsyncClient, callers: Callers) -> dict[str, str]:
    """Return the number of each organisation; none while nobody answers."""
    try:
        answer = await client.get("/v1/duty-list", headers=callers.worker())
    except httpx.TransportError:
        return {}
    return {each["organisation"]: each["phone"] for each in answer.json().get("entries", [])}


async def test_it_is_answered_with_everything_else_down(
    own_kafka: Kafka, own_valkey: Valkey, prefix: str, service: _Make, tmp_path: Path
) -> None:
    """Kafka, Redis and the issuer killed, and the API with them: started anew it has the same numbers, on a file of its owner alone.

    Redis comes back empty: what was entered is there again.
    """
    async with AsyncExitStack() as gone:
        callers = await gone.enter_async_context(issuing(tmp_path))
        settings = settings_for(own_kafka, own_valkey, prefix, issuer=callers.issuer, outbox=tmp_path / "outbox", pseudonym_key=KEY)
        await create_topics(settings.brokers, settings.prefix)
        api, gateway, processor = (service(name, settings) for name in ("api", "gateway", "processor"))
        for each in (processor, gateway, api):
            await each.start()
        await _register(gateway, callers, registered("berk"), registered("els", "R07", "org-2"))
        expected = {"org-1": ENTERED, "org-2": "0800-000001"}
        async with httpx.AsyncClient(base_url=api.url, timeout=30, event_hooks=WATCH.oracle.hooks) as client:

            async def entered() -> bool:
                path, who = "/v1/duty-list/org-1/R07", callers.coordinator("R07")
                return (await client.put(path, headers=who, json={"phone": ENTERED})).status_code == httpx.codes.OK

            async def complete() -> bool:
                return await _listed(client, callers) == expected

            await until(entered)
            await until(complete)
            await WATCH.sow(callers, client)
            await own_kafka.kill()
            await own_valkey.kill()
            await gone.aclose()
            await api.kill()
            api.child.start()
            await until(complete)
            [file] = (tmp_path / "outbox").glob("*.duty-list")
            assert file.stat().st_mode & 0o777 == 0o600
            await own_valkey.start()
            async with Redis.from_url(own_valkey.url) as redis:
                await redis.flushall()

                async def back() -> bool:
                    kept = await redis.hget(f"{prefix}:duty", "duty/org-1/R07")
                    return kept is not None and orjson.loads(kept)["phone"] == ENTERED

                await until(back)
            await until(complete)  # asked again and again before, this person may have no turn left for a second
