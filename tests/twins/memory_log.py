"""The event log in memory, with the guarantees of the one in Kafka."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence

from services.adapters.clock import Clock, now_ms
from services.adapters.kafka.ports import LogPosition, LogRecord, LogUnavailableError
from services.adapters.kafka.topics import partition_of

Follower = Callable[[LogRecord, LogPosition, int], None]
"""Takes a record of a followed topic with its position and its timestamp (ms)."""


class MemoryLog:
    """A log in memory; while `away` every append is a LogUnavailableError, and while `answers` is cleared none returns."""

    def __init__(self, partitions: int = 12, now: Clock = now_ms) -> None:
        self.partitions, self.away, self._now = partitions, False, now
        self.answers = asyncio.Event()
        self.answers.set()
        self.records: defaultdict[tuple[str, int], list[LogRecord]] = defaultdict(list)
        self._followers: defaultdict[str, list[Follower]] = defaultdict(list)

    @property
    def ready(self) -> bool:
        """Whether the log answers."""
        return not self.away

    async def append(self, records: Sequence[LogRecord]) -> list[LogPosition]:
        """Append in order, and return the position of each."""
        await self.answers.wait()
        if self.away:
            raise LogUnavailableError
        return [self._append(record) for record in records]

    def follow(self, topic: str, follower: Follower) -> None:
        """Hand each record of a topic to a follower, those it has already first; such a topic has one partition."""
        self._followers[topic].append(follower)
        for offset, record in enumerate(self.records[topic, 0]):
            follower(record, LogPosition(0, offset), self._now())

    def _append(self, record: LogRecord) -> LogPosition:
        followers = self._followers.get(record.topic, ())
        partition = 0 if followers else partition_of(record.key or b"", self.partitions)
        kept = self.records[record.topic, partition]
        kept.append(record)
        position = LogPosition(partition, len(kept) - 1)
        for follower in followers:
            follower(record, position, self._now())
        return position
