"""Reads of the log in memory, as `services.adapters.kafka.log_reader.Log` reads the one in Kafka."""

from collections.abc import AsyncGenerator, Iterable
from typing import Any, Self

from services.adapters.clock import now_ms
from services.adapters.kafka.log_reader import Ends
from services.adapters.kafka.ports import LogRecord, LogUnavailableError
from tests.processor.logs import Logged
from tests.twins.memory_log import MemoryLog


class MemoryLogReader:
    """The reads of one topic; every record was logged just now."""

    def __init__(self, log: MemoryLog, topic: str) -> None:
        self._log, self._topic = log, topic

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def start(self) -> None:
        """Connect to nothing."""

    async def close(self) -> None:
        """Disconnect from nothing."""

    async def ends(self, partitions: Iterable[int]) -> dict[int, Ends]:
        """Return where partitions begin and end; LogUnavailableError while the log is away."""
        if self._log.away:
            raise LogUnavailableError
        return {partition: Ends(0, len(self._log.records[self._topic, partition])) for partition in partitions}

    async def offset_at(self, partition: int, _at: int) -> int | None:
        """Return the offset of the first record; None where there is none."""
        return 0 if self._log.records[self._topic, partition] else None

    async def read(self, partition: int, start: int, end: int) -> AsyncGenerator[list[Any], None]:
        """Return the records from `start` up to `end` (excluded)."""
        kept = self._log.records[self._topic, partition]
        if records := [self._logged(offset, kept[offset]) for offset in range(start, end)]:
            yield records

    def _logged(self, offset: int, record: LogRecord) -> Logged:
        return Logged(offset, now_ms(), record.key, record.value, headers=tuple(record.headers))
