"""Group commit for each partition: the records of all callers leave in one batch when the batch before it is acknowledged (ADR 25).

aiokafka can take records one by one, and then makes a future and wakes its task for each. Here a caller waits for batches.
"""

import asyncio
from asyncio import Future, Task
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from aiokafka.errors import KafkaError

from services.adapters.kafka.ports import LogPosition, LogRecord
from services.adapters.kafka.topics import partition_of


@dataclass(slots=True, eq=False)
class _Batch:
    """Records that are sent together; `acknowledged` is the offset of the first."""

    builder: Any
    acknowledged: Future[int]


@dataclass(slots=True)
class _Batcher:
    """The batches that wait for one partition, the oldest first; `sending` runs while there are any."""

    producer: Any
    topic: str
    partition: int
    waiting: deque[_Batch] = field(default_factory=deque)
    sending: Task[None] | None = None

    def add(self, record: LogRecord) -> tuple[_Batch, int]:
        """Add a record to the last batch or to a new one behind it; return the batch and the record's number in it."""
        if not self.waiting or not self._fits(self.waiting[-1], record):
            self.waiting.append(_Batch(self.producer.create_batch(), asyncio.get_running_loop().create_future()))
            self._fits(self.waiting[-1], record)  # an empty one takes a record of any size
        if self.sending is None or self.sending.done():
            self.sending = asyncio.create_task(self._send())
        batch = self.waiting[-1]
        return batch, batch.builder.record_count() - 1

    @staticmethod
    def _fits(batch: _Batch, record: LogRecord) -> bool:
        added = batch.builder.append(timestamp=None, key=record.key, value=record.value, headers=list(record.headers))
        return added is not None

    async def _send(self) -> None:
        while self.waiting:
            batch = self.waiting.popleft()
            batch.builder.close()
            try:
                sent = await self.producer.send_batch(batch.builder, self.topic, partition=self.partition)
                batch.acknowledged.set_result(_offset(await sent))
            except (KafkaError, OSError) as wrong:
                batch.acknowledged.set_exception(wrong)
                batch.acknowledged.exception()  # read once, so that asyncio does not complain when no caller waits for it any more


def _offset(acknowledged: Any) -> int:
    offset: int = acknowledged.offset
    if offset < 0:  # acknowledged as a duplicate, and the broker has forgotten its offset: sent again it gets one
        raise KafkaError
    return offset


class PartitionBatcher:
    """The batches of all partitions of all topics, of one producer that is started."""

    def __init__(self, producer: Any) -> None:
        self._producer = producer
        self._batchers: dict[tuple[str, int], _Batcher] = {}

    async def append(self, records: Sequence[LogRecord]) -> list[LogPosition]:
        """Append in order, and return the position of each once all are acknowledged; KafkaError, OSError."""
        counts = {topic: len(await self._producer.partitions_for(topic)) for topic in {record.topic for record in records}}
        batchers = [self._batcher(record, counts[record.topic]) for record in records]
        added = [(batcher.partition, *batcher.add(record)) for batcher, record in zip(batchers, records, strict=True)]
        # Shielded: the other callers of a batch still wait for it when one gives up.
        first = {batch: await asyncio.shield(batch.acknowledged) for batch in {batch: None for _, batch, _ in added}}
        return [LogPosition(partition, first[batch] + number) for partition, batch, number in added]

    async def flush(self) -> None:
        """Wait until nothing is on its way."""
        sending = [batcher.sending for batcher in self._batchers.values() if batcher.sending]
        if sending:
            await asyncio.wait(sending)

    def _batcher(self, record: LogRecord, partitions: int) -> _Batcher:
        """Return the batcher of a record's partition, which its key decides, or its value where it has no key."""
        where = record.topic, partition_of(record.key or record.value or b"", partitions) if partitions > 1 else 0
        if where not in self._batchers:
            self._batchers[where] = _Batcher(self._producer, *where)
        return self._batchers[where]
