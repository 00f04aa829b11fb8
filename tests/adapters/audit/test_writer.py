"""The audit writer: an entry is acknowledged, callers share a batch, and after a failure a new chain continues the last record."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import orjson
import pytest
import pytest_asyncio

from services.adapters.audit.disk_buffer import AuditQueue
from services.adapters.audit.hash_chain import ChainLink, Checker
from services.adapters.audit.records import Entry, encode_record
from services.adapters.audit.writer import AuditWriter
from services.adapters.clock import now_ms
from services.adapters.http.app_factory import running
from services.adapters.kafka.ports import LogPosition, LogRecord, LogUnavailableError
from services.adapters.observability.metrics import Metrics
from tests.audited import Audited
from tests.twins.memory_log import MemoryLog
from tests.waiting import until

LOOK = Entry(at=0, happening="shelters-shown")


@pytest_asyncio.fixture
async def audited() -> AsyncIterator[Audited]:
    """Make an audit log with a running writer."""
    made = Audited()
    async with running(made.writer.run_forever):
        yield made


def is_intact(audited: Audited) -> bool:
    """Return whether every chain of the log is intact."""
    checker = Checker()
    return not any(checker.take(ChainLink(offset, 0, value)) for offset, value in enumerate(audited.values))


async def test_appended_entries_are_in_the_log(audited: Audited) -> None:
    """Appended entries are in the log in order, after the first record of a chain, and the chain is intact."""
    for number in range(3):
        await audited.writer.append(Entry(at=number, happening="shelters-shown"))
    assert [orjson.loads(value)["event"] for value in audited.values] == ["chain-begun", *["shelters-shown"] * 3]
    assert [each["at"] for each in audited.entries] == ["1970-01-01T00:00:00Z", "1970-01-01T00:00:00.001Z", "1970-01-01T00:00:00.002Z"]
    assert is_intact(audited)


class _Slow(MemoryLog):
    """A log that acknowledges when it is released, and counts its appends."""

    def __init__(self) -> None:
        super().__init__()
        self.go, self.asked = asyncio.Semaphore(0), 0

    async def append(self, records: Sequence[LogRecord]) -> list[LogPosition]:
        """Append once it may."""
        self.asked += 1
        await self.go.acquire()
        return await super().append(records)


async def test_waiting_entries_share_a_batch() -> None:
    """While one batch is on its way, a hundred other entries become one batch."""
    log = _Slow()
    audited = Audited(log=log)
    async with running(audited.writer.run_forever):
        log.go.release()
        await until(lambda: audited.writer.ready)
        first = asyncio.create_task(audited.writer.append(LOOK))
        await until(lambda: log.asked == 2)
        others = [asyncio.create_task(audited.writer.append(LOOK)) for _ in range(100)]
        await asyncio.sleep(0)
        assert not first.done()
        log.go.release()
        await first
        assert not any(other.done() for other in others)
        log.go.release()
        await asyncio.gather(*others)
    assert (log.asked, len(audited.entries), is_intact(audited)) == (3, 101, True)


async def test_without_kafka_an_append_fails_and_then_a_new_chain_continues(audited: Audited) -> None:
    """While Kafka is away an append fails at once; then a new chain continues the last acknowledged record."""
    await audited.writer.append(LOOK)
    audited.log.away = True
    with pytest.raises(LogUnavailableError):
        await audited.writer.append(LOOK)
    audited.log.away = False
    await until(lambda: audited.writer.ready)
    await audited.writer.append(LOOK)
    assert (len(audited.entries), is_intact(audited)) == (2, True)


class _Unsure(MemoryLog):
    """A log that appends without an acknowledgement."""

    silent = False

    async def append(self, records: Sequence[LogRecord]) -> list[LogPosition]:
        """Append."""
        places = await super().append(records)
        if self.silent:
            raise LogUnavailableError
        return places


async def test_a_batch_without_acknowledgement_breaks_no_chain() -> None:
    """The old chain has a batch that was never acknowledged, and the new chain continues the record before it: both are intact."""
    log = _Unsure()
    audited = Audited(log=log)
    async with running(audited.writer.run_forever):
        await audited.writer.append(LOOK)
        log.silent = True
        with pytest.raises(LogUnavailableError):
            await audited.writer.append(LOOK)
        log.silent = False
        await until(lambda: audited.writer.ready)
        await audited.writer.append(LOOK)
    assert len({orjson.loads(value)["chain"] for value in audited.values}) >= 2
    assert is_intact(audited)


async def test_another_program_continues_the_last_record(audited: Audited) -> None:
    """The chain of a second program continues the last record of the log, and both programs write on."""
    await audited.writer.append(LOOK)
    other = AuditWriter("plek.other", audited.log, audited.kept, now_ms, Metrics())
    async with running(other.run_forever):
        for writer in (other, audited.writer, other, audited.writer):
            await writer.append(LOOK)
    begun = [orjson.loads(value) for value in audited.values if orjson.loads(value)["number"] == 0]
    assert (len(begun), begun[0]["before"], begun[1]["before"]["number"], is_intact(audited)) == (2, None, 1, True)


async def test_a_caller_that_gives_up_harms_no_chain(audited: Audited) -> None:
    """A caller that leaves while its entry is being appended does not harm the chain."""
    leaving = asyncio.create_task(audited.writer.append(LOOK))
    await asyncio.sleep(0)
    leaving.cancel()
    await audited.writer.append(LOOK)
    assert is_intact(audited)


@pytest_asyncio.fixture
async def on_disk(tmp_path: Path) -> AsyncIterator[Audited]:
    """Make an audit log with a disk for its entries."""
    made = Audited(on_disk=tmp_path / "outbox")
    async with running(made.writer.run_forever):
        await until(lambda: made.writer.ready)
        yield made
    await made.writer.close()


def _times(audited: Audited) -> list[int]:
    return [int(each["at"][-4:-1]) if "." in each["at"] else 0 for each in audited.entries]


async def test_without_kafka_entries_wait_on_disk_and_are_chained_afterwards(on_disk: Audited) -> None:
    """Twenty entries appended during an outage are in the log afterwards, in order, with their own times, and the chain is intact."""
    on_disk.log.away = True
    for number in range(20):
        await on_disk.writer.append(Entry(at=number, happening="shelters-shown"))
    assert (on_disk.entries, on_disk.writer.ready) == ([], False)
    on_disk.log.away = False
    await until(lambda: on_disk.writer.ready)
    await on_disk.writer.append(Entry(at=20, happening="shelters-shown"))
    assert (_times(on_disk), is_intact(on_disk)) == (list(range(21)), True)


async def test_entries_that_an_ended_program_left_are_written_by_the_next(on_disk: Audited, tmp_path: Path) -> None:
    """Entries that an ended program left on disk are written by the next one, under the name of the first."""
    queue = AuditQueue(tmp_path / "outbox", Metrics())
    await queue.append("plek.ended", [Entry(at=7, happening="audit-shown", objects=(("shelter", "berk"),), what=("x",))])
    await queue.close()
    other = AuditWriter("plek.other", on_disk.log, on_disk.kept, now_ms, Metrics(), AuditQueue(tmp_path / "outbox", Metrics()))
    async with running(other.run_forever):
        await until(lambda: len(on_disk.entries) == 1)
    await other.close()
    [found] = on_disk.entries
    assert (found["source"], found["objects"], found["what"]) == ("plek.ended", [{"type": "shelter", "id": "berk"}], ["x"])
    assert is_intact(on_disk)


class _Late(MemoryLog):
    """A log that takes a batch and acknowledges it when it is released."""

    def __init__(self) -> None:
        super().__init__()
        self.go = asyncio.Event()
        self.go.set()

    async def append(self, records: Sequence[LogRecord]) -> list[LogPosition]:
        """Append, and answer later."""
        places = await super().append(records)
        await self.go.wait()
        return places


async def test_a_silent_log_is_doubted_in_less_than_a_second_and_then_not_asked(tmp_path: Path) -> None:
    """The first entry waits until the log is doubted, the others not at all; an entry acknowledged after all is in the log once."""
    log = _Late()
    audited = Audited(log=log, on_disk=tmp_path / "outbox")
    loop = asyncio.get_running_loop()
    async with running(audited.writer.run_forever):
        await until(lambda: audited.writer.ready)
        log.go.clear()
        began = loop.time()
        await audited.writer.append(Entry(at=0, happening="shelters-shown"))
        first, began = loop.time() - began, loop.time()
        for number in range(1, 10):
            await audited.writer.append(Entry(at=number, happening="shelters-shown"))
        # Nine that waited until they doubted would take seven seconds
        assert (0.5 < first < 3.5, loop.time() - began < 5) == (True, True)
        log.go.set()
        await until(lambda: audited.writer.ready)
    await audited.writer.close()
    assert (_times(audited), is_intact(audited)) == (list(range(10)), True)


async def test_an_entry_without_acknowledgement_is_written_twice(tmp_path: Path) -> None:
    """A batch that arrived and was never acknowledged is written again in a new chain, and both chains are intact."""
    log = _Unsure()
    audited = Audited(log=log, on_disk=tmp_path / "outbox")
    async with running(audited.writer.run_forever):
        await until(lambda: audited.writer.ready)
        log.silent = True
        for number in range(3):
            await audited.writer.append(Entry(at=number, happening="shelters-shown"))
        log.silent = False
        await until(lambda: audited.writer.ready)
    await audited.writer.close()
    times = _times(audited)
    assert (list(dict.fromkeys(times)), times.count(0) > 1, is_intact(audited)) == ([0, 1, 2], True, True)


class _Lost(MemoryLog):
    """A log that seems ready and takes nothing while `lost`."""

    lost = False

    async def append(self, records: Sequence[LogRecord]) -> list[LogPosition]:
        """Append, or say that it is away."""
        if self.lost:
            raise LogUnavailableError
        return await super().append(records)


async def test_a_late_batch_of_an_old_chain_breaks_nothing() -> None:
    """A batch that a frozen broker appends after a new chain has begun is the end of the old chain, however many records are between."""
    log = _Lost()
    audited = Audited(log=log)
    async with running(audited.writer.run_forever):
        await audited.writer.append(LOOK)
        last = audited.writer._last
        assert last
        log.lost = True
        with pytest.raises(LogUnavailableError):
            await audited.writer.append(LOOK)
        log.lost = False
        await until(lambda: audited.writer.ready)
        for _ in range(20):
            await audited.writer.append(LOOK)
        late = encode_record(LOOK, last.chain, last.number + 1, last, "plek.test")
        await log.append([LogRecord(audited.kept.topic, None, late)])
        await audited.writer.append(LOOK)
    assert (len({orjson.loads(value)["chain"] for value in audited.values}), is_intact(audited)) == (2, True)


async def test_neither_kafka_nor_a_disk_is_refused(on_disk: Audited, tmp_path: Path) -> None:
    """Without Kafka and without a disk an append fails at once; when Kafka is back entries are accepted again."""
    await until((tmp_path / "outbox" / "outbox.sqlite-wal").exists)
    (tmp_path / "outbox").rename(tmp_path / "gone")
    (tmp_path / "outbox").write_text("in the way")
    on_disk.log.away = True
    with pytest.raises(LogUnavailableError):
        await on_disk.writer.append(LOOK)
    assert not on_disk.writer.writable
    on_disk.log.away = False
    await until(lambda: on_disk.writer.ready)
    await on_disk.writer.append(LOOK)
    assert (len(on_disk.entries), is_intact(on_disk)) == (1, True)


async def test_a_disk_that_takes_nothing_is_not_needed_while_kafka_is_there(tmp_path: Path) -> None:
    """A program with a broken disk appends its entries while Kafka answers, from its start on."""
    (tmp_path / "outbox").write_text("in the way")
    audited = Audited(on_disk=tmp_path / "outbox")
    async with running(audited.writer.run_forever):
        await asyncio.gather(*(audited.writer.append(LOOK) for _ in range(3)))
        await audited.writer.append(LOOK)
    assert (len(audited.entries), is_intact(audited)) == (4, True)
