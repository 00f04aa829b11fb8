"""Published documents in memory: what `KafkaPublications` does, without Kafka."""

from collections.abc import Collection
from typing import Final

# 10 January 2024, 12:00 UTC
PUBLISHED_AT: Final = 1_704_888_000_000


class MemoryPublications:
    """The first value of a key counts. No other process publishes here."""

    def __init__(self) -> None:
        self._documents: dict[str, bytes] = {}

    @property
    def keys(self) -> Collection[str]:
        """Every key, the oldest first."""
        return self._documents.keys()

    def get(self, key: str) -> bytes | None:
        """Return the value of a key."""
        return self._documents.get(key)

    def published_at(self, key: str) -> int | None:
        """Return one and the same instant of every key."""
        return PUBLISHED_AT if key in self._documents else None

    async def refresh(self) -> None:
        """Do nothing: there is nothing to read."""

    async def publish(self, key: str, value: bytes) -> bytes:
        """Publish a value unless its key has one; return the value that the key has then."""
        return self._documents.setdefault(key, value)
