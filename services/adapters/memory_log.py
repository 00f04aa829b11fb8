"""The twin of the log in memory: the same promises. For tests and for one process."""

from collections import defaultdict
from collections.abc import Sequence

from services.adapters.log_port import LogUnavailableError, Place, Record
from services.adapters.topics import partition_of


class MemoryLog:
    """A log in memory; `away = True` makes every append a LogUnavailableError, as a dead Kafka would."""

    def __init__(self, partitions: int = 12) -> None:
        self.partitions, self.away = partitions, False
        self.records: defaultdict[tuple[str, int], list[Record]] = defaultdict(list)

    @property
    def ready(self) -> bool:
        """The log answers."""
        return not self.away

    async def append(self, records: Sequence[Record]) -> list[Place]:
        """Append in order, and tell where each stands."""
        if self.away:
            raise LogUnavailableError
        return [self._append(record) for record in records]

    def _append(self, record: Record) -> Place:
        partition = partition_of(record.key or b"", self.partitions)
        kept = self.records[record.topic, partition]
        kept.append(record)
        return Place(partition, len(kept) - 1)
