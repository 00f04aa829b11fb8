"""The refusals of organisations in memory, read from a log in memory."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import orjson

from services.adapters.kafka.ports import LogRecord, LogUnavailableError
from services.adapters.kafka.topics import Topics


@dataclass
class MemoryRefusalLog:
    """The topics of organisations and what was appended to those of refusals, when (ms)."""

    topics: Topics
    refused: dict[str, list[tuple[int, LogRecord]]] = field(default_factory=dict)
    away: bool = False

    async def organisations(self) -> frozenset[str]:
        """Return the organisations that have a topic for refusals."""
        if self.away:
            raise LogUnavailableError
        return frozenset(self.refused)

    async def newest(self, organisations: Collection[str], since: int, most: int) -> list[dict[str, Any]]:
        """Read the newest refusals of each."""
        if self.away:
            raise LogUnavailableError
        kept = [(when, record) for organisation in sorted(organisations) for when, record in self.refused[organisation][-most:]]
        return [orjson.loads(record.value or b"") for when, record in kept if when >= since]
