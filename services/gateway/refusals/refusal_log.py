"""Reads refusals back from Kafka: the newest of some organisations, with one consumer that belongs to no group.

Guarantees: nothing is kept in memory between two reads, so a restart loses nothing; a failure is a LogUnavailableError, not an empty list.
"""

import asyncio
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import orjson
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from services.adapters.config.kafka_connection import KafkaConnection
from services.adapters.kafka.clients import new_consumer
from services.adapters.kafka.ports import LogUnavailableError
from services.adapters.kafka.topics import Topics

_ANSWER_MS: Final = 5_000
# A fetch that waits at the broker would hold up the next caller
_FETCH_MS: Final = 5
_NEW_TOPICS_MS: Final = 3_000


class RefusalLog(Protocol):
    """The refusals of organisations, each as the JSON object that its record holds."""

    async def organisations(self) -> frozenset[str]:
        """Return the organisations that have a topic for refusals; LogUnavailableError."""

    async def newest(self, organisations: Collection[str], since: int, most: int) -> list[dict[str, Any]]:
        """Read the newest refusals of each, at most so many, refused at `since` (ms) or later; LogUnavailableError."""


@dataclass(slots=True)
class KafkaRefusalLog:
    """The refusals in Kafka. It connects at the first read, and one read at a time has the consumer."""

    brokers: KafkaConnection
    topics: Topics
    _consumer: Any = None
    _reading: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def organisations(self) -> frozenset[str]:
        """Return the organisations that have a topic for refusals; LogUnavailableError."""
        async with self._reading:
            try:
                consumer = await self._connected()
                present = set(await consumer.topics())
            except (KafkaError, OSError) as away:
                raise LogUnavailableError("Kafka can't be reached") from away
        owners = filter(None, map(self.topics.organisation, present))
        return frozenset(owner for owner in owners if self.topics.refused(owner) in present)

    async def newest(self, organisations: Collection[str], since: int, most: int) -> list[dict[str, Any]]:
        """Read the newest refusals of each, at most so many, refused at `since` (ms) or later; LogUnavailableError."""
        partitions = [TopicPartition(self.topics.refused(organisation), 0) for organisation in sorted(organisations)]
        if not partitions:
            return []
        async with self._reading:
            try:
                records = await _tails(await self._connected(), partitions, most)
            except (KafkaError, OSError) as away:
                raise LogUnavailableError("Kafka can't be reached") from away
        return [orjson.loads(record.value) for record in records if record.timestamp >= since]

    async def close(self) -> None:
        """Disconnect."""
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            await consumer.stop()

    async def _connected(self) -> Any:
        if self._consumer is None:
            consumer = new_consumer(
                self.brokers,
                auto_offset_reset="earliest",
                request_timeout_ms=_ANSWER_MS,
                fetch_max_wait_ms=_FETCH_MS,
                metadata_max_age_ms=_NEW_TOPICS_MS,
            )
            try:
                await consumer.start()
            except (KafkaError, OSError):
                await consumer.stop()
                raise
            self._consumer = consumer
        return self._consumer


async def _tails(consumer: Any, partitions: list[TopicPartition], most: int) -> list[Any]:
    """Read the last records of each partition; KafkaError, OSError."""
    starts, ends = await asyncio.gather(consumer.beginning_offsets(partitions), consumer.end_offsets(partitions))
    waiting = {each: max(starts[each], ends[each] - most) for each in partitions if starts[each] < ends[each]}
    found: list[Any] = []
    if not waiting:
        return found
    consumer.assign(list(waiting))
    try:
        for partition, start in waiting.items():
            consumer.seek(partition, start)
        while waiting:
            fetched = await consumer.getmany(*waiting, timeout_ms=_ANSWER_MS)
            if not fetched:
                raise KafkaError("Kafka sends no records")
            for partition, records in fetched.items():
                found += _before(records, ends[partition])
                if records[-1].offset + 1 >= ends[partition]:
                    del waiting[partition]
    finally:
        consumer.unsubscribe()  # or it would go on fetching
    return found


def _before(records: Iterable[Any], end: int) -> list[Any]:
    return [record for record in records if record.offset < end]
