"""The topic of checkpoints: a run counts whole or not at all, and of a partition the one with the highest offset."""

from typing import Any

import pytest

from services.adapters.checkpoints.checkpoint import Checkpoint, from_bytes, to_bytes
from services.adapters.checkpoints.checkpoint_topic import CheckpointTopic, append_checkpoints
from services.adapters.kafka.ports import LogRecord, LogUnavailableError
from services.adapters.view.ports import Position, Saved
from tests.twins.memory_log import MemoryLog
from tests.twins.memory_log_reader import MemoryLogReader

TOPIC = "plek.checkpoints"


def checkpoint(offset: int, partition: int = 3, text: str = "{}") -> Checkpoint:
    """Return a checkpoint with one fact."""
    position = Position(offset=offset - 1, clock=9, dead_letters=2, swept_at=9, checkpoint=offset)
    state = Saved(
        position=position,
        facts={offset - 1: text.encode()},
        seen={b"s" * 16: 4},
        corrected={b"c" * 16: 5},
        holds={"berk/h": b"{}"},
        shelters={"berk": b"{}"},
    )
    return Checkpoint(topic="beds", partition=partition, limit=7, mark="m", state=state, last_happened={"berk": 2**70})


class Log:
    """The log in memory with a topic of checkpoints, and its reader."""

    def __init__(self) -> None:
        self.log = MemoryLog(partitions=1)
        reader: Any = MemoryLogReader(self.log, TOPIC)
        self.topic = CheckpointTopic(reader)

    async def append(self, run: str, *checkpoints: Checkpoint) -> None:
        """Append a run."""
        await append_checkpoints(self.log, TOPIC, run, checkpoints)

    @property
    def records(self) -> list[LogRecord]:
        """The records of the topic."""
        return self.log.records[TOPIC, 0]


def test_a_checkpoint_is_read_as_it_was_written() -> None:
    """Every member survives, times beyond what JSON readers hold too."""
    assert from_bytes(to_bytes(checkpoint(5))) == checkpoint(5)


@pytest.mark.parametrize("raw", [b"", b"x", to_bytes(checkpoint(5))[:-9]])
def test_what_is_no_checkpoint_is_refused(raw: bytes) -> None:
    """Bytes that are none, or half of one, raise ValueError."""
    with pytest.raises(ValueError, match="checkpoint"):
        from_bytes(raw)


async def test_a_run_counts_once_it_is_whole() -> None:
    """Whatever of a run is missing, its last record or a piece, none of it counts; those of before do."""
    here = Log()
    await here.append("first", checkpoint(5, 3), checkpoint(6, 4))
    await here.append("second", checkpoint(15, 3), checkpoint(16, 4))
    whole = list(here.records)
    for end in range(3, 6):
        here.records[:] = whole[:end]
        assert {key: each.offset for key, each in (await here.topic.newest()).items()} == {("beds", 3): 5, ("beds", 4): 6}
    here.records[:] = [*whole[:4], *whole[5:], whole[0]]
    assert {key: each.offset for key, each in (await here.topic.newest()).items()} == {("beds", 3): 5, ("beds", 4): 6}
    here.records[:] = [*whole, whole[0], whole[0]]
    assert {key: each.offset for key, each in (await here.topic.newest()).items()} == {("beds", 3): 15, ("beds", 4): 16}


async def test_a_later_run_of_an_earlier_time_changes_nothing() -> None:
    """Of two operators at once the one with the longer memory may be the last: what was forgotten stays so."""
    here = Log()
    await here.append("first", checkpoint(15))
    await here.append("second", checkpoint(5))
    assert (await here.topic.newest())["beds", 3].offset == 15
    assert await here.topic.first_needed() == 0


async def test_what_no_checkpoint_is_read_from_can_be_deleted() -> None:
    """The first record that is needed is that of the oldest run a checkpoint counts from, whatever was left half done after it."""
    here = Log()
    assert await here.topic.first_needed() == 0
    await here.append("first", checkpoint(5, 3), checkpoint(6, 4))
    await here.append("second", checkpoint(15, 3))
    assert await here.topic.first_needed() == 0
    await here.append("third", checkpoint(25, 3), checkpoint(26, 4))
    here.records.append(here.records[0])
    assert await here.topic.first_needed() == 5


async def test_a_large_checkpoint_is_cut_into_pieces() -> None:
    """One that is larger than a record may be is read as it was written, also between the pieces of another run."""
    here = Log()
    large = checkpoint(5, text="".join(chr(0x4E00 + (at * 7_919) % 20_000) for at in range(600_000)))
    await here.append("first", large)
    assert len(here.records) > 2
    assert max(len(record.value or b"") for record in here.records) < 600_000
    assert (await here.topic.newest())["beds", 3] == large


async def test_without_kafka_nothing_is_known() -> None:
    """While Kafka is away there is no answer, rather than none."""
    here = Log()
    here.log.away = True
    with pytest.raises(LogUnavailableError):
        await here.topic.newest()
