"""Keeps audit entries on disk while Kafka does not accept them: not yet in a chain, each with the time at which it happened."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import orjson

from services.adapters.audit.records import Entry
from services.adapters.disk_queue import DiskQueue
from services.adapters.kafka.ports import LogRecord
from services.adapters.observability.metrics import Metrics

_log = logging.getLogger(__name__)

_TOPIC: Final = "audit"
_TUPLES: Final = ("on_behalf_of", "what")

NumberedEntry = tuple[int, str, Entry]
"""The number of an entry on disk, the program that made it, and the entry."""


class AuditQueue:
    """The entries of one process, and those that ended processes have left in the same folder."""

    def __init__(self, folder: Path, metrics: Metrics) -> None:
        self._disk, self._metrics = DiskQueue(folder, _TOPIC), metrics

    @property
    def size(self) -> int:
        """How many entries wait."""
        return self._disk.size

    @property
    def writable(self) -> bool:
        """Whether the disk took the last entry."""
        return self._disk.writable

    async def append(self, source: str, entries: Sequence[Entry]) -> list[int]:
        """Write entries through to the disk and return their numbers; OutboxError when it takes none of them."""
        numbers = await self._disk.append([LogRecord(_TOPIC, source.encode(), orjson.dumps(entry)) for entry in entries])
        self._count()
        return numbers

    async def first(self, most: int) -> list[NumberedEntry]:
        """Read at most `most` entries, the oldest first; one that this version can't read is set aside. OutboxError."""
        entries: list[NumberedEntry] = []
        for number, record in await self._disk.first(most):
            try:
                entries.append((number, (record.key or b"").decode(), _entry(record.value or b"")))
            except (ValueError, TypeError, KeyError):
                _log.critical("an entry of the audit log can't be read from the disk: it is kept aside")
                await self._disk.set_aside(number)
        return entries

    async def delete(self, numbers: Sequence[int]) -> None:
        """Delete entries that are in the log; OutboxError."""
        await self._disk.delete(numbers)
        self._count()

    async def adopt(self) -> None:
        """Take over the entries of processes that have ended; OutboxError."""
        await self._disk.adopt()
        self._count()

    async def close(self) -> None:
        """Close the file; its entries are adopted by the next process."""
        await self._disk.close()

    def _count(self) -> None:
        self._metrics.set("plek_outbox_records", self._disk.size, queue=_TOPIC)


def _entry(value: bytes) -> Entry:
    document: dict[str, Any] = orjson.loads(value)
    document |= {name: tuple(document[name]) for name in _TUPLES}
    return Entry(**document | {"objects": tuple((kind, name) for kind, name in document["objects"])})
