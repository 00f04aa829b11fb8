"""Group commit by itself, with a producer that acknowledges when a test says so: whose record has which offset, and who waits for what."""

import asyncio
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.errors import KafkaError
from aiokafka.producer.message_accumulator import BatchBuilder

from services.adapters.kafka.batching import PartitionBatcher
from services.adapters.kafka.ports import LogPosition, LogRecord

_BYTES = 400


@dataclass
class _Producer:
    """Takes batches of one topic; `sent` has how many records each has, and the oldest waits until `acknowledge` is called."""

    partitions: int = 1
    sent: list[int] = field(default_factory=list)
    waiting: list["asyncio.Future[Any]"] = field(default_factory=list)

    async def partitions_for(self, _topic: str) -> set[int]:
        """Return the partitions of the topic."""
        return set(range(self.partitions))

    def create_batch(self) -> Any:
        """Return a batch that takes a few records."""
        return BatchBuilder(_BYTES, 0)

    async def send_batch(self, builder: Any, _topic: str, *, partition: int) -> "asyncio.Future[Any]":  # noqa: ARG002 - as aiokafka has it
        """Take a batch."""
        self.sent.append(builder.record_count())
        self.waiting.append(asyncio.get_running_loop().create_future())
        return self.waiting[-1]

    def acknowledge(self, offset: int) -> None:
        """Acknowledge the oldest batch that waits: its first record has this offset."""
        self.waiting.pop(0).set_result(SimpleNamespace(offset=offset))


def _record(number: int) -> LogRecord:
    return LogRecord("t", b"k", b"%04d" % number * 10)


async def _settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_each_record_of_a_batch_has_an_offset_of_its_own() -> None:
    """The records of several callers leave together, and each caller is answered with the offsets of its own, in order."""
    producer = _Producer()
    batcher = PartitionBatcher(producer)
    callers = [asyncio.create_task(batcher.append([_record(2 * each), _record(2 * each + 1)])) for each in range(3)]
    await _settle()
    producer.acknowledge(70)
    await _settle()
    if producer.waiting:
        producer.acknowledge(70 + producer.sent[0])
    positions = [position for caller in callers for position in await caller]
    assert positions == [LogPosition(0, 70 + number) for number in range(6)]
    assert sum(producer.sent) == 6


async def test_a_batch_leaves_when_the_one_before_it_is_acknowledged() -> None:
    """Records that are handed over meanwhile wait, and then leave as one batch: nothing overtakes."""
    producer = _Producer()
    batcher = PartitionBatcher(producer)
    first = asyncio.create_task(batcher.append([_record(0)]))
    await _settle()
    later = [asyncio.create_task(batcher.append([_record(number)])) for number in (1, 2)]
    await _settle()
    assert producer.sent == [1]
    producer.acknowledge(5)
    await _settle()
    assert producer.sent == [1, 2]
    producer.acknowledge(6)
    assert [await each for each in (first, *later)] == [[LogPosition(0, offset)] for offset in (5, 6, 7)]


async def test_an_acknowledgement_without_an_offset_is_none() -> None:
    """A duplicate of which the broker has forgotten the offset is an error to its caller, who sends it again."""
    producer = _Producer()
    caller = asyncio.create_task(PartitionBatcher(producer).append([_record(0)]))
    await _settle()
    producer.acknowledge(-1)
    with pytest.raises(KafkaError):
        await caller


async def test_a_caller_that_gives_up_takes_nothing_from_the_others() -> None:
    """One of two callers of a batch is cancelled: the other is answered all the same."""
    producer = _Producer()
    batcher = PartitionBatcher(producer)
    gone, stays = (asyncio.create_task(batcher.append([_record(number)])) for number in range(2))
    await _settle()
    gone.cancel()
    await _settle()
    producer.acknowledge(3)
    await _settle()
    if producer.waiting:
        producer.acknowledge(4)
    assert await stays == [LogPosition(0, 4)]


async def test_a_batch_that_fails_fails_its_callers_and_not_the_next() -> None:
    """The error of a batch is raised to each of its callers; the next batch leaves."""
    producer = _Producer()
    batcher = PartitionBatcher(producer)
    failing = asyncio.create_task(batcher.append([_record(0)]))
    await _settle()
    following = asyncio.create_task(batcher.append([_record(1)]))
    producer.waiting.pop(0).set_exception(KafkaError("away"))
    await _settle()
    producer.acknowledge(9)
    with pytest.raises(KafkaError):
        await failing
    assert await following == [LogPosition(0, 9)]


async def test_records_of_one_key_go_to_one_partition() -> None:
    """Of many partitions a key has one, whatever its value: the events of a shelter keep their order."""
    producer = _Producer(partitions=12)
    batcher = PartitionBatcher(producer)
    callers = [asyncio.create_task(batcher.append([_record(number)])) for number in range(4)]
    partitions = set()
    for caller in callers:
        for _ in range(100):
            await asyncio.sleep(0)
            if producer.waiting:
                producer.acknowledge(0)
        partitions |= {position.partition for position in await caller}
    assert len(partitions) == 1


async def test_batches_that_wait_leave_in_the_order_in_which_they_came() -> None:
    """Records that fill three batches leave oldest first, and a flush ends when the last of them is acknowledged."""
    producer = _Producer()
    batcher = PartitionBatcher(producer)
    caller = asyncio.create_task(batcher.append([_record(number) for number in range(20)]))
    await _settle()
    flushing, offsets = asyncio.create_task(batcher.flush()), []
    while not caller.done():
        assert not flushing.done()
        offsets.append(sum(producer.sent[:-1]))
        producer.acknowledge(offsets[-1])
        await _settle()
    assert len(producer.sent) >= 3
    assert await caller == [LogPosition(0, number) for number in range(20)]
    await flushing
