"""Intake: an organisation's own system writes to `plek.intake.<organisation>`, and what keeps the rules goes on to the log.

The rules are those of HTTP: the same validator, and the table of `authorization.py` for the role `shelter`.

Guarantees: at least once, for the offset is committed when everything before it is acknowledged, good or bad; a second copy changes nothing
(R1). While the owner of a shelter is not known the topic waits; it is never guessed. What is refused is a dead letter, for operators, and
comes back on the organisation's own topic of refusals where there is one.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from aiokafka import TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError

from services.adapters.auth.authentication import Caller
from services.adapters.clock import Clock
from services.adapters.codec.event_codec import RefusedEvent, TooNew, encode, key_of
from services.adapters.codec.json_reader import read_json
from services.adapters.codec.validation import Code, FieldProblem
from services.adapters.config.kafka_connection import KafkaConnection
from services.adapters.kafka.clients import new_consumer, stop_consumer
from services.adapters.kafka.dead_letters import Received, dead_letter, log_refused
from services.adapters.kafka.ports import AppendableLog, LogRecord, LogUnavailableError
from services.adapters.kafka.topics import Topics
from services.adapters.observability import trace_context
from services.adapters.observability.metrics import Metrics
from services.adapters.view.ports import ReadableView, ViewUnavailableError
from services.domain.events.catalog import SHORT_NAMES, Event, ShelterRegistered, UnitDeclared, UnitWithdrawn
from services.gateway import authorization
from services.gateway.authorization import ForbiddenError, Permissions
from services.gateway.binary_mode import is_binary_record, kept_headers, read_record
from services.gateway.event_validator import EventValidator
from services.gateway.event_volume import EventVolume
from services.gateway.models import answer_of
from services.gateway.ownership import OwnershipLookup
from services.gateway.proposals.proposal_log import ProposalLog
from services.gateway.proposals.shelter_changes import NotAppended, ShelterChanges
from services.gateway.refusals.refusal import IntakeRefusal

_log = logging.getLogger(__name__)

_MOST_RECORDS: Final = 500
_POLL_MS: Final = 500
_RETRY_S: Final = 1.0
# A new organisation's topic is found within this time.
_NEW_TOPICS_MS: Final = 3_000
_SESSION_MS: Final = 10_000

ListTopics = Callable[[], Awaitable[Collection[str]]]
"""Returns the names of the topics that exist."""


class IntakeRecord(Received, Protocol):
    """A record of an intake topic as a Kafka client hands it over."""

    @property
    def timestamp(self) -> int:
        """When the broker took it (ms)."""

    @property
    def headers(self) -> Sequence[tuple[str, bytes | None]]:
        """Its headers: in binary mode they hold the attributes of the event."""


@dataclass(slots=True, kw_only=True)
class IntakeReader:
    """Decides record by record what goes on to the log, and what becomes a proposal."""

    topics: Topics
    validator: EventValidator
    log: AppendableLog
    view: ReadableView
    partitions: int
    oldest_ms: int
    now: Clock
    metrics: Metrics
    volume: EventVolume
    changes: ShelterChanges
    proposals: ProposalLog

    async def take(self, topic: str, records: Sequence[IntakeRecord], topics: ListTopics) -> None:
        """Append what becomes of records of one topic, in order; LogUnavailableError, ViewUnavailableError."""
        organisation = self.topics.organisation(topic) or ""
        if not self.proposals.table.ready:
            raise LogUnavailableError  # who owns a shelter that is still proposed is not known
        ownership = OwnershipLookup(self.view, self.partitions, self.now() - self.oldest_ms)
        read = [_read(record) for record in records]
        claims = _Claims(organisation, ownership)
        checked = [await self._decide(*each, claims) for each in zip(records, read, strict=True)]
        decided = await self._sort(checked, organisation, ownership)
        appended = [
            self._record(record, decision)
            for record, decision in zip(records, decided, strict=True)
            if not isinstance(decision, NotAppended)
        ]
        refusals = [
            IntakeRefusal.of(record, document, decision.problems)
            for record, document, decision in zip(records, read, decided, strict=True)
            if isinstance(decision, RefusedEvent)
        ]
        await self.log.append([*appended, *await self._answers(refusals, organisation, topics)])
        log_refused(
            (record, decision.reason) for record, decision in zip(records, decided, strict=True) if isinstance(decision, RefusedEvent)
        )
        self.volume.add(decision for decision in decided if isinstance(decision, Event))
        for decision in decided:
            self._count(topic, decision)

    async def _decide(self, record: IntakeRecord, document: Any, claims: "_Claims") -> Event | RefusedEvent:
        """Return the event that goes on to the log, or why it is refused."""
        if isinstance(document, RefusedEvent):
            return document
        event = self.validator.codec.decode_document("beds", record.key, document)
        if isinstance(event, TooNew):  # nothing may wait for it here: the sender reads the refusal
            return _refused("/type", "version_too_new")
        if isinstance(event, RefusedEvent):
            return event
        wrong = self.validator.validate_event(event, self.now())
        if wrong:
            return wrong
        forbidden = await self._forbidden(event, claims)
        return _refused("", forbidden) if forbidden else event

    async def _sort(
        self, checked: Sequence[Event | RefusedEvent], organisation: str, ownership: OwnershipLookup
    ) -> list[Event | RefusedEvent | NotAppended]:
        """Write the proposals among what was checked, and return what becomes of each record then."""
        events = [event for event in checked if isinstance(event, Event)]
        changes = await self.changes.sort(self.changes.system(organisation), events, ownership)
        await self.proposals.append(*changes.records)
        return changes.treated(checked)

    async def _answers(self, refusals: Sequence[IntakeRefusal], organisation: str, topics: ListTopics) -> list[LogRecord]:
        """Return the records of the refusals; none where the organisation has no topic for them, which holds up nothing."""
        topic = self.topics.refused(organisation)
        if not refusals or topic not in await topics():
            return []
        return [refusal.record(topic) for refusal in refusals]

    async def _forbidden(self, event: Event, claims: "_Claims") -> Code | None:
        """Return why an organisation may not send this; None where it may."""
        owned = await self._owns(event, claims)
        system = Caller(claims.organisation, "shelter", frozenset({event.subject} if owned else ()))
        try:
            await Permissions(system, claims.ownership).check(authorization.read_event(event))
        except ForbiddenError as refused:
            return "not_for_role" if refused.because == "role" else "not_yours"
        if isinstance(event.data, ShelterRegistered):
            claims.claimed.add(event.subject)
        return None

    async def _owns(self, event: Event, claims: "_Claims") -> bool:
        """Return whether the shelter is this organisation's: registered, or proposed by it; it may propose one that no organisation has.

        Facts of a shelter that several organisations claim are refused until one of them is confirmed: they would be mixed for ever.
        """
        registration, organisation = await claims.ownership.registration(event.subject), claims.organisation
        if registration:
            owners = {registration.organisation}
        else:
            own = {organisation} if event.subject in claims.claimed else set()
            owners = own | self.proposals.table.claimants(event.subject, self.now())
        match event.data:
            case ShelterRegistered() as stated:
                return stated.organisation == organisation and (registration is None or owners == {organisation})
            case UnitDeclared() | UnitWithdrawn():
                return organisation in owners
            case _:
                return owners == {organisation}

    def _record(self, record: IntakeRecord, decision: Event | RefusedEvent) -> LogRecord:
        if isinstance(decision, Event):
            trace = trace_context.of_record(record)
            headers = ((trace_context.HEADER, trace.header.encode()),) if trace else ()
            return LogRecord(self.topics.bed_events, key_of(decision).encode(), encode(decision), headers)
        original = kept_headers(record.headers) if is_binary_record(record.headers) else ()
        return dead_letter(self.topics.dead_letters, record, decision.reason, original)

    def _count(self, topic: str, decision: Event | RefusedEvent | NotAppended) -> None:
        if isinstance(decision, NotAppended):
            self.metrics.count("plek_events_total", way="intake", type="unknown", answer=answer_of(decision))
        elif isinstance(decision, Event):
            self.metrics.count("plek_events_total", way="intake", type=SHORT_NAMES[type(decision.data)], answer="accepted")
        else:
            self.metrics.count("plek_events_total", way="intake", type="unknown", answer="refused")
            self.metrics.count("plek_dead_letters_total", topic=topic, reason=decision.reason)


def _read(record: IntakeRecord) -> Any:
    """Read the event of a record, in either mode, as a JSON value; a RefusedEvent where it is none."""
    if record.value is None:
        return _refused("", "unreadable")
    try:
        value = read_json(record.value)
    except (ValueError, RecursionError):
        return _refused("", "unreadable")
    return read_record(record.headers, value) if is_binary_record(record.headers) else value


def _refused(pointer: str, code: Code) -> RefusedEvent:
    return RefusedEvent((FieldProblem(pointer, code),))


@dataclass(frozen=True, slots=True)
class _Claims:
    """Who sends a batch, who owns which shelter, and the shelters that are registered or claimed in the batch itself."""

    organisation: str
    ownership: OwnershipLookup
    claimed: set[str] = field(default_factory=set)


@dataclass(slots=True)
class KafkaIntake:
    """Consumes what the organisations wrote, and hands it to the reader."""

    brokers: KafkaConnection
    reader: IntakeReader
    _away: bool = False

    async def run_forever(self) -> None:
        """Consume until cancelled; without Kafka, try again."""
        while True:
            consumer = self._consumer()
            try:
                await consumer.start()
                self._away = False
                await self._consume(consumer)
            except (KafkaError, OSError):
                self._warn_once()
            finally:
                await stop_consumer(consumer)
            await asyncio.sleep(_RETRY_S)

    def _consumer(self) -> Any:
        consumer = new_consumer(
            self.brokers,
            group_id=self.reader.topics.intake_group,
            auto_offset_reset="earliest",
            metadata_max_age_ms=_NEW_TOPICS_MS,
            session_timeout_ms=_SESSION_MS,
            heartbeat_interval_ms=_SESSION_MS // 4,
        )
        consumer.subscribe(pattern=self.reader.topics.intake_pattern)
        return consumer

    def _warn_once(self) -> None:
        """Log once, not every second, that there is no Kafka."""
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
            await self.reader.take(partition.topic, records, consumer.topics)
            await consumer.commit({partition: records[-1].offset + 1})
        except (LogUnavailableError, ViewUnavailableError):
            _log.warning("intake waits", extra={"topic": partition.topic, "partition": partition.partition})
            _rewind(consumer, partition, records[0].offset)
            await asyncio.sleep(_RETRY_S)


def _rewind(consumer: Any, partition: TopicPartition, offset: int) -> None:
    """Read from here again, unless another agent does so by now."""
    try:
        consumer.seek(partition, offset)
    except IllegalStateError:
        return
