"""Published documents in memory: what `KafkaPublications` does, without Kafka."""

from collections.abc import Collection


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

    async def refresh(self) -> None:
        """Do nothing: there is nothing to read."""

    async def publish(self, key: str, value: bytes) -> bytes:
        """Publish a value unless its key has one; return the value that the key has then."""
        return self._documents.setdefault(key, value)
