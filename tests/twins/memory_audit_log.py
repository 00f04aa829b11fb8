"""The audit log in memory: passes the contract suite of the one in Kafka."""

from collections.abc import AsyncGenerator

from services.adapters.audit.hash_chain import ChainLink
from services.adapters.audit.reader import PAGE_BYTES, AuditPage
from services.adapters.kafka.ports import LogUnavailableError
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

    async def all(self) -> AsyncGenerator[list[ChainLink], None]:
        """Read all records."""
        yield self._kept()

    def _kept(self) -> list[ChainLink]:
        if self._log.away:
            raise LogUnavailableError
        found = [record for (topic, _), records in self._log.records.items() if topic == self.topic for record in records]
        return [ChainLink(offset, 0, record.value or b"") for offset, record in enumerate(found)]
