"""A followed topic by itself, with a consumer that reads what a test has logged: what is known, and when it is ready."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from services.adapters.config.kafka_connection import KafkaConnection
from services.adapters.http.app_factory import running
from services.adapters.kafka.compacted_topic import CompactedTopic
from tests.waiting import until

_PARTITION = TopicPartition("t", 0)


@dataclass
class _Consumer:
    """Reads one record of `log` at each poll and waits for more than the `readable` ones, unless it is `silent`; it begins at `start`."""

    log: list[tuple[str, bytes | None]]
    start: int = 0
    readable: int = 1_000
    silent: bool = False
    ages: list[int] = field(default_factory=list)
    place: int = -1
    sought: list[int] = field(default_factory=list)

    def assign(self, partitions: list[TopicPartition]) -> None:
        """Take the partition."""
        assert partitions == [_PARTITION]

    async def beginning_offsets(self, _partitions: Any) -> dict[TopicPartition, int]:
        """Return the first offset."""
        return {_PARTITION: self.start}

    async def end_offsets(self, _partitions: Any) -> dict[TopicPartition, int]:
        """Return the offset after the last record."""
        return {_PARTITION: self.start + len(self.log)}

    def seek(self, _partition: TopicPartition, place: int) -> None:
        """Go to an offset."""
        self.place = place
        self.sought.append(place)

    async def position(self, _partition: TopicPartition) -> int:
        """Return the offset of the next record."""
        return self.place

    async def getmany(self, _partition: TopicPartition, *, timeout_ms: int) -> dict[TopicPartition, list[Any]]:
        """Return the next record, if it may be read."""
        assert timeout_ms
        await asyncio.sleep(0.001)
        number = self.place - self.start
        if self.silent or number >= len(self.log):
            return {}
        await until(lambda: number < self.readable)
        self.place += 1
        (key, value), at = self.log[number], self.ages[number] if self.ages else 0
        return {_PARTITION: [SimpleNamespace(key=key.encode(), value=value, offset=self.place - 1, timestamp=at)]}


def _topic(now: int = 0, keep_ms: int | None = None) -> CompactedTopic:
    return CompactedTopic(KafkaConnection("127.0.0.1:1"), "t", lambda: now, keep_ms)


@asynccontextmanager
async def _following(topic: CompactedTopic, consumer: _Consumer) -> AsyncIterator[None]:
    following = asyncio.create_task(topic._follow(consumer))
    try:
        yield
    finally:
        following.cancel()
        await asyncio.wait([following])


def _values(topic: CompactedTopic) -> dict[str, bytes | None]:
    return {record.key: record.value for record in topic.records()}


async def test_it_is_ready_when_all_is_known_that_stood_in_the_topic() -> None:
    """With two of three records read a topic is not ready: what is missing could be the newest of a key."""
    topic, consumer = _topic(), _Consumer([("a", b"1"), ("b", b"1"), ("a", b"2")], readable=2)
    async with _following(topic, consumer):
        await until(lambda: topic.get("b") is not None)
        await asyncio.sleep(0.01)
        assert not topic.ready
        consumer.readable = 3
        await until(lambda: topic.ready)
    assert _values(topic) == {"b": b"1", "a": b"2"}


async def test_an_empty_topic_is_ready_at_once() -> None:
    """Of a topic without records everything is known."""
    topic = _topic()
    async with _following(topic, _Consumer([])):
        await until(lambda: topic.ready)


async def test_of_a_topic_that_was_made_anew_nothing_old_is_known() -> None:
    """A topic that ends before what was read is another one: its old keys are removed, for listeners too, and it is read from its start."""
    topic, heard = _topic(), list[tuple[str, bytes | None, bool]]()
    topic.listen(lambda record: heard.append((record.key, record.value, record.is_new)))
    async with _following(topic, _Consumer([("a", b"1"), ("b", b"1")])):
        await until(lambda: topic.ready)
    other = _Consumer([("c", b"1")])
    async with _following(topic, other):
        await until(lambda: topic.get("c") is not None)
        other.log.append(("d", b"1"))
        await until(lambda: topic.get("d") is not None)
    assert (_values(topic), other.sought) == ({"c": b"1", "d": b"1"}, [0])
    assert heard[:4] == [("a", b"1", False), ("b", b"1", False), ("a", None, False), ("b", None, False)]
    assert heard[4:] == [("c", b"1", False), ("d", b"1", True)]


async def test_it_goes_on_where_it_was() -> None:
    """After a lost connection a topic is read on from the record after the last, and no listener gets one twice; new ones are new."""
    topic, heard = _topic(), list[tuple[int, bool]]()
    topic.listen(lambda record: heard.append((record.offset, record.is_new)))
    async with _following(topic, _Consumer([("a", b"1"), ("b", b"1")])):
        await until(lambda: topic.ready)
    unchanged, grown = _Consumer([("a", b"1"), ("b", b"1")]), _Consumer([("a", b"1"), ("b", b"1"), ("c", b"1")])
    async with _following(topic, unchanged):
        await until(lambda: bool(unchanged.sought))
    async with _following(topic, grown):
        await until(lambda: topic.get("c") is not None)
    assert (unchanged.sought, grown.sought, heard) == ([2], [2], [(0, False), (1, False), (2, True)])


async def test_what_was_compacted_away_is_not_waited_for() -> None:
    """A log that begins behind what was read is read from its beginning."""
    topic, consumer = _topic(), _Consumer([("a", b"1")], start=7)
    async with _following(topic, consumer):
        await until(lambda: topic.ready)
    assert (consumer.sought, _values(topic)) == ([7], {"a": b"1"})


async def test_a_record_is_waited_for_until_it_is_known() -> None:
    """A writer that waits for its own record is answered when that has been read, and not one record before."""
    topic, consumer = _topic(), _Consumer([("a", b"1"), ("a", b"2")], readable=1)
    async with _following(topic, consumer):
        assert await topic.wait_until(0, 5)
        assert not await topic.wait_until(1, 0.02)
        consumer.readable = 2
        assert await topic.wait_until(1, 5)
    assert topic.get("a")


async def test_a_broker_that_sends_nothing_of_what_it_has_is_left() -> None:
    """A consumer that stays before the end of the topic is replaced: it raises, and does not seem to be at the end."""
    topic = _topic()
    with pytest.raises(KafkaError):
        async with asyncio.timeout(5):
            await topic._follow(_Consumer([("a", b"1")], silent=True))
    assert not topic.ready


async def test_after_a_lost_connection_it_is_not_ready() -> None:
    """A topic that was ready is not, once its broker can't be reached; what is known stays."""
    topic = _topic()
    async with _following(topic, _Consumer([("a", b"1")])):
        await until(lambda: topic.ready)
    async with running(topic.run_forever):
        await until(lambda: not topic.ready, 5)
    assert _values(topic) == {"a": b"1"}


async def test_records_beyond_their_age_are_not_kept() -> None:
    """Of a topic that keeps its records for ten milliseconds one that old is kept, and an older one is not."""
    topic = _topic(now=100, keep_ms=10)
    async with _following(topic, _Consumer([("a", b"1"), ("b", b"1")], ages=[89, 90])):
        await until(lambda: topic.ready)
        await until(lambda: topic.get("a") is None)
    assert _values(topic) == {"b": b"1"}
