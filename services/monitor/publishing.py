"""Publishing to `plek.monitor-snapshots`: what stands there is the truth, the shelf is a copy of it on this machine.

Two that publish the same at once append it twice; the first record of a key counts, and both have the same bytes.
"""

from collections.abc import Collection
from typing import Final

from services.adapters.log_port import AppendableLog, Record
from services.adapters.log_reader import Log
from services.monitor.shelf import Shelf

# The topic has one
_PARTITION: Final = 0


class KafkaPublications:
    """Publishes, and keeps the shelf as the topic is. `log` is the topic, opened."""

    def __init__(self, log: Log, producer: AppendableLog, shelf: Shelf) -> None:
        self._log, self._producer, self._shelf = log, producer, shelf
        self._next = 0

    @property
    def keys(self) -> Collection[str]:
        """Every key, the oldest first."""
        return self._shelf.keys

    def get(self, key: str) -> bytes | None:
        """Return what was published under a key."""
        return self._shelf.get(key)

    async def refresh(self) -> None:
        """Take in what was published since. LogUnavailableError."""
        await self._log.start()
        ends = (await self._log.ends([_PARTITION]))[_PARTITION]
        async for records in self._log.read(_PARTITION, max(self._next, ends.start), ends.end):
            for record in records:
                if record.key is not None and record.value is not None:
                    self._shelf.put(record.key.decode("utf-8", "replace"), record.value)
                self._next = record.offset + 1

    async def publish(self, key: str, value: bytes) -> bytes:
        """Publish under a key, unless something is there already, and return what is there. LogUnavailableError."""
        await self.refresh()
        if self._shelf.get(key) is None:
            await self._producer.append([Record(self._log.topic, key.encode(), value)])
            await self.refresh()
        return self._shelf.get(key) or value
