"""Reads the audit log: one topic of one partition, so that all records have one order. Memory is bounded, however long the log is.

The topic of its signed heads is read in the same way.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final, Protocol

from services.adapters.audit.hash_chain import ChainLink
from services.adapters.config.kafka_connection import KafkaConnection
from services.adapters.kafka.log_reader import Log

_PARTITION: Final = 0
# A record that names every shelter of the country is 6 kB; a thousand usual ones are less than this
PAGE_BYTES: Final = 1_048_576
"""A page ends after so many bytes, also where it has fewer records than were asked for."""
# Each has a consumer and a page in memory
_PAGES_AT_ONCE: Final = 4
# A search reads many records for few answers: others wait for it
_SEARCHES_AT_ONCE: Final = 2
# 2.5 MB of usual records. Smaller blocks fetch much twice, larger ones hold more in memory where records name every shelter
BLOCK: Final = 5_000
"""A search reads so many records at a time."""


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Records in order, and the offset at which the log ended when they were read."""

    records: list[ChainLink]
    end: int


class AuditLog(Protocol):
    """The reads of an audit log; a failure is a LogUnavailableError, never an empty result."""

    @property
    def topic(self) -> str:
        """The topic."""

    async def last(self) -> ChainLink | None:
        """Read the last record; None when there is none."""

    async def page(self, start: int, limit: int) -> AuditPage:
        """Read at most `limit` records from an offset on, and at least one where there is one."""

    def all(self, start: int = 0) -> AsyncGenerator[list[ChainLink], None]:
        """Read from an offset, or the beginning, to the end as it is now, in batches."""

    def back(self, before: int | None, since: int, until: int | None = None) -> AsyncGenerator[list[ChainLink], None]:
        """Read what was logged from `since` to `until` (ms, excluded) below an offset: the newest block first, each in the log's order."""


class KafkaAuditLog:
    """The audit log in Kafka; each read has a consumer of its own, as people read it seldom."""

    def __init__(self, brokers: KafkaConnection, topic: str) -> None:
        self._brokers, self.topic = brokers, topic
        self._pages, self._searches = asyncio.Semaphore(_PAGES_AT_ONCE), asyncio.Semaphore(_SEARCHES_AT_ONCE)

    async def last(self) -> ChainLink | None:
        """Read the last record; None when there is none."""
        records = [record async for batch in self._read(-1) for record in batch]
        return records[-1] if records else None

    async def page(self, start: int, limit: int) -> AuditPage:
        """Read at most `limit` records from an offset on, and at least one where there is one."""
        async with self._pages, Log(self._brokers, self.topic) as log:
            ends = (await log.ends([_PARTITION]))[_PARTITION]
            begin = max(ends.start, start)
            page = AuditPage([], ends.end)
            async with aclosing(log.read(_PARTITION, begin, min(ends.end, begin + limit))) as reading:
                async for records in reading:
                    page.records.extend(map(_link, records))
                    if sum(len(record.value) for record in page.records) >= PAGE_BYTES:
                        break
            return page

    async def all(self, start: int = 0) -> AsyncGenerator[list[ChainLink], None]:
        """Read from an offset, or the beginning, to the end as it is now, in batches."""
        async with aclosing(self._read(start)) as reading:
            async for batch in reading:
                yield batch

    async def back(self, before: int | None, since: int, until: int | None = None) -> AsyncGenerator[list[ChainLink], None]:
        """Read what was logged from `since` to `until` (ms, excluded) below an offset: the newest block first, each in the log's order."""
        async with self._searches, Log(self._brokers, self.topic) as log:
            end = (await log.ends([_PARTITION]))[_PARTITION].end
            start = await log.offset_at(_PARTITION, since)
            if until is not None and (found := await log.offset_at(_PARTITION, until)) is not None:
                end = min(end, found)
            end = end if before is None else min(end, before)
            while start is not None and start < end:
                begin = max(start, end - BLOCK)
                async with aclosing(log.read(_PARTITION, begin, end)) as reading:
                    block = [_link(record) async for records in reading for record in records]
                yield block
                end = begin

    async def _read(self, start: int) -> AsyncGenerator[list[ChainLink], None]:
        """Read from an offset on (-1: the last record) to the end as it is now."""
        async with Log(self._brokers, self.topic) as log:
            ends = (await log.ends([_PARTITION]))[_PARTITION]
            begin = max(ends.start, ends.end - 1 if start < 0 else start)
            async with aclosing(log.read(_PARTITION, begin, ends.end)) as reading:
                async for records in reading:
                    yield list(map(_link, records))


def _link(record: Any) -> ChainLink:
    return ChainLink(record.offset, record.timestamp, record.value or b"")
