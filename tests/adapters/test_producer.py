"""The producer on real Kafka: in order, acknowledged, and right again by itself after every kind of trouble."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from services.adapters.brokers import Brokers
from services.adapters.clock import seconds
from services.adapters.log_port import LogUnavailableError, Record, TooLargeError
from services.adapters.log_reader import Log
from services.adapters.metrics import Metrics
from services.adapters.producer import Producer
from services.adapters.topics import Topics, create_topics, partition_of
from services.adapters.web import keeping
from services.local.kafka import Kafka
from tests.waiting import until

pytestmark = pytest.mark.e2e


@asynccontextmanager
async def _producing(brokers: Brokers) -> AsyncIterator[Producer]:
    producer = Producer(brokers, seconds, Metrics())
    async with keeping(producer.keep):
        await until(lambda: producer.ready)
        yield producer


def _records(prefix: str, number: int = 100, size: int = 300) -> list[Record]:
    return [Record(Topics(prefix).bed_events, f"berk-{each}".encode(), bytes(size)) for each in range(number)]


async def test_each_record_is_told_where_it_stands(kafka: Kafka, prefix: str) -> None:
    """In the partition of its key, one after the other."""
    await create_topics(kafka.brokers, prefix)
    async with _producing(kafka.brokers) as producer:
        for start in (0, 40):
            places = await producer.append(_records(prefix, 1) * 40)
            assert {place.partition for place in places} == {partition_of(b"berk-0", 12)}
            assert [place.offset for place in places] == list(range(start, start + 40))


async def test_callers_share_a_batch_and_each_is_told_her_own(kafka: Kafka, prefix: str) -> None:
    """Of 200 callers at once each finds her records at the places she was told, in her order; one who gives up takes nobody with her."""
    await create_topics(kafka.brokers, prefix)
    topic = Topics(prefix).bed_events
    async with _producing(kafka.brokers) as producer:
        calls = [[Record(topic, b"berk-%d" % (each % 7), b"%d/%d" % (caller, each)) for each in range(20)] for caller in range(200)]
        leaving = asyncio.create_task(producer.append(_records(prefix)))
        asking = [asyncio.create_task(producer.append(records)) for records in calls]
        await asyncio.sleep(0)  # all of them have handed over what they have
        leaving.cancel()
        told = await asyncio.gather(*asking)
    async with Log(kafka.brokers, topic) as log:
        found = {
            (number, record.offset): record.value
            for number, ends in (await log.ends(range(12))).items()
            async for records in log.read(number, ends.start, ends.end)
            for record in records
        }
    for records, places in zip(calls, told, strict=True):
        assert [found[place.partition, place.offset] for place in places] == [record.value for record in records]
        for number in {place.partition for place in places}:
            offsets = [place.offset for place in places if place.partition == number]
            assert offsets == sorted(offsets)


async def test_a_record_that_is_too_large_takes_nothing_with_it(kafka: Kafka, prefix: str) -> None:
    """Nothing of its batch was appended, and the producer still works."""
    await create_topics(kafka.brokers, prefix)
    async with _producing(kafka.brokers) as producer:
        with pytest.raises(TooLargeError):
            await producer.append(_records(prefix, 3) + _records(prefix, 1, 1_000_001))
        assert {place.offset for place in await producer.append(_records(prefix, 1))} == {0}


async def test_it_survives_a_broker_that_freezes_and_one_that_dies(own_kafka: Kafka, prefix: str) -> None:
    """An error within five seconds, at once while it is known to be away; then by itself right again, and no task is left behind."""
    await create_topics(own_kafka.brokers, prefix)
    before = len(asyncio.all_tasks())
    async with _producing(own_kafka.brokers) as producer:
        await producer.append(_records(prefix))
        own_kafka.child.send(signal.SIGSTOP)
        await _fails(producer, prefix, 5.0)
        own_kafka.child.send(signal.SIGCONT)
        await until(lambda: producer.ready)
        await producer.append(_records(prefix))
        await own_kafka.kill()
        await _fails(producer, prefix, 5.0)
        await _fails(producer, prefix, 0.1)
        await own_kafka.start()
        await until(lambda: producer.ready)
        await producer.append(_records(prefix))
    await until(lambda: len(asyncio.all_tasks()) == before, 5.0)


async def test_it_notices_that_kafka_is_away_before_anybody_writes(own_kafka: Kafka, prefix: str) -> None:
    """Readiness does not wait for a request to fail."""
    async with _producing(own_kafka.brokers) as producer:
        await own_kafka.kill()
        await until(lambda: not producer.ready, 15.0)
        await _fails(producer, prefix, 0.1)


async def _fails(producer: Producer, prefix: str, within: float) -> None:
    async with asyncio.timeout(within):
        with pytest.raises(LogUnavailableError):
            await producer.append(_records(prefix))
