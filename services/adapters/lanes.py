"""Lanes: what is on its way to each partition, in as few batches as there are acknowledgements to wait for.

aiokafka can take records one by one, and then makes a future for each and wakes its task for each. Here the records of all callers join
the batch that leaves when the one before it is acknowledged, as a database joins what it commits, and a caller waits for batches.
"""

import asyncio
from asyncio import Future, Task
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from aiokafka.errors import KafkaError

from services.adapters.log_port import Place, Record
from services.adapters.topics import partition_of


@dataclass(slots=True, eq=False)
class _Batch:
    """Records that leave together; `acknowledged` is the offset of the first."""

    builder: Any
    acknowledged: Future[int]


@dataclass(slots=True)
class _Lane:
    """What waits to leave for one partition, the oldest first; `leaving` runs for as long as anything does."""

    producer: Any
    topic: str
    partition: int
    waiting: deque[_Batch] = field(default_factory=deque)
    leaving: Task[None] | None = None

    def join(self, record: Record) -> tuple[_Batch, int]:
        """Let a record leave with the last batch, or with one of its own behind it: which, and its number in it."""
        if not self.waiting or not self._fits(self.waiting[-1], record):
            self.waiting.append(_Batch(self.producer.create_batch(), asyncio.get_running_loop().create_future()))
            self._fits(self.waiting[-1], record)  # an empty one takes a record of any size
        if self.leaving is None or self.leaving.done():
            self.leaving = asyncio.create_task(self._leave())
        batch = self.waiting[-1]
        return batch, batch.builder.record_count() - 1

    @staticmethod
    def _fits(batch: _Batch, record: Record) -> bool:
        added = batch.builder.append(timestamp=None, key=record.key, value=record.value, headers=list(record.headers))
        return added is not None

    async def _leave(self) -> None:
        while self.waiting:
            batch = self.waiting.popleft()
            batch.builder.close()
            try:
                sent = await self.producer.send_batch(batch.builder, self.topic, partition=self.partition)
                batch.acknowledged.set_result(_known((await sent).offset))
            except (KafkaError, OSError) as wrong:
                batch.acknowledged.set_exception(wrong)
                batch.acknowledged.exception()  # looked at, so that asyncio does not complain when nobody waits for it any more


def _known(offset: int) -> int:
    if offset < 0:  # acknowledged as a duplicate whose offset the broker has forgotten: sent again it gets one
        raise KafkaError
    return offset


class Lanes:
    """All partitions of all topics, of one producer that is started."""

    def __init__(self, producer: Any) -> None:
        self._producer = producer
        self._lanes: dict[tuple[str, int], _Lane] = {}

    async def append(self, records: Sequence[Record]) -> list[Place]:
        """Append in order, and tell where each stands once all are acknowledged; KafkaError, OSError."""
        counts = {topic: len(await self._producer.partitions_for(topic)) for topic in {record.topic for record in records}}
        joined = [self._lane(record, counts[record.topic]) for record in records]
        stands = [(lane.partition, *lane.join(record)) for lane, record in zip(joined, records, strict=True)]
        # Shielded: a caller who gives up leaves the others of her batch waiting.
        first = {batch: await asyncio.shield(batch.acknowledged) for batch in {batch: None for _, batch, _ in stands}}
        return [Place(partition, first[batch] + number) for partition, batch, number in stands]

    async def flush(self) -> None:
        """Wait until nothing is on its way."""
        leaving = [lane.leaving for lane in self._lanes.values() if lane.leaving]
        if leaving:
            await asyncio.wait(leaving)

    def _lane(self, record: Record, partitions: int) -> _Lane:
        """Find the lane of a record: its key says which, or what it holds where it has none; of one partition nothing has to."""
        where = record.topic, partition_of(record.key or record.value or b"", partitions) if partitions > 1 else 0
        if where not in self._lanes:
            self._lanes[where] = _Lane(self._producer, *where)
        return self._lanes[where]
