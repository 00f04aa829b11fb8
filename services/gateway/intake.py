"""The intake agent: an organisation's own system writes to `plek.intake.<organisation>`, and what keeps the rules goes on to the log.

At least once: the offset is committed when everything before it is acknowledged, good or bad; a second copy changes nothing (R1).
Where it can't be told whose a shelter is, the topic waits; it never guesses.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from aiokafka import TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError

from services.adapters.brokers import Brokers
from services.adapters.checks import Code
from services.adapters.clock import Clock
from services.adapters.dead_letters import Received, dead_letter
from services.adapters.kafka import new_consumer
from services.adapters.log_port import AppendableLog, LogUnavailableError, Record
from services.adapters.metrics import Metrics
from services.adapters.topics import Topics
from services.adapters.view.port import ReadableView, ViewUnavailableError
from services.adapters.wire import Refused, TooNew, encode, key_of
from services.domain.events import SHORT_NAMES, Event, ShelterRegistered
from services.gateway.books import ViewBooks
from services.gateway.door import Door

_log = logging.getLogger(__name__)

_MOST_RECORDS: Final = 500
_POLL_MS: Final = 500
_RETRY_S: Final = 1.0
# A new organisation's topic is found within this time.
_NEW_TOPICS_MS: Final = 10_000
_SESSION_MS: Final = 10_000


@dataclass(slots=True, kw_only=True)
class Clerk:
    """Decides record by record what goes on. `registered` bridges the moment until the view shows a registration it let in."""

    topics: Topics
    door: Door
    log: AppendableLog
    view: ReadableView
    partitions: int
    oldest_ms: int
    now: Clock
    metrics: Metrics
    registered: dict[str, str] = field(default_factory=dict)

    async def take(self, topic: str, records: Sequence[Received]) -> None:
        """Append what becomes of records of one topic, in order; LogUnavailableError, ViewUnavailableError."""
        organisation = self.topics.organisation(topic) or ""
        books = ViewBooks(self.view, self.partitions, self.now() - self.oldest_ms)
        found = [await self._judged(record, organisation, books) for record in records]
        await self.log.append([self._written(record, judged) for record, judged in zip(records, found, strict=True)])
        for judged in found:
            self._count(topic, judged)

    async def _judged(self, record: Received, organisation: str, books: ViewBooks) -> Event | Code:
        event = self.door.wire.decode("beds", record.key, record.value)
        if isinstance(event, TooNew):  # it may wait for nobody here: the sender is told through the dead letters
            return "version_too_new"
        if isinstance(event, Refused):
            return event.reason
        late = self.door.of_times(event, self.now())
        if late:
            return late.reason
        return event if await self._owned(event, organisation, books) else "not_yours"

    async def _owned(self, event: Event, organisation: str, books: ViewBooks) -> bool:
        """Say whether the shelter is this organisation's, or becomes so by this event without having been another's."""
        registration = await books.registration(event.subject)
        if registration:
            self.registered.pop(event.subject, None)
        owner = registration.organisation if registration else self.registered.get(event.subject)
        if not isinstance(event.data, ShelterRegistered):
            return owner == organisation
        if event.data.organisation != organisation or owner not in (None, organisation):
            return False
        self.registered[event.subject] = organisation
        return True

    def _written(self, record: Received, judged: Event | Code) -> Record:
        if isinstance(judged, Event):
            return Record(self.topics.bed_events, key_of(judged).encode(), encode(judged))
        return dead_letter(self.topics.dead_letters, record, judged)

    def _count(self, topic: str, judged: Event | Code) -> None:
        if isinstance(judged, Event):
            self.metrics.count("plek_events_total", way="intake", type=SHORT_NAMES[type(judged.data)], answer="accepted")
        else:
            self.metrics.count("plek_events_total", way="intake", type="unknown", answer="refused")
            self.metrics.count("plek_dead_letters_total", topic=topic, reason=judged)


@dataclass(slots=True)
class Intake:
    """Hands the clerk what the organisations wrote, for as long as `keep` runs."""

    brokers: Brokers
    clerk: Clerk
    _away: bool = False

    async def keep(self) -> None:
        """Consume until cancelled; without Kafka, try again."""
        while True:
            consumer = self._consumer()
            try:
                await consumer.start()
                self._away = False
                await self._consume(consumer)
            except (KafkaError, OSError):
                self._say_away()
            finally:
                await consumer.stop()
            await asyncio.sleep(_RETRY_S)

    def _consumer(self) -> Any:
        consumer = new_consumer(
            self.brokers,
            group_id=self.clerk.topics.intake_group,
            auto_offset_reset="earliest",
            metadata_max_age_ms=_NEW_TOPICS_MS,
            session_timeout_ms=_SESSION_MS,
            heartbeat_interval_ms=_SESSION_MS // 4,
        )
        consumer.subscribe(pattern=self.clerk.topics.intake_pattern)
        return consumer

    def _say_away(self) -> None:
        """Say once, not every second, that there is no Kafka."""
        if not self._away:
            _log.warning("intake waits for Kafka")
        self._away = True

    async def _consume(self, consumer: Any) -> None:
        while True:
            batches = await consumer.getmany(timeout_ms=_POLL_MS, max_records=_MOST_RECORDS)
            for partition, records in batches.items():
                await self._handle(consumer, partition, records)

    async def _handle(self, consumer: Any, partition: TopicPartition, records: Sequence[Any]) -> None:
        try:
            await self.clerk.take(partition.topic, records)
            await consumer.commit({partition: records[-1].offset + 1})
        except (LogUnavailableError, ViewUnavailableError):
            _log.warning("intake waits", extra={"topic": partition.topic, "partition": partition.partition})
            _again(consumer, partition, records[0].offset)
            await asyncio.sleep(_RETRY_S)


def _again(consumer: Any, partition: TopicPartition, offset: int) -> None:
    """Read from here again, unless another agent does so by now."""
    try:
        consumer.seek(partition, offset)
    except IllegalStateError:
        return
