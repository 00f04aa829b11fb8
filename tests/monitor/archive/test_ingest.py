"""From a real log into the archive: each record once, whatever ends the writer, and never from another log."""

import asyncio
import random
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import RecordsToDelete

from services.adapters.checkpoints.truth_log import TruthLog
from services.adapters.config.settings import Settings
from services.adapters.kafka.clients import new_admin, new_producer
from services.adapters.kafka.log_reader import Log
from services.adapters.kafka.topics import Topics, create_topics
from services.local.processes.child_process import ChildProcess
from services.monitor.archive.ingest import Archiver
from services.monitor.archive.parquet_log import ArchiveError, ParquetLog, files
from tests import tapes
from tests.controlled_servers import Kafka
from tests.monitor.archives import read_archive
from tests.waiting import until

pytestmark = pytest.mark.e2e

PARTITIONS = 3
Row = tuple[int, int, int, bytes | None, bytes | None]


@asynccontextmanager
async def produced(kafka: Kafka, prefix: str) -> AsyncIterator[tuple[Any, str]]:
    """Make the topics, and a producer to the one of the beds."""
    await create_topics(kafka.brokers, prefix, PARTITIONS)
    producer = new_producer(kafka.brokers)
    await producer.start()
    try:
        yield producer, Topics(prefix).bed_events
    finally:
        await producer.stop()


async def send(producer: Any, topic: str, count: int, start: int = 0) -> None:
    """Append so many records of the week, over and over, a hundred at a time."""
    week = tapes.load("week")
    for begin in range(start, start + count, 100):
        lines = [week[number % len(week)] for number in range(begin, min(begin + 100, start + count))]
        await asyncio.gather(*[await producer.send(topic, line.value, line.key) for line in lines])


async def logged(kafka: Kafka, topic: str) -> list[Row]:
    """Read the whole log by hand."""
    rows = []
    async with Log(kafka.brokers, topic) as log:
        for number, ends in (await log.ends(range(PARTITIONS))).items():
            async for records in log.read(number, ends.start, ends.end):
                rows += [(number, record.offset, record.timestamp, record.key, record.value) for record in records]
    return rows


def archived(root: Path) -> list[Row]:
    """Read the whole archive."""
    if not files(root):
        return []
    table = read_archive(root, ["partition", "offset", "timestamp", "key", "value"])
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))


def rows(root: Path) -> int:
    """Count the records of the archive by the metadata of its files."""
    return sum(file.run.rows for file in files(root))


def truth(kafka: Kafka, topic: str) -> TruthLog:
    """Return a reader of the beds of the data set that a topic belongs to."""
    return TruthLog(kafka.brokers, Topics(topic.removesuffix(".bed-events")), "beds")


async def catch_up(kafka: Kafka, topic: str, root: Path) -> int:
    """Archive all that is missing."""
    with ParquetLog(root) as archive:
        async with truth(kafka, topic) as log:
            return await Archiver(log, archive, PARTITIONS).catch_up()


async def test_all_there_is_once_each(kafka: Kafka, prefix: str, tmp_path: Path) -> None:
    """The archive has every record with its bytes and timestamp; catching up again adds what came since, and only that."""
    async with produced(kafka, prefix) as (producer, topic):
        await send(producer, topic, 300)
        assert await catch_up(kafka, topic, tmp_path) == 300
        assert await catch_up(kafka, topic, tmp_path) == 0
        await send(producer, topic, 50, start=300)
        async with truth(kafka, topic) as log:
            with ParquetLog(tmp_path) as archive:
                assert await Archiver(log, archive, PARTITIONS).missing() == 50
        assert await catch_up(kafka, topic, tmp_path) == 50
        assert archived(tmp_path) == await logged(kafka, topic)


@pytest.mark.long
@pytest.mark.timeout(300)
async def test_killed_ten_times_at_random(kafka: Kafka, prefix: str, tmp_path: Path) -> None:
    """Killed with -9 ten times at random while records come in: rows in the archive = records in the log, once each."""
    dice, root = random.Random(11), tmp_path / "archive"
    async with produced(kafka, prefix) as (producer, topic):
        argv = (sys.executable, "-m", "tests.monitor.archiver", kafka.bootstrap, prefix, str(PARTITIONS), str(root), "50")
        child = ChildProcess("archiver", argv, tmp_path / "archiver.log", Settings().environment())
        kills_with_work_left = 0
        try:
            for turn in range(10):
                wanted = rows(root) + dice.randrange(1, 1_500)
                async with asyncio.TaskGroup() as sending:  # each time anew, or a quick archiver leaves the last kills nothing to wait for
                    sending.create_task(send(producer, topic, 2_000, start=2_000 * turn))
                    child.start()
                    await until(lambda wanted=wanted: rows(root) >= wanted)  # type: ignore[misc]  # a default is no argument
                    await child.kill()
                kills_with_work_left += len(archived(root)) < 2_000 * (turn + 1)
        finally:
            await child.kill()
        assert kills_with_work_left >= 5
        await catch_up(kafka, topic, root)
        found = archived(root)
        assert len(found) == 20_000
        assert found == await logged(kafka, topic)


async def test_what_the_log_has_forgotten_stays(kafka: Kafka, prefix: str, tmp_path: Path) -> None:
    """Records deleted from the log stay in the archive, and it goes on behind them."""
    async with produced(kafka, prefix) as (producer, topic):
        await send(producer, topic, 200)
        await catch_up(kafka, topic, tmp_path)
        before = archived(tmp_path)
        await forget(kafka, topic, {number: sum(row[0] == number for row in before) for number in range(PARTITIONS)})
        await send(producer, topic, 100, start=200)
        assert await catch_up(kafka, topic, tmp_path) == 100
    assert set(before) < set(archived(tmp_path))
    assert len(archived(tmp_path)) == 300


async def test_forgotten_before_it_was_archived(kafka: Kafka, prefix: str, tmp_path: Path) -> None:
    """A log that has lost records which the archive lacks is refused: nothing is skipped in silence."""
    async with produced(kafka, prefix) as (producer, topic):
        await send(producer, topic, 100)
        await catch_up(kafka, topic, tmp_path)
        await send(producer, topic, 100, start=100)
        ends = {number: sum(row[0] == number for row in await logged(kafka, topic)) for number in range(PARTITIONS)}
        await forget(kafka, topic, ends)
        with pytest.raises(ArchiveError, match="no longer in it"):
            await catch_up(kafka, topic, tmp_path)


@pytest.mark.parametrize(("again", "why"), [(40, "it ends before"), (400, "another record")])
async def test_a_topic_made_anew(again: int, why: str, kafka: Kafka, prefix: str, tmp_path: Path) -> None:
    """A topic that was deleted and made anew is refused, shorter or longer than the archive, and nothing of it is mixed in."""
    async with produced(kafka, prefix) as (producer, topic):
        await send(producer, topic, 200)
        await catch_up(kafka, topic, tmp_path)
        before = archived(tmp_path)
        await delete(kafka, topic)
        await create_topics(kafka.brokers, prefix, PARTITIONS)
        await send(producer, topic, again, start=7)
        with pytest.raises(ArchiveError, match=why):
            await catch_up(kafka, topic, tmp_path)
    assert archived(tmp_path) == before


async def forget(kafka: Kafka, topic: str, before: dict[int, int]) -> None:
    """Have the broker delete the records of each partition before an offset."""
    admin = new_admin(kafka.brokers)
    await admin.start()
    try:
        await admin.delete_records({TopicPartition(topic, number): RecordsToDelete(offset) for number, offset in before.items()})
    finally:
        await admin.close()


async def delete(kafka: Kafka, topic: str) -> None:
    """Delete a topic, and wait until it is gone."""
    admin = new_admin(kafka.brokers)
    await admin.start()

    async def gone() -> bool:
        return topic not in await admin.list_topics()

    try:
        await admin.delete_topics([topic])
        await until(gone)
    finally:
        await admin.close()
