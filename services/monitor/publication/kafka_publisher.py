"""Publishes to `plek.monitor-snapshots`: what stands in the topic is the truth, the store on this machine is a copy of it.

Two that publish the same at once append it twice; the first record of a key counts, and both have the same bytes.
"""

from collections.abc import Collection
from typing import Final

from services.adapters.kafka.log_reader import Log
from services.adapters.kafka.ports import AppendableLog, LogRecord
from services.monitor.publication.published_store import PublishedStore

# The topic has one
_PARTITION: Final = 0


class KafkaPublications:
    """Publishes, and keeps the store as the topic is."""

    def __init__(self, topic: Log, producer: AppendableLog, store: PublishedStore) -> None:
        self._topic, self._producer, self._store = topic, producer, store
        self._next = 0

    @property
    def keys(self) -> Collection[str]:
        """Every key, the oldest first."""
        return self._store.keys

    def get(self, key: str) -> bytes | None:
        """Return the value that was published under a key."""
        return self._store.get(key)

    def published_at(self, key: str) -> int | None:
        """Return when (ms) a key was published, by the clock of the broker."""
        return self._store.published_at(key)

    async def refresh(self) -> None:
        """Read what was published since. LogUnavailableError."""
        await self._topic.start()
        ends = (await self._topic.ends([_PARTITION]))[_PARTITION]
        async for records in self._topic.read(_PARTITION, max(self._next, ends.start), ends.end):
            for record in records:
                if record.key is not None and record.value is not None:
                    self._store.put(record.key.decode("utf-8", "replace"), record.value, record.timestamp)
                self._next = record.offset + 1

    async def publish(self, key: str, value: bytes) -> bytes:
        """Publish a value unless its key has one already; return the value that the key has then. LogUnavailableError."""
        await self.refresh()
        if self._store.get(key) is None:
            await self._producer.append([LogRecord(self._topic.topic, key.encode(), value)])
            await self.refresh()
        return self._store.get(key) or value
