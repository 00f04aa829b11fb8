"""When the intake commits: after the log has what became of the records, and never where that is not known."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from services.adapters.config.kafka_connection import KafkaConnection
from services.adapters.kafka.ports import LogUnavailableError
from services.adapters.kafka.topics import Topics
from services.adapters.view.ports import ViewUnavailableError
from services.gateway import kafka_intake
from services.gateway.kafka_intake import KafkaIntake

_PARTITION = TopicPartition("plek.intake.org-1", 3)
_RECORDS = [SimpleNamespace(offset=offset) for offset in (7, 8, 11)]


@dataclass
class _Both:
    """The reader and the consumer as one: what happens to the records, in order."""

    raises: Exception | None = None
    steps: list[Any] = field(default_factory=list)

    async def take(self, topic: str, records: Any, _topics: Any) -> None:
        """Take records, or fail as the reader does."""
        if self.raises:
            raise self.raises
        self.steps.append(("taken", topic, [record.offset for record in records]))

    async def topics(self) -> set[str]:
        """Return no topics."""
        return set()

    async def commit(self, offsets: dict[TopicPartition, int]) -> None:
        """Note what is committed."""
        self.steps.append(("committed", offsets))

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """Note where reading goes on."""
        self.steps.append(("read again", partition, offset))


async def test_a_batch_is_committed_after_the_log_has_it() -> None:
    """The offset after the last record is committed, once what became of all of them was appended."""
    both = _Both()
    await KafkaIntake(KafkaConnection("k:1"), both)._handle(both, _PARTITION, _RECORDS)  # type: ignore[arg-type]
    assert both.steps == [("taken", _PARTITION.topic, [7, 8, 11]), ("committed", {_PARTITION: 12})]


@pytest.mark.parametrize("away", [LogUnavailableError(), ViewUnavailableError("away")])
async def test_a_batch_that_could_not_be_appended_is_read_again(monkeypatch: pytest.MonkeyPatch, away: Exception) -> None:
    """Without the log or the view nothing is committed, and the batch is read again from its first record."""
    monkeypatch.setattr(kafka_intake, "_RETRY_S", 0)
    both = _Both(raises=away)
    await KafkaIntake(KafkaConnection("k:1"), both)._handle(both, _PARTITION, _RECORDS)  # type: ignore[arg-type]
    assert both.steps == [("read again", _PARTITION, 7)]


async def test_all_that_a_poll_brings_is_handed_on() -> None:
    """Of a poll with records of three partitions each is taken and committed, one after the other."""
    both, polls = _Both(), [{TopicPartition("plek.intake.org-1", number): _RECORDS for number in range(3)}]

    async def getmany(**_: int) -> dict[TopicPartition, Any]:
        if not polls:
            raise KafkaError
        return polls.pop()

    consumer = SimpleNamespace(getmany=getmany, commit=both.commit, topics=both.topics)
    with pytest.raises(KafkaError):
        await KafkaIntake(KafkaConnection("k:1"), both)._consume(consumer)  # type: ignore[arg-type]
    assert [step[0] for step in both.steps] == ["taken", "committed"] * 3
    assert [partition.partition for _, offsets in both.steps[1::2] for partition in offsets] == [0, 1, 2]


async def test_the_intake_begins_with_the_oldest_record() -> None:
    """A topic that is new to the group is read from its first record: what was written before the topic was found is not passed over."""
    reader: Any = SimpleNamespace(topics=Topics("plek"))
    consumer = KafkaIntake(KafkaConnection("k:1"), reader)._consumer()
    assert (consumer._auto_offset_reset, consumer._enable_auto_commit) == ("earliest", False)
