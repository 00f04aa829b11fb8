"""A read of the log by itself, with a consumer that a test has filled: what is read, where it ends, and what a silent broker is."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from services.adapters.config.kafka_connection import KafkaConnection
from services.adapters.kafka.log_reader import Ends, Fingerprint, Log, fingerprint
from services.adapters.kafka.ports import LogUnavailableError

_PARTITION = TopicPartition("t", 3)


def _record(offset: int, value: bytes = b"v") -> Any:
    return SimpleNamespace(offset=offset, key=b"k", value=value, timestamp=5)


@dataclass
class _Consumer:
    """Returns two records a fetch from the offset it was sent to; `steps` has what it was to do."""

    offsets: list[int]
    steps: list[Any] = field(default_factory=list)
    place: int = 0
    wrong: Exception | None = None

    def assign(self, partitions: list[TopicPartition]) -> None:
        """Take a partition."""
        self.steps.append(("assign", *partitions))

    def unsubscribe(self) -> None:
        """Give it back."""
        self.steps.append("unsubscribe")

    def seek(self, _partition: TopicPartition, offset: int) -> None:
        """Go to an offset."""
        self.place = offset

    async def getmany(self, partition: TopicPartition, *, timeout_ms: int) -> dict[TopicPartition, list[Any]]:
        """Return the next two records."""
        assert timeout_ms
        if self.wrong:
            raise self.wrong
        found = [_record(offset) for offset in self.offsets if offset >= self.place][:2]
        if not found:
            return {}
        self.place = found[-1].offset + 1
        return {partition: found}

    async def beginning_offsets(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        """Return the first offset of each."""
        return {partition: partition.partition for partition in partitions}

    async def end_offsets(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        """Return the end of each."""
        return {partition: 10 + partition.partition for partition in partitions}


def _log(*offsets: int, wrong: Exception | None = None) -> tuple[Log, _Consumer]:
    log, consumer = Log(KafkaConnection("127.0.0.1:1"), "t"), _Consumer(list(offsets), wrong=wrong)
    log._consumer = consumer
    return log, consumer


async def _read(log: Log, start: int, end: int) -> list[int]:
    return [record.offset async for records in log.read(3, start, end) for record in records]


async def test_a_read_has_each_record_once_up_to_its_end() -> None:
    """Records are read in order from the start up to the end, which is excluded also within a batch; then nothing is fetched any more."""
    log, consumer = _log(0, 1, 2, 3, 4, 5)
    assert await _read(log, 1, 4) == [1, 2, 3]
    assert await _read(log, 1, 2) == [1]
    assert consumer.steps == [("assign", _PARTITION), "unsubscribe"] * 2


async def test_a_gap_that_compaction_left_is_read_over() -> None:
    """Offsets without a record are passed over, and a read whose last offset has none ends at the record behind it."""
    log, _ = _log(0, 4, 9, 12)
    assert await _read(log, 0, 11) == [0, 4, 9]


async def test_an_empty_stretch_asks_nothing() -> None:
    """A read of no records is over at once."""
    log, consumer = _log(0)
    assert (await _read(log, 4, 4), consumer.steps) == ([], [])


@pytest.mark.parametrize("wrong", [None, KafkaError("away"), ConnectionResetError()], ids=["silent", "error", "lost"])
async def test_a_log_that_sends_nothing_is_away(wrong: Exception | None) -> None:
    """A broker that sends no records where there must be some, and one that fails, is a log that is away: never an end."""
    log, consumer = _log(0, 1, wrong=wrong)
    with pytest.raises(LogUnavailableError):
        await _read(log, 0, 5)
    assert consumer.steps[-1] == "unsubscribe"


async def test_the_fingerprint_is_of_the_first_record_that_exists() -> None:
    """A log has the fingerprint of its first record, in which each part of that counts; an empty one has the empty one."""
    log, _ = _log(7, 8)
    assert await log.fingerprint(3, Ends(7, 9)) == fingerprint(_record(7))
    assert await log.fingerprint(3, Ends(9, 9)) == Fingerprint("")
    others = [_record(8), _record(7, b"w"), SimpleNamespace(offset=7, key=b"l", value=b"v", timestamp=5)]
    others.append(SimpleNamespace(offset=7, key=b"k", value=b"v", timestamp=6))
    assert len({fingerprint(each).text for each in [_record(7), *others]}) == 5
    assert (fingerprint(_record(7)).start, Fingerprint("").start) == (7, None)


async def test_the_ends_of_every_partition_are_read() -> None:
    """Each partition that is asked for has its begin and its end, the last one too; of none nothing is asked."""
    log, _ = _log()
    assert await log.ends([0, 3, 11]) == {0: Ends(0, 10), 3: Ends(3, 13), 11: Ends(11, 21)}
    assert await log.ends([]) == {}
