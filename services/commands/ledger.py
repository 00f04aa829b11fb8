"""What stands in the log of a world already, each record as often as it does: what is imported again is not written again.

The registry counts an event once in any case (contract, R1), but forgets its name after 400 days, and counts each copy of a dead letter.
"""

from collections import Counter
from contextlib import aclosing
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final

from services.adapters.log_reader import Log
from services.commands.bar import bar
from services.commands.by_kafka import Record
from services.commands.history import History

FILE: Final = "file"
"""Where a dead letter comes from that was never in a topic; its offset is the number of its line."""
_DIGEST_BYTES: Final = 16


@dataclass(slots=True)
class Ledger:
    """Records by what stands in them and their time, and how many of each have not been met again yet."""

    counts: Counter[bytes] = field(default_factory=Counter)

    def strike(self, record: Record) -> bool:
        """Say whether a record stands in the log already; each that does is struck out."""
        found = digest(record.topic, record.key, record.value, record.timestamp)
        if not self.counts[found]:
            return False
        self.counts[found] -= 1
        return True

    async def read(self, history: History) -> None:
        """Enter all that stands in the log; LogUnavailableError."""
        topics = history.topics
        for topic in (topics.bed_events, topics.demand_events, topics.dead_letters):
            async with Log(history.settings.brokers, topic) as log:
                ends = await log.ends(range(history.settings.partitions))
                with bar("Reading what is there", sum(each.end - each.start for each in ends.values())) as advance:
                    for number, each in ends.items():
                        async with aclosing(log.read(number, each.start, each.end)) as reading:
                            async for records in reading:
                                self._enter(topic, records, letters=topic == topics.dead_letters)
                                advance(len(records))

    def _enter(self, topic: str, records: list[Any], *, letters: bool) -> None:
        for record in records:
            if not letters:
                self.counts[digest(topic, record.key, record.value, record.timestamp)] += 1
            elif ("topic", FILE.encode()) in record.headers:
                self.counts[digest(topic, record.key, record.value, None)] += 1


def digest(topic: str, key: bytes | None, value: bytes | None, timestamp: int | None) -> bytes:
    """Stand for a record in a few bytes; of a dead letter the time is not its own."""
    made = blake2b(b"%s %d" % (topic.encode(), -1 if timestamp is None else timestamp), digest_size=_DIGEST_BYTES)
    for part in (key, value):
        made.update(b" -" if part is None else b" %d " % len(part) + part)
    return made.digest()
