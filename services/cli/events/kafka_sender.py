"""Writes lines straight to Kafka with their keys and bytes as they are: the order of a key is the order of the file.

The producer is idempotent: what it sends again when a broker goes and comes is in the log once.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

from aiokafka.errors import KafkaError, MessageSizeTooLargeError, UnknownTopicOrPartitionError

from services.adapters.codec.event_codec import EventCodec, Topic, key_of
from services.adapters.codec.json_reader import read_json
from services.adapters.config.kafka_connection import KafkaConnection
from services.adapters.kafka.clients import new_producer
from services.adapters.kafka.producer import LARGEST_BYTES
from services.adapters.kafka.topics import Topics
from services.cli.clients.connection import event_codec, settings_of
from services.cli.events.recording_reader import RecordedLine, Recording
from services.cli.events.send_summary import SendSummary
from services.cli.events.throttle import Throttle
from services.domain.events import catalog as e
from services.local.user_error import UserError

# Records that are sent before the first must be acknowledged
MOST: Final = 1_000
# Longer than a broker takes to start again
_GIVE_UP_S: Final = 60.0
_STOP_S: Final = 2.0
_DEMAND: Final = frozenset(e.TYPE_NAMES[event_type] for event_type in e.DEMAND_EVENTS)


def send_to_kafka(
    data: Path | None, recording: Recording, tape: Topic, throttle: Throttle, advance: Callable[[int], None], summary: SendSummary
) -> None:
    """Append the lines of a recording to the topics of an instance; `tape` is that of lines with a key. Raises UserError."""
    settings = settings_of(data, "kafka")
    if settings.world != "live":
        raise UserError(f"{settings.prefix} is {settings.world}, and has times of its own: `plek import` writes it", code=2)
    router = LineRouter(event_codec(settings), Topics(settings.prefix), tape)
    asyncio.run(KafkaSender(settings.brokers, throttle, advance, summary).send(map(router.record, recording)))


@dataclass(frozen=True, slots=True)
class SentRecord:
    """A record to append; `timestamp` in ms."""

    topic: str
    key: bytes | None
    value: bytes | None
    timestamp: int | None
    headers: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class LineRouter:
    """Decides the topic and the key of each line. `tape` is the topic of the lines that have a key."""

    codec: EventCodec
    topics: Topics
    tape: Topic = "beds"

    def record(self, line: RecordedLine) -> SentRecord:
        """Return the record of a line: with its own key where it has one, else by the type and the ids of its event."""
        if line.keyed:
            return SentRecord(self.topics.truth(self.tape), line.key, line.value, line.timestamp)
        topic, key = self._route(line.value or b"")
        return SentRecord(self.topics.truth(topic), key, line.value, None)

    def _route(self, value: bytes) -> tuple[Topic, bytes | None]:
        """Return the topic and key of an event; one that breaks a rule gets the likeliest, and becomes a dead letter there."""
        try:
            document = read_json(value)
        except (ValueError, RecursionError):
            return "beds", None
        event = self.codec.decode_object(document)
        if isinstance(event, e.Event):
            return self.codec.topic_of(event), key_of(event).encode()
        return topic_by_type(document), key_by_subject(document)


def topic_by_type(document: Any) -> Topic:
    """Return the topic of an event that breaks a rule by its type; that of beds where it has no type of the contract."""
    return "demand" if type(document) is dict and str(document.get("type")) in _DEMAND else "beds"


def key_by_subject(document: Any) -> bytes | None:
    """Return the key of an event that breaks a rule: its subject, if it has one."""
    subject = document.get("subject") if type(document) is dict else None
    return subject.encode("utf-8", "replace") if type(subject) is str else None


@dataclass(slots=True)
class KafkaSender:
    """Appends records. `advance` counts those that are done."""

    brokers: KafkaConnection
    throttle: Throttle
    advance: Callable[[int], None]
    summary: SendSummary

    async def send(self, records: Iterable[SentRecord]) -> None:
        """Append all records, and wait until Kafka has acknowledged them. Raises UserError where it does not."""
        producer = new_producer(self.brokers, request_timeout_ms=20_000)
        try:
            await producer.start()
            for chunk in _chunks(records, self.throttle.batch_size(MOST)):
                await asyncio.sleep(self.throttle.delay(len(chunk)))
                async with asyncio.timeout(_GIVE_UP_S):
                    await self._append(producer, chunk)
                self.advance(len(chunk))
        except UnknownTopicOrPartitionError as error:
            raise UserError("The topic does not exist: `plek up` makes it") from error
        except (KafkaError, OSError, TimeoutError) as error:
            addresses = self.brokers.addresses
            raise UserError(f"Kafka does not acknowledge at {addresses}: {self.summary.accepted:,} lines are in the log") from error
        finally:
            with suppress(TimeoutError, KafkaError, OSError):
                await asyncio.wait_for(producer.stop(), _STOP_S)

    async def _append(self, producer: Any, chunk: list[SentRecord]) -> None:
        pending = []
        for record in chunk:
            if record.key is None and record.value is None:  # aiokafka writes no such record
                self.summary.refuse("empty")
                continue
            if len(record.value or b"") > LARGEST_BYTES:
                self.summary.refuse("too_large")
                continue
            settings = {"timestamp_ms": record.timestamp, "headers": list(record.headers)}
            try:
                pending.append(await producer.send(record.topic, record.value, record.key, **settings))
            except MessageSizeTooLargeError:
                self.summary.refuse("too_large")
        for acknowledgement in pending:
            await acknowledgement
            self.summary.accepted += 1


def _chunks(records: Iterable[SentRecord], size: int) -> Iterator[list[SentRecord]]:
    remaining = iter(records)
    while chunk := list(islice(remaining, size)):
        yield chunk
