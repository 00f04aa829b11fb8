"""The outbox: what was promised survives whatever ends the process, goes out in order, and nothing torn is taken for whole."""

import asyncio
import os
import resource
import signal
from pathlib import Path

import pytest

from services.adapters.log_port import Record
from services.adapters.memory_log import MemoryLog
from services.adapters.metrics import Metrics
from services.adapters.outbox import Outbox, OutboxError
from services.adapters.web import keeping
from tests.waiting import until


def record(number: int) -> Record:
    """Make a record."""
    return Record("plek.demand-events", f"key-{number}".encode(), f'{{"n":{number}}}'.encode())


def sent(log: MemoryLog) -> list[bytes]:
    """List what came into the log, by its number."""
    return sorted(kept.value or b"" for records in log.records.values() for kept in records)


def box(folder: Path, log: MemoryLog) -> Outbox:
    """Open an outbox as a process would."""
    return Outbox(folder, log, Metrics())


async def test_what_waits_goes_out_once_kafka_answers(tmp_path: Path) -> None:
    """In order, and the file is empty then."""
    log = MemoryLog(partitions=1)
    log.away = True
    mine = box(tmp_path, log)
    async with keeping(mine.keep):
        for number in range(5):
            await mine.append([record(number)])
        assert (len(mine.waiting), sent(log)) == (5, [])
        log.away = False
        await until(lambda: not mine.waiting)
    assert [kept.value for kept in log.records["plek.demand-events", 0]] == [record(number).value for number in range(5)]
    assert [path.stat().st_size for path in tmp_path.iterdir()] == [0]


@pytest.mark.parametrize("torn", range(1, 60, 7))
async def test_a_torn_line_is_cut_off_and_the_whole_ones_go_out(tmp_path: Path, torn: int) -> None:
    """A crash within a write, wherever: what was promised before is sent, and what comes after is whole."""
    log = MemoryLog()
    log.away = True
    first = box(tmp_path, log)
    await first.append([record(1), record(2)])
    await first.append([record(3)])
    await first.close()
    [path] = tmp_path.iterdir()
    os.truncate(path, path.stat().st_size - torn)
    second = box(tmp_path, log)
    async with keeping(second.keep):
        await until(lambda: len(second.waiting) == 2)
        await second.append([record(4)])
        log.away = False
        await until(lambda: not second.waiting)
    assert sent(log) == [record(number).value for number in (1, 2, 4)]


async def test_a_line_the_disk_has_spoiled_holds_up_no_other(tmp_path: Path) -> None:
    """Told as critical; the rest goes out, and what it was stays beside for a person to read."""
    log = MemoryLog()
    first = box(tmp_path, log)
    await first.append([record(1), record(2), record(3)])
    await first.close()
    [path] = tmp_path.iterdir()
    spoiled = path.read_bytes().replace(b"key-2", b"key-9")
    path.write_bytes(spoiled)
    async with keeping((second := box(tmp_path, log)).keep):
        await until(lambda: len(sent(log)) == 2 and not second.waiting)
    assert sent(log) == [record(1).value, record(3).value]
    assert path.with_suffix(".spoiled").read_bytes() == spoiled


async def test_what_comes_before_it_has_looked_around_goes_out_with_what_was_left(tmp_path: Path) -> None:
    """A record that is promised before the first look takes over the file of a process that is gone, and what is in it."""
    log = MemoryLog()
    gone = box(tmp_path, log)
    await gone.append([record(1)])
    await gone.close()
    quick = box(tmp_path, log)
    await quick.append([record(2)])
    async with keeping(quick.keep):
        await until(lambda: not quick.waiting)
    assert sent(log) == [record(1).value, record(2).value]


async def test_a_process_killed_between_promise_and_sending_loses_nothing(tmp_path: Path) -> None:
    """Killed with -9 right after the write: the next one to start sends it, and what lives keeps its own."""
    log = MemoryLog()
    child = os.fork()
    if child == 0:  # no clean end of any kind
        doomed = box(tmp_path, log)
        doomed._write([record(7)])
        os.kill(os.getpid(), signal.SIGKILL)
    assert os.waitstatus_to_exitcode((await asyncio.to_thread(os.waitpid, child, 0))[1]) == -signal.SIGKILL
    one, other = box(tmp_path, log), box(tmp_path, log)
    async with keeping(one.keep):
        await until(lambda: sent(log) == [record(7).value])
        async with keeping(other.keep):
            log.away = True
            await one.append([record(8)])
            await other.append([record(9)])
            assert ([kept.key for kept in one.waiting], [kept.key for kept in other.waiting]) == ([b"key-8"], [b"key-9"])
    assert len(list(tmp_path.iterdir())) == 2


async def test_a_disk_that_is_full_promises_nothing(tmp_path: Path) -> None:
    """Not even a half: what was there stays, and goes out whole."""
    log = MemoryLog()
    log.away = True
    mine = box(tmp_path, log)
    await mine.append([record(1)])
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (next(tmp_path.iterdir()).stat().st_size + 10, hard))
        with pytest.raises(OutboxError):
            await mine.append([record(2)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    await mine.append([record(3)])
    log.away = False
    await mine.drain()
    assert sent(log) == [record(1).value, record(3).value]


async def test_a_folder_that_can_not_be_made_is_an_error(tmp_path: Path) -> None:
    """Said when something is to be kept, not when a service starts."""
    (tmp_path / "file").write_text("")
    with pytest.raises(OutboxError):
        await box(tmp_path / "file" / "outbox", MemoryLog()).append([record(1)])
