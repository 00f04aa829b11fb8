"""A followed topic in memory: passes the contract suite of the one in Kafka."""

from services.adapters.kafka.compacted_topic import KeyedRecord, KeyedRecords, Listener
from services.adapters.kafka.ports import LogPosition, LogRecord
from tests.twins.memory_log import MemoryLog


class MemoryCompactedTopic:
    """Follows one topic of a MemoryLog from its first record; `ready` is what a test says."""

    def __init__(self, log: MemoryLog, topic: str) -> None:
        self.topic, self.ready = topic, True
        self._records, self._next = KeyedRecords(), 0
        log.follow(topic, self._take)

    def get(self, key: str) -> KeyedRecord | None:
        """Return the newest record of a key; None when there is none."""
        return self._records.get(key)

    def records(self) -> list[KeyedRecord]:
        """List the newest record of each key, the oldest first."""
        return list(self._records)

    def listen(self, listener: Listener) -> None:
        """Call a listener with each record that is read from now on."""
        self._records.listen(listener)

    async def wait_until(self, offset: int, within_s: float) -> bool:  # noqa: ARG002 - what was appended is known at once
        """Return whether the record at an offset is known."""
        return self._next > offset

    def _take(self, record: LogRecord, position: LogPosition, at: int) -> None:
        self._next = position.offset + 1
        if record.key is not None:
            self._records.apply(KeyedRecord(record.key.decode(), record.value, position.offset, at, is_new=True))
