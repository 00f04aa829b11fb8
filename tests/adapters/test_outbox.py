"""The outbox: what was promised survives any end of the process, leaves in order, and is deleted after the acknowledgement only."""

import asyncio
import resource
import signal
import sqlite3
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from services.adapters.disk_queue import DiskQueue, Queued
from services.adapters.http.app_factory import running
from services.adapters.kafka.ports import LogPosition, LogRecord, LogUnavailableError, TooLargeError
from services.adapters.observability.metrics import Metrics
from services.adapters.outbox import Outbox, OutboxError
from tests.twins.memory_log import MemoryLog
from tests.waiting import until

TOPIC = "plek.demand-events"
FILE = "outbox.sqlite"


def record(number: int) -> LogRecord:
    """Make a record."""
    return LogRecord(TOPIC, f"key-{number}".encode(), f'{{"n":{number}}}'.encode())


def sent(log: MemoryLog) -> list[bytes]:
    """List what came into the log, by its number."""
    return sorted(record.value or b"" for records in log.records.values() for record in records)


def values(*numbers: int) -> list[bytes]:
    """List the values of records."""
    return [record(number).value or b"" for number in numbers]


def box(folder: Path, log: MemoryLog) -> Outbox:
    """Open an outbox as a process would."""
    return Outbox(folder, log, Metrics())


def rows(folder: Path, table: str = "queued") -> int:
    """Count what is on disk, with a connection of the test's own."""
    with closing(sqlite3.connect(folder / FILE)) as file:
        [(count,)] = file.execute(f"SELECT count(*) FROM {table}")  # noqa: S608  a name of this module
        return int(count)


def away() -> MemoryLog:
    """Make a log of one partition that can't be reached."""
    log = MemoryLog(partitions=1)
    log.away = True
    return log


async def test_what_waits_goes_out_in_order_once_kafka_answers(tmp_path: Path) -> None:
    """Five records that waited on disk leave in the order in which they came, and the disk is empty then."""
    log = away()
    mine = box(tmp_path, log)
    async with running(mine.run_forever):
        for number in range(5):
            await mine.append([record(number)])
        assert (len(mine.waiting), sent(log), rows(tmp_path)) == (5, [], 5)
        log.away = False
        await until(lambda: not mine.waiting)
    assert [kept.value for kept in log.records[TOPIC, 0]] == values(*range(5))
    assert rows(tmp_path) == 0
    await mine.close()


async def test_appends_of_many_callers_at_once_are_all_kept(tmp_path: Path) -> None:
    """Two hundred appends at the same instant are on disk, each once, and leave in the order of the disk."""
    log = away()
    mine = box(tmp_path, log)
    await asyncio.gather(*(mine.append([record(number)]) for number in range(200)))
    with closing(sqlite3.connect(tmp_path / FILE)) as file:
        order = [value for (value,) in file.execute("SELECT value FROM queued ORDER BY id")]
    log.away = False
    await mine.drain()
    assert [kept.value for kept in log.records[TOPIC, 0]] == order
    assert sorted(order) == sorted(values(*range(200)))
    await mine.close()


async def test_the_file_is_written_through_at_each_commit(tmp_path: Path) -> None:
    """The file is in WAL mode with synchronous=FULL, which means an fsync before an append returns, and is for its owner alone."""
    queue = DiskQueue(tmp_path, "log")
    await queue.append([record(1)])
    connection = queue._open
    assert connection
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}
    await queue.close()


_PROMISES = """
import asyncio
import sys
from pathlib import Path
from services.adapters.disk_queue import DiskQueue
from services.adapters.kafka.ports import LogRecord
queue = DiskQueue(Path(sys.argv[1]), "log")
for number in range(100000):
    asyncio.run(queue.append([LogRecord("plek.demand-events", f"key-{number}".encode(), f'{{"n":{number}}}'.encode())]))
    print(number, flush=True)
"""


@pytest.mark.e2e
async def test_a_process_killed_while_it_promises_loses_nothing(tmp_path: Path) -> None:
    """Each record that a process said was queued before it was killed with -9 is sent by the next one, and none of them twice."""
    for round_ in range(3):
        folder = tmp_path / str(round_)
        child = await asyncio.create_subprocess_exec(sys.executable, "-c", _PROMISES, str(folder), stdout=asyncio.subprocess.PIPE)
        assert child.stdout
        promised = [int(await child.stdout.readline()) for _ in range(20)]
        child.kill()
        rest, _ = await child.communicate()
        promised += [int(line) for line in rest.split(b"\n")[:-1]]
        assert child.returncode == -signal.SIGKILL
        log = MemoryLog(partitions=1)
        next_one = box(folder, log)
        async with running(next_one.run_forever):
            await until(lambda log=log, promised=promised: len(log.records[TOPIC, 0]) >= len(promised))  # type: ignore[misc]
            await until(lambda box=next_one: not box.waiting)  # type: ignore[misc]
        found = [kept.value for kept in log.records[TOPIC, 0]]
        # One more may have been written and not said
        assert found in (values(*promised), values(*promised, len(promised)))
        await next_one.close()


_COMES_AND_GOES = """
import asyncio
import sys
from pathlib import Path
from services.adapters.disk_queue import DiskQueue
from services.adapters.kafka.ports import LogRecord
async def main():
    queue = DiskQueue(Path(sys.argv[1]), "log")
    await queue.append([LogRecord("plek.demand-events", b"key", b"{}")])
    await queue.close()
asyncio.run(main())
"""
_COUNT = "import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute('SELECT count(*) FROM queued').fetchone()[0])"


async def _output(code: str, path: Path) -> bytes:
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", code, str(path), stdout=asyncio.subprocess.PIPE)
    return (await child.communicate())[0]


@pytest.mark.e2e
async def test_a_process_that_stops_takes_nothing_from_one_that_goes_on(tmp_path: Path) -> None:
    """With two queues of this process open in a file, another process comes and stops: what is queued afterwards is on the disk for all."""
    queues = [DiskQueue(tmp_path, name) for name in ("log", "audit")]
    for queue in queues:
        await queue.append([record(1)])
    await _output(_COMES_AND_GOES, tmp_path)
    for queue in queues:
        await queue.append([record(2)])
    assert await _output(_COUNT, tmp_path / FILE) == b"5\n"
    for queue in queues:
        await queue.close()


class _Silent(MemoryLog):
    """A log that takes records and is killed before it acknowledges them, for as long as `silent`."""

    silent = True

    async def append(self, records: Sequence[LogRecord]) -> list[LogPosition]:
        """Append records."""
        places = await super().append(records)
        if self.silent:
            raise LogUnavailableError
        return places


class _DeletesFirst(Outbox):
    """An outbox with a planted bug: it deletes a record before the log has acknowledged it."""

    async def _send(self, batch: Sequence[Queued]) -> None:
        await self._disk.delete([queued.id for queued in batch])
        await super()._send(batch)


async def _survives(folder: Path, outbox: type[Outbox]) -> bool:
    """Return whether a record outlives a process that ends between the send and the acknowledgement."""
    log = _Silent(partitions=1)
    ended = outbox(folder, log, Metrics())
    await ended.append([record(1)])
    await ended.drain()
    await ended.close()
    log.records.clear()  # as if it had never arrived
    log.silent = False
    next_one = box(folder, log)
    await next_one._adopt()
    await next_one.drain()
    await next_one.close()
    return sent(log) == values(1)


async def test_a_record_is_deleted_after_the_acknowledgement_only(tmp_path: Path) -> None:
    """A record that was sent and not acknowledged is sent again by the next process; an outbox that deletes first loses it."""
    assert await _survives(tmp_path / "ours", Outbox)
    assert not await _survives(tmp_path / "planted", _DeletesFirst)


async def test_a_record_waits_until_it_is_acknowledged(tmp_path: Path) -> None:
    """While a record is on its way it counts as waiting, and so it does when no acknowledgement came: nothing may overtake it."""
    log = _Silent(partitions=1)
    mine = box(tmp_path, log)
    await mine.append([record(1)])
    log.answers.clear()
    sending = asyncio.create_task(mine.drain())
    await asyncio.sleep(0)
    assert mine.waiting == [record(1)]
    log.answers.set()
    await sending
    assert mine.waiting == [record(1)]
    await mine.close()


async def test_what_came_meanwhile_stays_while_a_batch_is_sent(tmp_path: Path) -> None:
    """A record that is queued while another is on its way leaves after it, and neither is forgotten."""
    log = MemoryLog(partitions=1)
    mine = box(tmp_path, log)
    await mine.append([record(1)])
    log.answers.clear()
    sending = asyncio.create_task(mine.drain())
    await mine.append([record(2)])
    assert mine.waiting == [record(1), record(2)]
    log.answers.set()
    await sending
    assert ([kept.value for kept in log.records[TOPIC, 0]], mine.waiting, rows(tmp_path)) == (values(1, 2), [], 0)
    await mine.close()


class _AnswersInReverse(DiskQueue):
    """A disk that answers the first of two appends after the second."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "log")
        self.second = asyncio.Event()

    async def append(self, records: Sequence[LogRecord]) -> list[int]:
        """Append records."""
        numbers = await super().append(records)
        if numbers == [1]:
            await self.second.wait()
        self.second.set()
        return numbers


async def test_what_the_disk_answers_in_reverse_leaves_in_its_order(tmp_path: Path) -> None:
    """Of two records that are queued at once the one with the lower number on disk leaves first, whichever append is answered first."""
    log = MemoryLog(partitions=1)
    mine = box(tmp_path, log)
    mine._disk = _AnswersInReverse(tmp_path)
    first = asyncio.create_task(mine.append([record(1)]))
    await until(lambda: mine._disk.size == 1)
    await asyncio.gather(first, mine.append([record(2)]))
    await mine.drain()
    assert [kept.value for kept in log.records[TOPIC, 0]] == values(1, 2)
    await mine.close()


class _KeepsAll(DiskQueue):
    """A disk that deletes nothing."""

    async def delete(self, numbers: Sequence[int]) -> None:
        """Delete records."""
        raise OutboxError(numbers)


async def test_what_was_sent_and_can_not_be_deleted_is_sent_once_by_a_process(tmp_path: Path) -> None:
    """A record that is in the log and stays on the disk waits no longer: the next process sends it once more, and this one does not."""
    log = MemoryLog(partitions=1)
    mine = box(tmp_path, log)
    mine._disk = _KeepsAll(tmp_path, "log")
    await mine.append([record(1)])
    for _ in range(2):
        await mine.drain()
    assert (sent(log), mine.waiting, rows(tmp_path)) == (values(1), [], 1)
    await mine.close()


async def test_two_drains_at_once_send_a_record_once(tmp_path: Path) -> None:
    """A drain that is asked for while another is under way waits for it, and finds nothing left."""
    log = MemoryLog(partitions=1)
    mine = box(tmp_path, log)
    await mine.append([record(1)])
    log.answers.clear()
    draining = [asyncio.create_task(mine.drain()) for _ in range(2)]
    await asyncio.sleep(0)
    log.answers.set()
    await asyncio.gather(*draining)
    assert sent(log) == values(1)
    await mine.close()


async def test_what_was_deleted_can_not_be_read_in_the_folder(tmp_path: Path) -> None:
    """After a record has left no file of the folder holds its bytes: neither the database nor its write-ahead log."""
    log, secret = MemoryLog(partitions=1), b"what a household said " * 40
    mine = box(tmp_path, log)
    await mine.append([LogRecord(TOPIC, b"key", secret)])
    assert any(secret[:100] in path.read_bytes() for path in tmp_path.iterdir())
    await mine.drain()
    assert not any(secret[:100] in path.read_bytes() for path in tmp_path.iterdir())
    await mine.close()


async def test_a_queue_is_read_in_the_order_of_its_appends(tmp_path: Path) -> None:
    """The first records of a queue are its oldest, and those that were set aside are not among them."""
    queue = DiskQueue(tmp_path, "log")
    numbers = await queue.append([record(number) for number in range(4)])
    await queue.set_aside(numbers[1])
    assert [each.record for each in await queue.first(2)] == [record(0), record(2)]
    assert (queue.size, rows(tmp_path, "set_aside")) == (3, 1)
    await queue.close()


async def test_an_append_that_fails_midway_leaves_nothing(tmp_path: Path) -> None:
    """Of an append of which the disk refuses the second record the first is not queued either, so it is not sent unasked."""
    queue = DiskQueue(tmp_path, "log")
    refused: Any = LogRecord(None, b"key", b"{}")  # type: ignore[arg-type]  # a record that the table refuses
    await queue.append([record(1)])
    with pytest.raises(OutboxError):
        await queue.append([record(2), refused])
    assert [queued.record for queued in await queue.first(9)] == [record(1)]
    assert (queue.size, rows(tmp_path)) == (1, 1)
    await queue.close()


async def test_what_comes_before_the_first_look_goes_out_with_what_was_left(tmp_path: Path) -> None:
    """A record that is promised before the outbox has looked around is sent, and so is what an ended process left, in order."""
    log = MemoryLog(partitions=1)
    gone = box(tmp_path, log)
    await gone.append([record(1)])
    await gone.close()
    quick = box(tmp_path, log)
    await quick.append([record(2)])
    async with running(quick.run_forever):
        await until(lambda: not quick.waiting)
    assert [kept.value for kept in log.records[TOPIC, 0]] == values(1, 2)
    await quick.close()


async def test_processes_share_a_folder_and_each_sends_its_own(tmp_path: Path) -> None:
    """Two living processes write into one file; neither touches what the other has queued, until the other has ended."""
    log = away()
    one, other = box(tmp_path, log), box(tmp_path, log)
    await one.append([record(8)])
    await other.append([record(9)])
    for each in (one, other):
        await each._adopt()
    assert [[kept.key for kept in each.waiting] for each in (one, other)] == [[b"key-8"], [b"key-9"]]
    await other.close()
    await one._adopt()
    assert [kept.key for kept in one.waiting] == [b"key-8", b"key-9"]
    assert len(list(tmp_path.glob("*.owner"))) == 1
    await one.close()


async def test_another_queue_of_the_same_file_is_left_alone(tmp_path: Path) -> None:
    """What waits for the audit log is no record of demand, also when its process has ended: it stays for the next queue of that name."""
    queue = DiskQueue(tmp_path, "audit")
    await queue.append([record(1)])
    await queue.close()
    mine = box(tmp_path, away())
    await mine._adopt()
    assert (mine.waiting, rows(tmp_path)) == ([], 1)
    heir = DiskQueue(tmp_path, "audit")
    assert await heir.adopt() == 1
    await heir.close()
    await mine.close()


async def test_a_file_that_is_no_database_is_kept_aside(tmp_path: Path) -> None:
    """A file that can't be read any more is renamed, not removed, and what comes after is kept in a new one."""
    (tmp_path / FILE).write_bytes(b"not a database, and long enough to be read as one" * 100)
    mine = box(tmp_path, away())
    await mine.append([record(1)])
    assert (rows(tmp_path), len(list(tmp_path.glob("*.spoiled")))) == (1, 1)
    await mine.close()


async def test_a_file_that_another_process_kept_aside_takes_nothing_more(tmp_path: Path) -> None:
    """What is appended after the file was renamed is in the new file of that name, beside what the other process has appended there."""
    mine, other = box(tmp_path, away()), box(tmp_path, away())
    await mine.append([record(1)])
    for path in list(tmp_path.glob(f"{FILE}*")):
        path.rename(path.with_name(f"{path.name}.aside"))
    await other.append([record(2)])
    await mine.append([record(3)])
    assert rows(tmp_path) == 2
    await mine.close()
    await other.close()


async def test_a_disk_that_is_full_promises_nothing(tmp_path: Path) -> None:
    """An append that fails leaves no half record on disk: what was there stays, and is sent whole."""
    log = MemoryLog()
    log.away = True
    mine = box(tmp_path, log)
    await mine.append([record(1)])
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, ((tmp_path / f"{FILE}-wal").stat().st_size + 10, hard))
        with pytest.raises(OutboxError):
            await mine.append([record(2)])
        assert not mine.writable
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    await mine.append([record(3)])
    assert mine.writable
    log.away = False
    await mine.drain()
    assert sent(log) == values(1, 3)
    await mine.close()


async def test_a_folder_that_can_not_be_made_is_an_error(tmp_path: Path) -> None:
    """A disk that can't be written to is an error of the first append, not of the start."""
    (tmp_path / "file").write_text("")
    mine = box(tmp_path / "file" / "outbox", MemoryLog())
    await mine._adopt()
    with pytest.raises(OutboxError):
        await mine.append([record(1)])


async def test_a_file_that_was_removed_is_made_anew(tmp_path: Path) -> None:
    """What is promised after the file was removed is in a new file, and not in one without a name."""
    mine = box(tmp_path, away())
    await mine.append([record(1)])
    for path in tmp_path.glob(f"{FILE}*"):
        path.unlink()
    await mine.append([record(2)])
    assert rows(tmp_path) == 1
    await mine.close()


class _Picky(MemoryLog):
    """A log that finds one record too large."""

    async def append(self, records: Sequence[LogRecord]) -> list[LogPosition]:
        """Append records."""
        if record(1) in records:
            raise TooLargeError
        return await super().append(records)


async def test_a_record_that_the_log_never_takes_holds_up_no_other(tmp_path: Path) -> None:
    """A record that is too large is put aside alone; those that were queued with it are sent."""
    log = _Picky()
    mine = box(tmp_path, log)
    await mine.append([record(number) for number in range(3)])
    await mine.drain()
    assert (sent(log), mine.waiting, rows(tmp_path, "set_aside")) == (values(0, 2), [], 1)
    await mine.close()
