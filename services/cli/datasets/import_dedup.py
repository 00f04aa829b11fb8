"""The records that are in the log of a world already: a line that is imported again is not written again.

The fold counts an event once in any case (contract, R1), but forgets its id after 400 days, and counts each copy of a dead letter.
"""

from collections import Counter
from contextlib import aclosing
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final

from services.adapters.kafka.log_reader import Log
from services.cli.datasets.dataset_writer import DatasetWriter
from services.cli.events.kafka_sender import SentRecord
from services.cli.output.progress import progress_bar

FILE: Final = "file"
"""The source topic of a dead letter that was never in a topic; its offset is the number of its line."""
_DIGEST_BYTES: Final = 16


@dataclass(slots=True)
class ImportDedup:
    """The digests of records, and how many of each have no line yet."""

    counts: Counter[bytes] = field(default_factory=Counter)

    def take(self, record: SentRecord) -> bool:
        """Return whether a record is in the log already, and count it off."""
        key = digest(record.topic, record.key, record.value, record.timestamp)
        if not self.counts[key]:
            return False
        self.counts[key] -= 1
        return True

    async def read(self, writer: DatasetWriter) -> None:
        """Read all records of the log. Raises LogUnavailableError."""
        topics = writer.topics
        for topic in (topics.bed_events, topics.demand_events, topics.dead_letters):
            async with Log(writer.settings.brokers, topic) as log:
                ends = await log.ends(range(writer.settings.partitions))
                with progress_bar("Reading what is there", sum(bounds.end - bounds.start for bounds in ends.values())) as advance:
                    for partition, bounds in ends.items():
                        async with aclosing(log.read(partition, bounds.start, bounds.end)) as batches:
                            async for records in batches:
                                self._add(topic, records, are_letters=topic == topics.dead_letters)
                                advance(len(records))

    def _add(self, topic: str, records: list[Any], *, are_letters: bool) -> None:
        for record in records:
            if not are_letters:
                self.counts[digest(topic, record.key, record.value, record.timestamp)] += 1
            elif ("topic", FILE.encode()) in record.headers:
                self.counts[digest(topic, record.key, record.value, None)] += 1


def digest(topic: str, key: bytes | None, value: bytes | None, timestamp: int | None) -> bytes:
    """Return 16 bytes that stand for a record; of a dead letter without its time, which the broker sets."""
    state = blake2b(b"%s %d" % (topic.encode(), -1 if timestamp is None else timestamp), digest_size=_DIGEST_BYTES)
    for part in (key, value):
        state.update(b" -" if part is None else b" %d " % len(part) + part)
    return state.digest()
