"""The Kafka broker from Python packages alone."""

import time

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from tests.controlled_servers import Kafka

pytestmark = pytest.mark.e2e


async def _create(kafka: Kafka, topic: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(topic, 1, 1, topic_configs={"flush.messages": "1"})])
    await admin.close()


async def _write(kafka: Kafka, topic: str) -> int:
    async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, acks="all", enable_idempotence=True) as producer:
        return int((await producer.send_and_wait(topic, b"x")).offset)


async def test_a_broker_takes_writes_as_soon_as_it_is_started(kafka: Kafka, prefix: str) -> None:
    """When the start has returned, a topic can be created and written to at once."""
    await _create(kafka, prefix)
    assert await _write(kafka, prefix) == 0


async def test_a_killed_broker_is_back_within_half_a_minute_with_all_it_acknowledged(own_kafka: Kafka, prefix: str) -> None:
    """Killed with -9 and started again, the broker takes the next offset within half a minute, on a busy machine too."""
    await _create(own_kafka, prefix)
    await _write(own_kafka, prefix)
    before = own_kafka.bootstrap
    await own_kafka.kill()
    killed = time.monotonic()
    await own_kafka.start()
    assert await _write(own_kafka, prefix) == 1
    assert time.monotonic() - killed < 30
    assert own_kafka.bootstrap == before
