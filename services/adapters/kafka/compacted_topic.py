"""Follows a topic of one partition and keeps the newest record of each key in memory, from the beginning of the log.

Guarantees: a key has the value of its last record, and a record without a value removes its key; listeners get every record once, in log
order, also those of the beginning. While Kafka is away nothing is lost or removed: what is known stays, `ready` is false, and no method
raises; `ready` is true again when all has been read that stood in the topic when Kafka answered. Memory is bounded by the topic: by its
keys, and by `keep_ms` where the topic deletes records of that age.

Must not append: a writer appends with a Producer (LogUnavailableError), and waits with `wait_until` until its own record is known here.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from services.adapters.clock import Clock
from services.adapters.config.kafka_connection import KafkaConnection
from services.adapters.kafka.clients import new_consumer, stop_consumer

_log = logging.getLogger(__name__)

_ANSWER_MS: Final = 5_000
# After this long without a record the broker is asked for the end: a consumer never says that Kafka is away
_IDLE_MS: Final = 1_000
# So many idle polls before the end that was seen: the broker answers and sends nothing, so the consumer is replaced
_STALLED_POLLS: Final = 5
_RETRY_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class KeyedRecord:
    """A record of a followed topic; `value` is None where it removes its key. `at` is its timestamp in milliseconds since 1970."""

    key: str
    value: bytes | None
    offset: int
    at: int
    is_new: bool
    """Whether it was appended after this process began to follow."""


Listener = Callable[[KeyedRecord], None]
"""Takes a record when it has been read. It must not raise: a record that can't be decoded is data, and is skipped."""


class FollowedTopic(Protocol):
    """The newest record of each key of a topic."""

    @property
    def ready(self) -> bool:
        """Whether everything is known that stood in the topic when Kafka last answered."""

    def get(self, key: str) -> KeyedRecord | None:
        """Return the newest record of a key; None when there is none."""

    def records(self) -> list[KeyedRecord]:
        """List the newest record of each key, the oldest first."""

    def listen(self, listener: Listener) -> None:
        """Call a listener with each record that is read from now on; before `run_forever` that is all of them."""

    async def wait_until(self, offset: int, within_s: float) -> bool:
        """Wait until the record at an offset is known; return whether it is."""


class KeyedRecords:
    """The newest record of each key in log order, and those who listen; it knows no Kafka."""

    def __init__(self) -> None:
        self._newest: dict[str, KeyedRecord] = {}
        self._listeners: list[Listener] = []

    def __iter__(self) -> Iterator[KeyedRecord]:
        return iter(list(self._newest.values()))

    def get(self, key: str) -> KeyedRecord | None:
        """Return the newest record of a key; None when there is none."""
        return self._newest.get(key)

    def listen(self, listener: Listener) -> None:
        """Call a listener with each record from now on."""
        self._listeners.append(listener)

    def apply(self, record: KeyedRecord) -> None:
        """Put a record in the place of the one before it, and hand it to the listeners."""
        self._newest.pop(record.key, None)  # a dict keeps the order in which keys came: the newest last
        if record.value is not None:
            self._newest[record.key] = record
        for listener in self._listeners:
            listener(record)

    def remove_all(self) -> None:
        """Remove every key, as if a record without a value had been read of each: the topic is another one now."""
        for record in self:
            self.apply(KeyedRecord(record.key, None, record.offset, record.at, is_new=False))

    def remove_before(self, oldest: int) -> None:
        """Remove the records that are older than `oldest` (ms), without a word to the listeners."""
        for record in self:
            if record.at >= oldest:
                return
            del self._newest[record.key]


class CompactedTopic:
    """Follows a topic in Kafka while `run_forever` runs."""

    def __init__(self, brokers: KafkaConnection, topic: str, now: Clock, keep_ms: int | None = None) -> None:
        self.topic, self._brokers, self._now, self._keep_ms = topic, brokers, now, keep_ms
        self._partition = TopicPartition(topic, 0)
        self._records = KeyedRecords()
        self._ready = False
        self._next, self._target = 0, 0
        self._first_end: int | None = None
        self._advanced = asyncio.Event()

    @property
    def ready(self) -> bool:
        """Whether everything is known that stood in the topic when Kafka last answered."""
        return self._ready

    def get(self, key: str) -> KeyedRecord | None:
        """Return the newest record of a key; None when there is none."""
        return self._records.get(key)

    def records(self) -> list[KeyedRecord]:
        """List the newest record of each key, the oldest first."""
        return list(self._records)

    def listen(self, listener: Listener) -> None:
        """Call a listener with each record that is read from now on; before `run_forever` that is all of them."""
        self._records.listen(listener)

    async def wait_until(self, offset: int, within_s: float) -> bool:
        """Wait until the record at an offset is known; return whether it is."""
        try:
            async with asyncio.timeout(within_s):
                while self._next <= offset:
                    await self._advanced.wait()
        except TimeoutError:
            return False
        return True

    async def run_forever(self) -> None:
        """Follow until cancelled; without Kafka, try again."""
        while True:
            consumer = new_consumer(self._brokers, auto_offset_reset="none", request_timeout_ms=_ANSWER_MS)
            try:
                await consumer.start()
                await self._follow(consumer)
            except (KafkaError, OSError, TimeoutError):
                if self._ready:  # once, and not every second
                    _log.warning("a topic can't be followed", extra={"topic": self.topic})
            finally:
                self._ready = False
                await stop_consumer(consumer)
            await asyncio.sleep(_RETRY_S)

    async def _follow(self, consumer: Any) -> None:
        """Read on from where it stands; a KafkaError when Kafka does not answer, or sends nothing of what it has."""
        await self._continue(consumer)
        idle = 0
        while True:
            self._ready = self._ready or self._next >= self._target
            fetched = (await consumer.getmany(self._partition, timeout_ms=_IDLE_MS)).get(self._partition, ())
            self._take(fetched)
            # Compaction leaves gaps, so the end may be further than the last record
            self._advance(await consumer.position(self._partition))
            idle = 0 if fetched else idle + 1
            if idle and self._next >= self._target:
                idle, self._target = 0, await self._end(consumer)
            if idle >= _STALLED_POLLS:
                raise KafkaError("the broker sends no records")
            if self._keep_ms is not None:
                self._records.remove_before(self._now() - self._keep_ms)

    async def _continue(self, consumer: Any) -> None:
        """Go to the first record that is not known yet; a topic that ends before it was re-created, and is read from its beginning."""
        consumer.assign([self._partition])
        starts = await consumer.beginning_offsets([self._partition])
        self._target = await self._end(consumer)
        if self._target < self._next:
            self._records.remove_all()
            self._next, self._first_end = 0, None
        if self._first_end is None:
            self._first_end = self._target
        self._next = max(self._next, starts[self._partition])
        consumer.seek(self._partition, self._next)

    async def _end(self, consumer: Any) -> int:
        ends = await consumer.end_offsets([self._partition])
        return int(ends[self._partition])

    def _take(self, fetched: Sequence[Any]) -> None:
        first_end = self._first_end or 0
        for record in fetched:
            if record.key is not None:
                key = record.key.decode("utf-8", "replace")
                self._records.apply(KeyedRecord(key, record.value, record.offset, record.timestamp, is_new=record.offset >= first_end))

    def _advance(self, position: int) -> None:
        if position > self._next:
            self._next = position
            self._advanced.set()
            self._advanced = asyncio.Event()
