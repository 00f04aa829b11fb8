"""The producer on real Kafka: in order, acknowledged, and working again after every kind of failure."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from services.adapters.clock import seconds
from services.adapters.config.kafka_connection import KafkaConnection
from services.adapters.http.app_factory import running
from services.adapters.kafka.log_reader import Log
from services.adapters.kafka.ports import LogRecord, LogUnavailableError, TooLargeError
from services.adapters.kafka.producer import Producer
from services.adapters.kafka.topics import Topics, create_topics, partition_of
from services.adapters.observability.metrics import Metrics
from tests.controlled_servers import Kafka
from tests.waiting import until

pytestmark = pytest.mark.e2e


@asynccontextmanager
async def _producing(brokers: KafkaConnection) -> AsyncIterator[Producer]:
    producer = Producer(brokers, seconds, Metrics())
    async with running(producer.run_forever):
        await until(lambda: producer.ready)
        yield producer


def _records(prefix: str, number: int = 100, size: int = 300) -> list[LogRecord]:
    return [LogRecord(Topics(prefix).bed_events, f"berk-{each}".encode(), bytes(size)) for each in range(number)]


async def test_an_append_returns_the_positions(kafka: Kafka, prefix: str) -> None:
    """The positions of appended records are in the partition of their key, one after the other."""
    await create_topics(kafka.brokers, prefix)
    async with _producing(kafka.brokers) as producer:
        for start in (0, 40):
            places = await producer.append(_records(prefix, 1) * 40)
            assert {place.partition for place in places} == {partition_of(b"berk-0", 12)}
            assert [place.offset for place in places] == list(range(start, start + 40))


async def test_callers_share_a_batch_and_each_gets_its_own_positions(kafka: Kafka, prefix: str) -> None:
    """Each of 200 callers at once finds its records at the positions it got, in order; one that gives up harms no other."""
    await create_topics(kafka.brokers, prefix)
    topic = Topics(prefix).bed_events
    async with _producing(kafka.brokers) as producer:
        calls = [[LogRecord(topic, b"berk-%d" % (each % 7), b"%d/%d" % (caller, each)) for each in range(20)] for caller in range(200)]
        leaving = asyncio.create_task(producer.append(_records(prefix)))
        asking = [asyncio.create_task(producer.append(records)) for records in calls]
        await asyncio.sleep(0)  # all of them have handed over what they have
        leaving.cancel()
        positions = await asyncio.gather(*asking)
    async with Log(kafka.brokers, topic) as log:
        found = {
            (number, record.offset): record.value
            for number, ends in (await log.ends(range(12))).items()
            async for records in log.read(number, ends.start, ends.end)
            for record in records
        }
    for records, places in zip(calls, positions, strict=True):
        assert [found[place.partition, place.offset] for place in places] == [record.value for record in records]
        for number in {place.partition for place in places}:
            offsets = [place.offset for place in places if place.partition == number]
            assert offsets == sorted(offsets)


async def test_a_record_that_is_too_large_is_refused_with_its_batch(kafka: Kafka, prefix: str) -> None:
    """Nothing of a batch with a record that is too large is appended, and the producer still works."""
    await create_topics(kafka.brokers, prefix)
    async with _producing(kafka.brokers) as producer:
        with pytest.raises(TooLargeError):
            await producer.append(_records(prefix, 3) + _records(prefix, 1, 1_000_001))
        assert {place.offset for place in await producer.append(_records(prefix, 1))} == {0}


async def test_it_survives_a_broker_that_freezes_and_one_that_dies(own_kafka: Kafka, prefix: str) -> None:
    """Without its broker an append fails within five seconds, and at once while it is known to be away; then it works again."""
    await create_topics(own_kafka.brokers, prefix)
    before = len(asyncio.all_tasks())
    async with _producing(own_kafka.brokers) as producer:
        await producer.append(_records(prefix))
        own_kafka.child.send_signal(signal.SIGSTOP)
        await _fails(producer, prefix, 5.0)
        own_kafka.child.send_signal(signal.SIGCONT)
        await until(lambda: producer.ready)
        await producer.append(_records(prefix))
        await own_kafka.kill()
        await _fails(producer, prefix, 5.0)
        await _fails(producer, prefix, 0.1)
        await own_kafka.start()
        await until(lambda: producer.ready)
        await producer.append(_records(prefix))
    await until(lambda: len(asyncio.all_tasks()) == before, 5.0)


async def test_it_notices_that_kafka_is_away_without_requests(own_kafka: Kafka, prefix: str) -> None:
    """The producer is not ready when Kafka is away, before any request has failed."""
    async with _producing(own_kafka.brokers) as producer:
        await own_kafka.kill()
        await until(lambda: not producer.ready, 15.0)
        await _fails(producer, prefix, 0.1)


async def _fails(producer: Producer, prefix: str, within: float) -> None:
    async with asyncio.timeout(within):
        with pytest.raises(LogUnavailableError):
            await producer.append(_records(prefix))
