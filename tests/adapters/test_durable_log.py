"""The log or else the outbox: what goes where, and that nothing overtakes and nothing is interrupted."""

import asyncio
from pathlib import Path

import pytest

from services.adapters.durable_log import DurableLog
from services.adapters.kafka.ports import LogPosition, LogRecord, LogUnavailableError, TooLargeError
from services.adapters.observability.metrics import Metrics
from services.adapters.outbox import Outbox
from tests.twins.memory_log import MemoryLog

TOPIC = "plek.demand-events"


def _record(number: int) -> LogRecord:
    return LogRecord(TOPIC, b"key", b"%d" % number)


def _durable(folder: Path) -> tuple[MemoryLog, DurableLog]:
    log = MemoryLog(partitions=1)
    return log, DurableLog(log, Outbox(folder, log, Metrics()))


async def test_what_the_log_takes_is_not_queued(tmp_path: Path) -> None:
    """While the log answers and nothing waits, a record goes into the log alone."""
    log, durable = _durable(tmp_path)
    assert await durable.append_or_queue([_record(1)]) == [LogPosition(0, 0)]
    assert (log.records[TOPIC, 0], durable.outbox.waiting, durable.certain) == ([_record(1)], [], True)


async def test_nothing_overtakes_what_waits(tmp_path: Path) -> None:
    """While a record waits in the outbox the next goes there too, though the log answers: both leave in their order."""
    log, durable = _durable(tmp_path)
    log.away = True
    assert await durable.append_or_queue([_record(1)]) is None
    log.away = False
    assert not durable.certain
    assert await durable.append_or_queue([_record(2)]) is None
    assert (log.records[TOPIC, 0], durable.outbox.waiting) == ([], [_record(1), _record(2)])
    await durable.outbox.drain()
    assert log.records[TOPIC, 0] == [_record(1), _record(2)]
    await durable.outbox.close()


async def test_what_the_log_may_have_taken_is_not_interrupted(tmp_path: Path) -> None:
    """A record that is not acknowledged in time is queued as well; its append goes on, and is acknowledged later."""
    log, durable = _durable(tmp_path)
    log.answers.clear()
    assert await durable.append_or_queue([_record(1)]) is None
    [sending] = durable._unacknowledged
    assert durable.outbox.waiting == [_record(1)]
    log.answers.set()
    assert await sending == [LogPosition(0, 0)]
    await asyncio.sleep(0)
    assert not durable._unacknowledged
    await durable.outbox.close()


async def test_a_log_that_fails_meanwhile_is_one_that_is_away(tmp_path: Path) -> None:
    """A record that the log refuses while it seems to be there is queued, and its caller hears of no error."""

    class Failing(MemoryLog):
        async def append(self, records: object) -> list[LogPosition]:
            raise LogUnavailableError(records)

    log = Failing()
    durable = DurableLog(log, Outbox(tmp_path, log, Metrics()))
    assert await durable.append_or_queue([_record(1)]) is None
    assert durable.outbox.waiting == [_record(1)]
    await durable.outbox.close()


async def test_what_the_log_never_takes_is_not_queued(tmp_path: Path) -> None:
    """A record that is too large is an error to its caller: in the outbox it would wait for ever."""

    class Small(MemoryLog):
        async def append(self, records: object) -> list[LogPosition]:
            raise TooLargeError(records)

    log = Small()
    durable = DurableLog(log, Outbox(tmp_path, log, Metrics()))
    with pytest.raises(TooLargeError):
        await durable.append_or_queue([_record(1)])
    assert durable.outbox.waiting == []


async def test_a_log_is_away_while_it_does_not_answer_or_takes_nothing(tmp_path: Path) -> None:
    """A record that waits makes the log one that is away after a second, that instant excluded: before it is on its way."""
    log, now = MemoryLog(partitions=1), [5.0]
    durable = DurableLog(log, Outbox(tmp_path, log, Metrics(), lambda: now[0]))
    seen = []
    for at in (5.0, 6.0, 6.1):
        now[0] = at
        if at < 6.1:
            await durable.outbox.append([_record(1)])
        seen.append(durable.away)
    await durable.outbox.drain()
    seen.append(durable.away)
    log.away = True
    assert [*seen, durable.away] == [False, False, True, False, True]
    await durable.outbox.close()
