"""The view canary on real Kafka, Faust and a Redis with the rights as deployed: a tampered member is on the page within two looks."""

import json
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import from_url

from services.adapters.view.keys import partition_keys
from tests import tapes
from tests.controlled_servers import Kafka, Valkey
from tests.deploy.redis import DeployedRedis
from tests.issuing import issuing
from tests.servers import KEY, Served, serving, settings_for
from tests.waiting import until
from tests.world import World

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(200)]
LOOK_S = 0.5


async def _partitions(served: Served, operator: dict[str, str]) -> list[dict[str, Any]]:
    answer = await served.api.get("/v1/operator/partitions", headers=operator)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["partitions"]
    return found


async def _differences(served: Served) -> int:
    """Return the sum of the metric over all partitions."""
    body = (await served.api.get(f"{served.services['processor'].url}/metrics")).text
    lines = [line for line in body.splitlines() if line.startswith("plek_canary_differences{")]
    return sum(int(float(line.rpartition(" ")[2])) for line in lines)


async def test_a_tampered_member_is_measured_logged_and_answered(kafka: Kafka, valkey: Valkey, prefix: str, tmp_path: Path) -> None:
    """Nothing differs, after the log was compared too; one unit is changed in Redis: metric, log line and route say which; no right lacks.

    After a restart of the processor, which loads the wrong unit, the comparison with the log still says so; after a rebuild nothing does.
    """
    async with DeployedRedis(tmp_path, prefix) as redis, issuing(tmp_path) as callers:
        settings = settings_for(kafka, valkey, prefix, issuer=callers.issuer, pseudonym_key=KEY, canary_s=LOOK_S)
        settings = settings.model_copy(update={"redis": redis.url("processor")})
        async with serving(settings, tmp_path, "api", redis=redis.url) as served, World(settings) as world:
            await world.play(tapes.load("week"))
            await world.folded()

            async def compared() -> bool:
                return all(each["compared_with_log_at"] for each in await _partitions(served, callers.operator))

            async def noticed() -> bool:
                return await _differences(served) > 0

            await until(compared)
            assert {each["differences"] for each in await _partitions(served, callers.operator)} == {0}

            number, unit = await _tamper(redis, prefix, settings.partitions)
            await until(noticed)
            lines = [json.loads(line) for line in (tmp_path / "processor.log").read_text().splitlines()]
            wrong = [line for line in lines if line["message"] == "the view is not as the log gives it"]
            found = {(line["topic"], line["partition"], line["what"], line["member"], line["why"]) for line in wrong}
            assert found == {("beds", number, "units", unit, "other features")}

            async def answered() -> bool:
                return [each["partition"] for each in await _partitions(served, callers.operator) if each["differences"]] == [number]

            await until(answered)
            processor = served.services["processor"]
            await processor.kill()
            await processor.start()
            await until(noticed)
            await world.view.forget(number)

            async def mended() -> bool:
                return await compared() and not await noticed() and not await answered()

            await until(mended)
        assert await redis.refusals() == []


async def _tamper(redis: DeployedRedis, prefix: str, partitions: int) -> tuple[int, str]:
    """Change a unit in the view; return its partition and its name."""
    async with from_url(redis.url("processor")) as client:
        for number in range(partitions):
            key = partition_keys(prefix, number).units
            if units := await client.hgetall(key):
                name = min(units)
                await client.hset(key, name, json.dumps(json.loads(units[name]) | {"features": ["wheelchair"]}))
                return number, str(name, "utf-8") if isinstance(name, bytes) else name
    pytest.fail("no unit is shown")
