"""A set-up in which something acknowledged could be lost: each fault is one line, and nothing starts on it."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import httpx
import orjson
import pytest
import redis.asyncio as redis
from aiokafka.admin import NewTopic

from services.adapters.config.kafka_connection import KafkaConnection
from services.adapters.config.settings import Settings
from services.adapters.kafka.clients import new_admin
from services.adapters.kafka.topics import Topics, check_topics, create_topics, plans
from services.gateway.cloudevents_body import BATCH
from tests.controlled_servers import Kafka, Valkey
from tests.deploy.brokers import ThreeBrokers
from tests.issuing import issuing
from tests.sent import registered
from tests.servers import Service, settings_for
from tests.topic_settings import change
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

_Make = Callable[[str, Settings], Service]
_UNSAFE: Final = {
    "min.insync.replicas": ("1", "2"),
    "unclean.leader.election.enable": ("true", "false"),
    "retention.ms": ("604800000", "-1"),
    "retention.bytes": ("1000000", "-1"),
    "cleanup.policy": ("compact", "delete"),
}


@pytest.mark.parametrize(("name", "found", "must"), [(name, *values) for name, values in _UNSAFE.items()])
async def test_each_unsafe_setting_is_a_line(three: ThreeBrokers, name: str, found: str, must: str) -> None:
    """What a role sees of the topics of three brokers: with one wrong setting, that line and no other."""
    topic = Topics().bed_events
    await change(three.brokers(), topic, {name: found})
    try:
        await _found(three, "gateway", [f"{topic}: {name} is {found}, must be {must}"])
    finally:
        await change(three.brokers(), topic, {})
    await _found(three, "processor", [])


async def _found(three: ThreeBrokers, role: str, lines: list[str]) -> None:
    """Wait until a role sees these lines and no other: the brokers hear of a change one after another."""

    async def shown() -> bool:
        return await check_topics(three.brokers(role), "plek") == lines

    await until(shown)


async def test_too_few_copies_are_a_line(three: ThreeBrokers, prefix: str) -> None:
    """A topic made by hand with one copy on three brokers, which then can't have two in sync either."""
    await _made_by_hand(three.brokers(), prefix)
    found = await check_topics(three.brokers(), prefix)
    assert f"{prefix}.bed-events: has 1 copies, must have 3" in found
    assert f"{prefix}.bed-events: min.insync.replicas is 1, must be 2" in found


async def test_a_cluster_is_no_smaller_for_a_broker_that_is_away(three: ThreeBrokers) -> None:
    """With a broker killed the topics ought to be as with three: no service waits for a wrong reason, or starts for one."""
    await three.kill(2)
    try:
        await three.counted(2)
        assert await check_topics(three.brokers("gateway"), "plek") == []
    finally:
        await three.start(2)


async def _made_by_hand(brokers: KafkaConnection, prefix: str) -> None:
    admin = new_admin(brokers, request_timeout_ms=10_000)
    try:
        await admin.start()
        wanted = plans(Topics(prefix), brokers=1)
        await admin.create_topics([NewTopic(plan.name, plan.partitions, 1, topic_configs={"min.insync.replicas": "1"}) for plan in wanted])
    finally:
        await admin.close()


async def _waits_for(worker: Service, line: str) -> None:
    """Wait until a processor that is not ready says why."""

    async def said() -> bool:
        async with httpx.AsyncClient() as client:
            try:
                answer = await client.get(f"{worker.url}/readyz")
            except httpx.TransportError:
                return False
        return answer.status_code == 503 and answer.json()["waiting"] == [line]

    await until(said)


async def test_a_processor_waits_for_a_redis_that_forgets(kafka: Kafka, own_valkey: Valkey, prefix: str, service: _Make) -> None:
    """It says so on /readyz, and begins by itself when Redis is told not to."""
    await create_topics(kafka.brokers, prefix)
    worker = service("processor", settings_for(kafka, own_valkey, prefix))
    async with redis.from_url(own_valkey.url) as client:
        await client.config_set("maxmemory-policy", "allkeys-lru")
        worker.child.start()
        await _waits_for(worker, "Redis: maxmemory-policy is allkeys-lru, must be noeviction")
        await client.config_set("maxmemory-policy", "noeviction")
    await worker.ready()


async def test_neither_processor_nor_gateway_begins_on_a_log_that_forgets(
    kafka: Kafka, valkey: Valkey, prefix: str, service: _Make, tmp_path: Path
) -> None:
    """The processor waits with the line; the gateway is not ready and takes nothing. Put right, both begin by themselves."""
    topic, line = f"{prefix}.bed-events", f"{prefix}.bed-events: retention.ms is 604800000, must be -1"
    await create_topics(kafka.brokers, prefix)
    await change(kafka.brokers, topic, {"retention.ms": "604800000"})
    async with issuing(tmp_path / "keys") as callers:
        settings = settings_for(kafka, valkey, prefix, issuer=callers.issuer)
        worker, gateway = service("processor", settings), service("gateway", settings)
        worker.child.start()
        gateway.child.start()
        await _waits_for(worker, line)
        async with httpx.AsyncClient(base_url=gateway.url, timeout=30) as client:
            headers = callers.operator | {"Content-Type": BATCH}
            await until(lambda: line in _log_of(gateway))
            await until(lambda: _lets_in(client))
            assert (await client.get("/readyz")).json()["parts"]["topics"] is False
            answer = await client.post("/v1/events", headers=headers, content=orjson.dumps([registered()]))
            assert (answer.status_code, answer.json()["type"]) == (503, "urn:plek:problem:kafka-away")
            await change(kafka.brokers, topic, {})
            await worker.ready()
            await gateway.ready()
            accepted = await client.post("/v1/events", headers=headers, content=orjson.dumps([registered()]))
            assert accepted.status_code == 200


async def _lets_in(client: httpx.AsyncClient) -> bool:
    """Whether a gateway has the keys of its issuer: without them it lets nobody in, for another reason."""
    return bool((await client.get("/readyz")).json()["parts"]["issuer"])


def _log_of(service: Service) -> str:
    assert service.child.log
    return service.child.log.read_text("utf-8")
