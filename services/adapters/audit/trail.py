"""Reads the audit log: one topic of one partition, so that what happened has one order and a place in it is a number."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, Final, Protocol

from services.adapters.audit.chain import Kept
from services.adapters.brokers import Brokers
from services.adapters.log_port import LogUnavailableError
from services.adapters.log_reader import Log
from services.adapters.memory_log import MemoryLog

_PARTITION: Final = 0


class Trail(Protocol):
    """What can be read of the audit log; a failure is a LogUnavailableError, never an empty answer."""

    @property
    def topic(self) -> str:
        """Name the topic."""

    async def last(self) -> Kept | None:
        """Read the record that stands last; None when there is none."""

    async def page(self, start: int, limit: int) -> list[Kept]:
        """Read at most `limit` records from an offset on."""

    def all(self) -> AsyncGenerator[list[Kept], None]:
        """Read from the beginning to the end as it is now, in batches."""


class MemoryTrail:
    """The twin, over a log in memory."""

    def __init__(self, log: MemoryLog, topic: str) -> None:
        self._log, self.topic = log, topic

    async def last(self) -> Kept | None:
        """Read the record that stands last; None when there is none."""
        return next(reversed(self._kept()), None)

    async def page(self, start: int, limit: int) -> list[Kept]:
        """Read at most `limit` records from an offset on."""
        return self._kept()[start : start + limit]

    async def all(self) -> AsyncGenerator[list[Kept], None]:
        """Read all of it."""
        yield self._kept()

    def _kept(self) -> list[Kept]:
        if self._log.away:
            raise LogUnavailableError
        found = [record for (topic, _), records in self._log.records.items() if topic == self.topic for record in records]
        return [Kept(offset, 0, record.value or b"") for offset, record in enumerate(found)]


class KafkaTrail:
    """Reads with a consumer of its own each time: it is asked for seldom, by people."""

    def __init__(self, brokers: Brokers, topic: str) -> None:
        self._brokers, self.topic = brokers, topic

    async def last(self) -> Kept | None:
        """Read the record that stands last; None when there is none."""
        found = [kept async for batch in self._read(-1, 1) for kept in batch]
        return found[-1] if found else None

    async def page(self, start: int, limit: int) -> list[Kept]:
        """Read at most `limit` records from an offset on."""
        return [kept async for batch in self._read(start, limit) for kept in batch]

    async def all(self) -> AsyncGenerator[list[Kept], None]:
        """Read from the beginning to the end as it is now, in batches."""
        async with aclosing(self._read(0, None)) as reading:
            async for batch in reading:
                yield batch

    async def _read(self, start: int, limit: int | None) -> AsyncGenerator[list[Kept], None]:
        """Read `limit` records from an offset on (-1: from the last one on); without a limit, to the end."""
        async with Log(self._brokers, self.topic) as log:
            ends = (await log.ends([_PARTITION]))[_PARTITION]
            begin = max(ends.start, ends.end - 1 if start < 0 else start)
            until = ends.end if limit is None else min(ends.end, begin + limit)
            async with aclosing(log.read(_PARTITION, begin, until)) as reading:
                async for records in reading:
                    yield [_kept(record) for record in records]


def _kept(record: Any) -> Kept:
    return Kept(record.offset, record.timestamp, record.value or b"")
