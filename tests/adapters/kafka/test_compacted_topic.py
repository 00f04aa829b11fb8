"""The contract suite of a followed topic: Kafka and its twin in memory keep the same guarantees; and what only Kafka can do."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from aiokafka import AIOKafkaProducer

from services.adapters.clock import now_ms, seconds
from services.adapters.config.kafka_connection import KafkaConnection
from services.adapters.http.app_factory import running
from services.adapters.kafka.compacted_topic import CompactedTopic, FollowedTopic, KeyedRecord, KeyedRecords
from services.adapters.kafka.ports import AppendableLog, LogRecord
from services.adapters.kafka.producer import Producer
from services.adapters.kafka.topic_admin import TopicAdmin
from services.adapters.kafka.topics import Topics, create_topics
from services.adapters.observability.metrics import Metrics
from tests.controlled_servers import Kafka
from tests.twins.memory_compacted_topic import MemoryCompactedTopic
from tests.twins.memory_log import MemoryLog
from tests.waiting import until


@dataclass
class Made:
    """A log, its topic, and how a follower of it is made."""

    log: AppendableLog
    topic: str
    follow: Callable[[], FollowedTopic]

    async def append(self, *pairs: tuple[str, bytes | None]) -> int:
        """Append values under their keys, and return the offset of the last."""
        return (await self.log.append([LogRecord(self.topic, key.encode(), value) for key, value in pairs]))[-1].offset


@asynccontextmanager
async def _in_kafka(brokers: KafkaConnection, prefix: str) -> AsyncIterator[Made]:
    await create_topics(brokers, prefix)
    producer, topic = Producer(brokers, seconds, Metrics()), Topics(prefix).proposals
    async with running(producer.run_forever):
        await until(lambda: producer.ready)
        yield Made(producer, topic, lambda: CompactedTopic(brokers, topic, now_ms))


@pytest.fixture
def brokers(request: pytest.FixtureRequest) -> KafkaConnection:
    """Return the brokers of the session; for a test that is not marked e2e an address where nothing listens."""
    if request.node.get_closest_marker("e2e") is None:
        return KafkaConnection("127.0.0.1:1")
    kafka: Kafka = request.getfixturevalue("kafka")
    return kafka.brokers


@pytest_asyncio.fixture(params=["memory", pytest.param("kafka", marks=pytest.mark.e2e)])
async def made(request: pytest.FixtureRequest, brokers: KafkaConnection, prefix: str) -> AsyncIterator[Made]:
    """Make a topic of each kind."""
    if request.param == "kafka":
        async with _in_kafka(brokers, prefix) as in_kafka:
            yield in_kafka
    else:
        log = MemoryLog(partitions=1)
        yield Made(log, "plek.proposals", lambda: MemoryCompactedTopic(log, "plek.proposals"))


@asynccontextmanager
async def _following(topic: FollowedTopic) -> AsyncIterator[FollowedTopic]:
    run: Any = getattr(topic, "run_forever", None)
    async with running(run) if run else nullcontext():
        await until(lambda: topic.ready)
        yield topic


def _values(topic: FollowedTopic) -> dict[str, bytes | None]:
    return {record.key: record.value for record in topic.records()}


async def _delete(brokers: KafkaConnection, topic: str) -> None:
    async with TopicAdmin(brokers) as admin:
        await admin.delete([topic])


async def test_the_newest_record_of_each_key_is_kept_from_the_beginning(made: Made) -> None:
    """Records of the past and new ones give each key its newest value, in the order of the log; one without a value removes its key."""
    await made.append(("a", b"1"), ("b", b"1"), ("a", b"2"))
    async with _following(made.follow()) as topic:
        await topic.wait_until(2, 5)
        assert list(_values(topic).items()) == [("b", b"1"), ("a", b"2")]
        last = await made.append(("b", b"2"), ("c", b"1"), ("a", None))
        assert await topic.wait_until(last, 5)
        assert list(_values(topic).items()) == [("b", b"2"), ("c", b"1")]
        assert topic.get("a") is None


async def test_a_listener_gets_every_record_once_and_in_order(made: Made) -> None:
    """A listener that was there before the first read gets each record once, those of the beginning included."""
    heard: list[tuple[str, bytes | None]] = []
    await made.append(("a", b"1"))
    topic = made.follow()
    topic.listen(lambda record: heard.append((record.key, record.value)))
    async with _following(topic):
        last = await made.append(("a", b"2"), ("b", None))
        assert await topic.wait_until(last, 5)
    assert heard[-2:] == [("a", b"2"), ("b", None)]


async def test_a_record_that_does_not_come_is_not_waited_for_longer(made: Made) -> None:
    """Waiting for a record that is not in the log ends with false."""
    async with _following(made.follow()) as topic:
        assert await topic.wait_until(7, 0.05) is False


def test_records_beyond_their_age_are_removed_the_oldest_first() -> None:
    """What a topic of limited retention deletes is not kept in memory either."""
    records = KeyedRecords()
    for at, key in enumerate("abc"):
        records.apply(KeyedRecord(key, b"", at, at, is_new=True))
    records.remove_before(2)
    assert [record.key for record in records] == ["c"]


@pytest.mark.e2e
async def test_only_what_was_appended_since_the_start_is_new(kafka: Kafka, prefix: str) -> None:
    """A record of the past is told from one that came after the process began to follow: only the second is pushed to people."""
    async with _in_kafka(kafka.brokers, prefix) as made:
        await made.append(("a", b"1"))
        topic = made.follow()
        heard: list[tuple[str, bool]] = []
        topic.listen(lambda record: heard.append((record.key, record.is_new)))
        async with _following(topic):
            assert await topic.wait_until(await made.append(("b", b"1")), 5)
        assert heard == [("a", False), ("b", True)]


@pytest.mark.e2e
async def test_an_end_that_no_record_has_is_reached_all_the_same(kafka: Kafka, prefix: str) -> None:
    """A topic that ends with an offset without a record, as after compaction, is caught up with: here it is the mark of a transaction."""
    async with _in_kafka(kafka.brokers, prefix) as made:
        async with (
            AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, transactional_id=prefix) as producer,
            producer.transaction(),
        ):
            await producer.send_and_wait(made.topic, b"1", b"a")
        async with _following(made.follow()) as topic:
            assert _values(topic) == {"a": b"1"}
        await _delete(kafka.brokers, made.topic)  # a reader that goes by records never reaches its end


@pytest.mark.e2e
@pytest.mark.timeout(120)
async def test_without_kafka_it_keeps_what_it_has_and_catches_up_later(own_kafka: Kafka, prefix: str) -> None:
    """While Kafka is away what was known stays and `ready` is false; when it is back, what was appended meanwhile is read."""
    async with _in_kafka(own_kafka.brokers, prefix) as made:
        await made.append(("a", b"1"))
        async with _following(made.follow()) as topic:
            await own_kafka.kill()
            await until(lambda: not topic.ready, 30)
            assert _values(topic) == {"a": b"1"}
            await own_kafka.start()
            await until(lambda: made.log.ready, 30)
            last = await made.append(("a", b"2"), ("b", b"1"))
            assert await topic.wait_until(last, 30)
            await until(lambda: topic.ready, 10)
            assert _values(topic) == {"a": b"2", "b": b"1"}


@pytest.mark.e2e
@pytest.mark.timeout(120)
async def test_a_topic_that_was_made_anew_is_read_from_its_beginning(kafka: Kafka, prefix: str) -> None:
    """After a topic was deleted and created again nothing of the old one is known any more, and listeners hear that it is gone."""
    async with _in_kafka(kafka.brokers, prefix) as made:
        await made.append(("a", b"1"), ("b", b"1"))
        topic, heard = made.follow(), list[tuple[str, bytes | None]]()
        topic.listen(lambda record: heard.append((record.key, record.value)))
        running_topic = asyncio.create_task(topic.run_forever())  # type: ignore[attr-defined]
        await until(lambda: topic.ready)
        running_topic.cancel()
        await asyncio.wait([running_topic])
        await _delete(kafka.brokers, made.topic)
        await create_topics(kafka.brokers, prefix)
        await until(lambda: made.log.ready, 30)
        await made.append(("c", b"1"))
        async with _following(topic):
            assert _values(topic) == {"c": b"1"}
        assert heard == [("a", b"1"), ("b", b"1"), ("a", None), ("b", None), ("c", b"1")]
