"""Reads a topic outside Faust and every consumer group: where its partitions begin and end, and their records."""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from dataclasses import dataclass
from hashlib import blake2b
from types import TracebackType
from typing import Any, Self

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from services.adapters.config.kafka_connection import KafkaConnection
from services.adapters.kafka.clients import new_consumer, stop_consumer
from services.adapters.kafka.ports import LogUnavailableError

# A broker that does not answer within this many milliseconds counts as away.
_ANSWER_MS = 5_000
_FETCH_MS = 5


@dataclass(frozen=True, slots=True)
class Ends:
    """The first offset of a partition that still exists, and the one its next record will get."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What identifies a topic that was re-created: start of the log, timestamp and hash of the first record. Empty log: empty text."""

    text: str

    @property
    def start(self) -> int | None:
        """The offset of the first record; None for an empty log."""
        return int(self.text.split(":")[0]) if self.text else None


def fingerprint(record: Any) -> Fingerprint:
    """Compute the fingerprint of the first record of a partition."""
    digest = blake2b((record.key or b"") + b"\n" + (record.value or b""), digest_size=16).hexdigest()
    return Fingerprint(f"{record.offset}:{record.timestamp}:{digest}")


class Log:
    """A reader of one topic that belongs to no group."""

    def __init__(self, brokers: KafkaConnection, topic: str) -> None:
        self.topic, self._brokers = topic, brokers
        self._consumer: Any = None
        self._reading = asyncio.Lock()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> None:
        await self.close()

    async def start(self) -> None:
        """Connect, unless connected; LogUnavailableError when Kafka is away."""
        if self._consumer is not None:
            return
        consumer = new_consumer(
            self._brokers,
            auto_offset_reset="none",
            request_timeout_ms=_ANSWER_MS,
            # A fetch that waits at the broker holds up the next request on the same connection.
            fetch_max_wait_ms=_FETCH_MS,
            metadata_max_age_ms=30_000,
        )
        try:
            await consumer.start()
        except (KafkaError, OSError) as away:
            await stop_consumer(consumer)
            raise LogUnavailableError("Kafka can't be reached") from away
        self._consumer = consumer

    async def close(self) -> None:
        """Disconnect."""
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            await stop_consumer(consumer)

    async def ends(self, partitions: Iterable[int]) -> dict[int, Ends]:
        """Read from the broker where these partitions begin and end now; LogUnavailableError."""
        tps = [TopicPartition(self.topic, partition) for partition in partitions]
        if not tps:
            return {}
        try:
            starts, ends = await asyncio.gather(self._consumer.beginning_offsets(tps), self._consumer.end_offsets(tps))
        except (KafkaError, OSError) as away:
            raise LogUnavailableError("Kafka can't be reached") from away
        return {tp.partition: Ends(starts[tp], ends[tp]) for tp in tps}

    async def offset_at(self, partition: int, at: int) -> int | None:
        """Read the offset of the first record of a partition that was logged at `at` (ms) or later; None where there is none."""
        tp = TopicPartition(self.topic, partition)
        try:
            found = await self._consumer.offsets_for_times({tp: max(at, 0)})
        except (KafkaError, OSError) as away:
            raise LogUnavailableError("Kafka can't be reached") from away
        return None if found[tp] is None else int(found[tp].offset)

    async def fingerprint(self, partition: int, ends: Ends) -> Fingerprint:
        """Read the fingerprint of a partition from its first record; that of an empty log is empty."""
        async with aclosing(self.read(partition, ends.start, min(ends.start + 1, ends.end))) as reading:
            async for records in reading:
                return fingerprint(records[0])
        return Fingerprint("")

    async def read(self, partition: int, start: int, end: int) -> AsyncGenerator[list[Any], None]:
        """Read the records from `start` up to `end` (excluded), in batches; LogUnavailableError when none come."""
        if start >= end:
            return
        tp = TopicPartition(self.topic, partition)
        async with self._reading:
            self._consumer.assign([tp])
            self._consumer.seek(tp, start)
            try:
                position = start
                while position < end:
                    records = await self._fetch(tp)
                    position = records[-1].offset + 1
                    yield [record for record in records if record.offset < end]
            finally:
                self._consumer.unsubscribe()  # or it would go on fetching

    async def _fetch(self, tp: TopicPartition) -> list[Any]:
        try:
            fetched = await self._consumer.getmany(tp, timeout_ms=_ANSWER_MS)
        except (KafkaError, OSError) as away:
            raise LogUnavailableError("Kafka can't be reached") from away
        if not fetched.get(tp):
            raise LogUnavailableError("Kafka sends no records")
        return list(fetched[tp])
