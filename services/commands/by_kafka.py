"""Writes lines straight to Kafka, with their keys and bytes as they are: the order of a key is the order of the file.

An idempotent producer: what it sends again when a broker comes and goes is in the log once.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from aiokafka.errors import KafkaError, MessageSizeTooLargeError, UnknownTopicOrPartitionError

from services.adapters.brokers import Brokers
from services.adapters.kafka import new_producer
from services.adapters.producer import LARGEST_BYTES
from services.adapters.strict_json import read_json
from services.adapters.topics import Topics
from services.adapters.wire import Topic, Wire, key_of
from services.commands.outcome import Outcome
from services.commands.pace import Pace
from services.commands.tape import Line
from services.domain import events as e
from services.local.trouble import Trouble

# So many are on their way before the first must be acknowledged
MOST: Final = 1_000
# A broker that is started again is back long before
_PATIENCE_S: Final = 60.0
_STOP_S: Final = 2.0
_DEMAND: Final = frozenset(e.TYPE_NAMES[shape] for shape in e.DEMAND_EVENTS)


@dataclass(frozen=True, slots=True)
class Record:
    """What is appended."""

    topic: str
    key: bytes | None
    value: bytes | None
    timestamp: int | None
    headers: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class Addresses:
    """Which topic and key a line gets."""

    wire: Wire
    topics: Topics
    tape: Topic = "beds"

    def record(self, line: Line) -> Record:
        """Send a line of a tape where the tape is told to go, with its key; an event where its type and its names say."""
        if line.keyed:
            return Record(self.topics.truth(self.tape), line.key, line.value, line.timestamp)
        topic, key = self._named(line.value or b"")
        return Record(self.topics.truth(topic), key, line.value, None)

    def _named(self, value: bytes) -> tuple[Topic, bytes | None]:
        """Find the topic and key of an event; one that breaks a rule gets the best key there is, and becomes a dead letter in its turn."""
        try:
            read = read_json(value)
        except (ValueError, RecursionError):
            return "beds", None
        found = self.wire.decode_object(read)
        if isinstance(found, e.Event):
            return self.wire.topic_of(found), key_of(found).encode()
        subject = read.get("subject")
        key = subject.encode("utf-8", "replace") if type(subject) is str else None
        return topic_by_type(read), key


def topic_by_type(read: Any) -> Topic:
    """Tell where an event belongs that breaks a rule, by its type; what has none of ours is with the beds."""
    return "demand" if type(read) is dict and str(read.get("type")) in _DEMAND else "beds"


@dataclass(slots=True)
class KafkaSender:
    """Appends records. `advance` hears of each that is dealt with."""

    brokers: Brokers
    pace: Pace
    advance: Callable[[int], None]
    outcome: Outcome

    async def send(self, records: Iterable[Record]) -> None:
        """Append all of them, acknowledged by Kafka. Raises Trouble when that does not happen."""
        producer = new_producer(self.brokers, request_timeout_ms=20_000)
        try:
            await producer.start()
            for chunk in _chunks(records, self.pace.at_once(MOST)):
                await asyncio.sleep(self.pace.wait(len(chunk)))
                async with asyncio.timeout(_PATIENCE_S):
                    await self._append(producer, chunk)
                self.advance(len(chunk))
        except UnknownTopicOrPartitionError as missing:
            raise Trouble("The topic does not exist: `plek up` makes it") from missing
        except (KafkaError, OSError, TimeoutError) as away:
            raise Trouble(
                f"Kafka does not acknowledge at {self.brokers.addresses}: {self.outcome.accepted:,} lines are in the log"
            ) from away
        finally:
            with suppress(TimeoutError, KafkaError, OSError):
                await asyncio.wait_for(producer.stop(), _STOP_S)

    async def _append(self, producer: Any, chunk: list[Record]) -> None:
        sent = []
        for record in chunk:
            if record.key is None and record.value is None:  # aiokafka writes no such record
                self.outcome.refuse("empty")
                continue
            if len(record.value or b"") > LARGEST_BYTES:
                self.outcome.refuse("too_large")
                continue
            try:
                sent.append(await self._sent(producer, record))
            except MessageSizeTooLargeError:
                self.outcome.refuse("too_large")
        for acknowledged in sent:
            await acknowledged
            self.outcome.accepted += 1

    async def _sent(self, producer: Any, record: Record) -> Any:
        return await producer.send(record.topic, record.value, record.key, timestamp_ms=record.timestamp, headers=list(record.headers))


def _chunks(records: Iterable[Record], most: int) -> Iterator[list[Record]]:
    left = iter(records)
    while chunk := list(islice(left, most)):
        yield chunk
