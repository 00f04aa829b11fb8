"""A topic read apart from Faust and from every group: where its partitions begin and end, their first records, and all in between."""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from dataclasses import dataclass
from hashlib import blake2b
from types import TracebackType
from typing import Any, Self

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from services.adapters.brokers import Brokers
from services.adapters.kafka import new_consumer
from services.adapters.log_port import LogUnavailableError

# A broker that does not answer within this many milliseconds counts as away; the next second asks again.
_ANSWER_MS = 5_000
_FETCH_MS = 5


@dataclass(frozen=True, slots=True)
class Ends:
    """The first offset of a partition that still exists, and the one its next record will get."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What tells a re-created topic: the start of the log, and timestamp and hash of the first record. Empty log: empty text."""

    text: str

    @property
    def start(self) -> int | None:
        """The offset of the record it was taken from."""
        return int(self.text.split(":")[0]) if self.text else None


def fingerprint(record: Any) -> Fingerprint:
    """Take the fingerprint of the first record of a partition."""
    digest = blake2b((record.key or b"") + b"\n" + (record.value or b""), digest_size=16).hexdigest()
    return Fingerprint(f"{record.offset}:{record.timestamp}:{digest}")


class Log:
    """A reader of one topic that belongs to no group."""

    def __init__(self, brokers: Brokers, topic: str) -> None:
        self.topic, self._brokers = topic, brokers
        self._consumer: Any = None
        self._reading = asyncio.Lock()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> None:
        await self.close()

    async def start(self) -> None:
        """Connect, if it is not yet; LogUnavailableError when Kafka is away."""
        if self._consumer is not None:
            return
        consumer = new_consumer(
            self._brokers,
            auto_offset_reset="none",
            request_timeout_ms=_ANSWER_MS,
            # A fetch that waits at the broker holds up whatever is asked after it on the same connection.
            fetch_max_wait_ms=_FETCH_MS,
            metadata_max_age_ms=30_000,
        )
        try:
            await consumer.start()
        except (KafkaError, OSError) as away:
            await consumer.stop()
            raise LogUnavailableError("Kafka can't be reached") from away
        self._consumer = consumer

    async def close(self) -> None:
        """Disconnect."""
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            await consumer.stop()

    async def ends(self, partitions: Iterable[int]) -> dict[int, Ends]:
        """Ask the broker where these partitions begin and end now."""
        tps = [TopicPartition(self.topic, partition) for partition in partitions]
        if not tps:
            return {}
        try:
            starts, ends = await asyncio.gather(self._consumer.beginning_offsets(tps), self._consumer.end_offsets(tps))
        except (KafkaError, OSError) as away:
            raise LogUnavailableError("Kafka can't be reached") from away
        return {tp.partition: Ends(starts[tp], ends[tp]) for tp in tps}

    async def fingerprint(self, partition: int, ends: Ends) -> Fingerprint:
        """Read the first record of a partition; an empty log has an empty fingerprint."""
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
