"""Decides for each line of history its topic, its time, and whether it will be a dead letter.

The log accepts what the gateway would have refused; the fold sets it aside, as everywhere (contract, R13). Only two kinds go straight to
the dead letters: what claims to be of the future, and a type that is too new, which would stop its partition.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from services.adapters.codec.event_codec import EventCodec, RefusedEvent, Topic, key_of
from services.adapters.codec.json_reader import read_json
from services.adapters.codec.validation import Code
from services.adapters.kafka.dead_letters import dead_letter
from services.adapters.kafka.topics import Topics
from services.cli.datasets.import_dedup import FILE, ImportDedup
from services.cli.events.kafka_sender import SentRecord, key_by_subject, topic_by_type
from services.cli.events.recording_reader import RecordedLine
from services.domain.durations import NS_PER_MS
from services.domain.events import value_types as v
from services.domain.events.catalog import Event
from services.gateway.event_validator import EventValidator

_UUID: Final = re.compile(v.UUID.pattern.encode())


@dataclass(frozen=True, slots=True)
class _Route:
    """The topic and key of a line, its time (ms) if it has one, and the reason if it will be refused."""

    topic: Topic
    key: bytes | None
    time: int | None
    reason: Code | None
    to_dead_letters: bool = False


@dataclass(frozen=True, slots=True)
class _Received:
    """A line in the form of a record that was received."""

    key: bytes | None
    value: bytes | None
    offset: int
    topic: str = FILE
    partition: int = 0


@dataclass(slots=True)
class ImportRouter:
    """The router of one file. `now` is this machine's time (ms): nothing that happened is later.

    `topic` is that of all lines with a key, if it is known; else an event has the topic of its type, and what is no event that of beds.
    """

    codec: EventCodec
    topics: Topics
    now: int
    dedup: ImportDedup
    topic: Topic | None = None
    clock: int = 0
    """The latest time of a line so far (ms), which is also that of a line without a time."""
    present: int = 0
    """The number of lines that were in the log already."""
    dead: Counter[str] = field(default_factory=Counter)

    def records(self, lines: Iterable[RecordedLine]) -> Iterator[SentRecord]:
        """Yield the records that have to be written, and count the other lines."""
        for line in lines:
            route = self._route(line)
            record = self._record(line, route)
            if route.reason:
                self.dead[route.reason] += 1
            if self.dedup.take(record):
                self.present += 1
            else:
                yield record

    def _record(self, line: RecordedLine, route: _Route) -> SentRecord:
        at = next((time for time in (line.timestamp, route.time) if time is not None), self.clock)
        self.clock = max(self.clock, at)
        if route.to_dead_letters and route.reason:
            letter = dead_letter(self.topics.dead_letters, _Received(route.key, line.value, line.number), route.reason)
            return SentRecord(letter.topic, letter.key, letter.value, None, letter.headers)
        return SentRecord(self.topics.truth(route.topic), route.key, line.value, at)

    def _route(self, line: RecordedLine) -> _Route:
        try:
            document = read_json(line.value or b"")
        except (ValueError, RecursionError):
            return _Route(self.topic or "beds", line.key, None, "unreadable")
        event = self.codec.decode_object(document)
        if isinstance(event, RefusedEvent):
            return self._route_refused(line, document, event)
        key = line.key if line.keyed else key_of(event).encode()
        topic_of_type = self.codec.topic_of(event)
        topic = self.topic if line.keyed and self.topic else topic_of_type
        if late := EventValidator(self.codec, None).check_timestamps(event, self.now):
            return _Route(topic, key, None, late.reason, to_dead_letters=True)
        return _Route(topic, key, event.time // NS_PER_MS, _key_fault(key, event) if topic == topic_of_type else "other_topic")

    def _route_refused(self, line: RecordedLine, document: Any, refused: RefusedEvent) -> _Route:
        too_new = self.codec.too_new(document)
        key = line.key if line.keyed else key_by_subject(document)
        reason: Code = "version_too_new" if too_new else refused.reason
        # No key of the demand topic is anything but a UUID
        likeliest = topic_by_type(document) if key and _UUID.fullmatch(key) else "beds"
        topic = self.topic if line.keyed and self.topic else likeliest
        return _Route(topic, key, None, reason, to_dead_letters=too_new is not None)


def _key_fault(key: bytes | None, event: Event) -> Code | None:
    if key is None:
        return "no_key"
    return None if key == key_of(event).encode() else "mismatch"
