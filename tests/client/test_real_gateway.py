"""The client against a gateway and a Kafka as they run."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from services.adapters.kafka.topics import Topics, create_topics
from tests.client.killed_writers import check_log, write_and_kill
from tests.controlled_servers import Kafka, Valkey
from tests.issuing import issuing
from tests.leak.watch import WATCH
from tests.servers import Service, running, settings_for

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_killed_writers_lose_nothing_in_kafka(kafka: Kafka, valkey: Valkey, prefix: str, tmp_path: Path) -> None:
    """Two writers, killed 10 times in 200 events: Kafka has each of them once by name, and those of a shelter in order."""
    async with issuing(tmp_path) as callers:
        settings = settings_for(kafka, valkey, prefix, issuer=callers.issuer, calls_per_minute=6_000)
        await create_topics(settings.brokers, prefix)
        gateway = Service("gateway", settings, tmp_path / "gateway.log")
        async with running(gateway):
            await write_and_kill(callers, settings.gateway_port, tmp_path / "plek.sqlite", 200, 10)
            check_log([value async for value in _values(kafka, Topics(prefix).bed_events)], 200)
            async with httpx.AsyncClient(base_url=gateway.url, timeout=30, event_hooks=WATCH.oracle.hooks) as client:
                await WATCH.sow(callers, client)


async def _values(kafka: Kafka, topic: str) -> AsyncIterator[bytes]:
    """Yield the values of a topic, those of each partition in order."""
    async with AIOKafkaConsumer(bootstrap_servers=kafka.bootstrap) as consumer:
        partitions = [TopicPartition(topic, number) for number in range(12)]
        consumer.assign(partitions)
        await consumer.seek_to_beginning()
        ends = await consumer.end_offsets(partitions)
        for partition in partitions:
            while await consumer.position(partition) < ends[partition]:
                yield (await consumer.getone(partition)).value
