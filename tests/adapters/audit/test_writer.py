"""The writer: noted is acknowledged, many wait for one, and after a trouble the chain goes on from what was acknowledged."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import orjson
import pytest
import pytest_asyncio

from services.adapters.audit.chain import Checker, Kept
from services.adapters.audit.records import Entry
from services.adapters.audit.writer import Writer
from services.adapters.clock import now_ms
from services.adapters.log_port import LogUnavailableError, Place, Record
from services.adapters.memory_log import MemoryLog
from services.adapters.metrics import Metrics
from services.adapters.web import keeping
from tests.audited import Audited
from tests.waiting import until

LOOK = Entry(at=0, happening="shelters-shown")


@pytest_asyncio.fixture
async def audited() -> AsyncIterator[Audited]:
    """Make an audit log that is written to."""
    made = Audited()
    async with keeping(made.writer.keep):
        yield made


def whole(audited: Audited) -> bool:
    """Say whether the log holds together."""
    checker = Checker()
    return not any(checker.take(Kept(offset, 0, value)) for offset, value in enumerate(audited.values))


async def test_what_is_noted_stands_in_the_log(audited: Audited) -> None:
    """In order, after the beginning of a chain, and it holds together."""
    for number in range(3):
        await audited.writer.note(Entry(at=number, happening="shelters-shown"))
    assert [orjson.loads(value)["event"] for value in audited.values] == ["chain-begun", *["shelters-shown"] * 3]
    assert [each["at"] for each in audited.entries] == ["1970-01-01T00:00:00Z", "1970-01-01T00:00:00.001Z", "1970-01-01T00:00:00.002Z"]
    assert whole(audited)


class _Slow(MemoryLog):
    """A log that acknowledges when it is told to, and counts how often it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.go, self.asked = asyncio.Semaphore(0), 0

    async def append(self, records: Sequence[Record]) -> list[Place]:
        """Append once it may."""
        self.asked += 1
        await self.go.acquire()
        return await super().append(records)


async def test_whatever_waits_goes_together() -> None:
    """While one batch is on its way a hundred others become one."""
    log = _Slow()
    audited = Audited(log=log)
    async with keeping(audited.writer.keep):
        log.go.release()
        await until(lambda: audited.writer.ready)
        first = asyncio.create_task(audited.writer.note(LOOK))
        await until(lambda: log.asked == 2)
        others = [asyncio.create_task(audited.writer.note(LOOK)) for _ in range(100)]
        await asyncio.sleep(0)
        assert not first.done()
        log.go.release()
        await first
        assert not any(other.done() for other in others)
        log.go.release()
        await asyncio.gather(*others)
    assert (log.asked, len(audited.entries), whole(audited)) == (3, 101, True)


async def test_without_kafka_nothing_counts_as_noted_and_then_a_new_chain_goes_on(audited: Audited) -> None:
    """At once, for as long as it is known to be away; what was acknowledged before is what the next chain names."""
    await audited.writer.note(LOOK)
    audited.log.away = True
    with pytest.raises(LogUnavailableError):
        await audited.writer.note(LOOK)
    audited.log.away = False
    await until(lambda: audited.writer.ready)
    await audited.writer.note(LOOK)
    assert (len(audited.entries), whole(audited)) == (2, True)


class _Unsure(MemoryLog):
    """A log that appends, and then does not say so."""

    silent = False

    async def append(self, records: Sequence[Record]) -> list[Place]:
        """Append."""
        places = await super().append(records)
        if self.silent:
            raise LogUnavailableError
        return places


async def test_a_batch_that_came_in_without_a_word_breaks_nothing() -> None:
    """The old chain has more than was known of it, the new one goes on from what was: both hold."""
    log = _Unsure()
    audited = Audited(log=log)
    async with keeping(audited.writer.keep):
        await audited.writer.note(LOOK)
        log.silent = True
        with pytest.raises(LogUnavailableError):
            await audited.writer.note(LOOK)
        log.silent = False
        await until(lambda: audited.writer.ready)
        await audited.writer.note(LOOK)
    assert len({orjson.loads(value)["chain"] for value in audited.values}) >= 2
    assert whole(audited)


async def test_another_program_goes_on_from_what_stands_last(audited: Audited) -> None:
    """Its chain names the last record of the log, whoever wrote it, while the first goes on beside it."""
    await audited.writer.note(LOOK)
    other = Writer("plek.other", audited.log, audited.kept, now_ms, Metrics())
    async with keeping(other.keep):
        for writer in (other, audited.writer, other, audited.writer):
            await writer.note(LOOK)
    begun = [orjson.loads(value) for value in audited.values if orjson.loads(value)["number"] == 0]
    assert (len(begun), begun[0]["before"], begun[1]["before"]["number"], whole(audited)) == (2, None, 1, True)


async def test_who_gives_up_waiting_takes_nobody_with_her(audited: Audited) -> None:
    """A client that leaves while her look is being noted does not harm the chain."""
    leaving = asyncio.create_task(audited.writer.note(LOOK))
    await asyncio.sleep(0)
    leaving.cancel()
    await audited.writer.note(LOOK)
    assert whole(audited)
