"""The audit log in memory: passes the contract suite of the one in Kafka."""

from collections.abc import AsyncGenerator

import orjson

from services.adapters import rfc3339
from services.adapters.audit.hash_chain import ChainLink
from services.adapters.audit.reader import BLOCK, PAGE_BYTES, AuditPage
from services.adapters.kafka.ports import LogUnavailableError
from services.domain.durations import NS_PER_MS
from tests.twins.memory_log import MemoryLog


class MemoryAuditLog:
    """The audit log of a MemoryLog."""

    def __init__(self, log: MemoryLog, topic: str) -> None:
        self._log, self.topic = log, topic

    async def last(self) -> ChainLink | None:
        """Read the last record; None when there is none."""
        return next(reversed(self._kept()), None)

    async def page(self, start: int, limit: int) -> AuditPage:
        """Read at most `limit` records from an offset on, and at least one where there is one."""
        kept, size = self._kept(), 0
        page = AuditPage([], len(kept))
        for record in kept[start : start + limit]:
            if size >= PAGE_BYTES:
                break
            page.records.append(record)
            size += len(record.value)
        return page

    async def all(self, start: int = 0) -> AsyncGenerator[list[ChainLink], None]:
        """Read all records from an offset on."""
        yield self._kept()[start:]

    async def back(self, before: int | None, since: int, until: int | None = None) -> AsyncGenerator[list[ChainLink], None]:
        """Read what was logged from `since` to `until` (ms, excluded) below an offset: the newest block first, each in the log's order."""
        kept = self._kept()
        start = _first(kept, since)
        end = min(len(kept) if before is None else before, len(kept) if until is None else _first(kept, until))
        while start < end:
            begin = max(start, end - BLOCK)
            yield kept[begin:end]
            end = begin

    def _kept(self) -> list[ChainLink]:
        if self._log.away:
            raise LogUnavailableError
        found = [record for (topic, _), records in self._log.records.items() if topic == self.topic for record in records]
        return [ChainLink(offset, _time(record.value or b""), record.value or b"") for offset, record in enumerate(found)]


def _time(value: bytes) -> int:
    """Return when a record was logged (ms): when it happened, as nothing waits here; 0 for what is no record of Plek."""
    try:
        return rfc3339.parse(orjson.loads(value)["at"]) // NS_PER_MS
    except (ValueError, TypeError, KeyError):
        return 0


def _first(kept: list[ChainLink], at: int) -> int:
    return next((each.offset for each in kept if each.time >= at), len(kept))
