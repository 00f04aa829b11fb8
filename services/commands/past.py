"""Lines of history judged one by one: where each goes, at what time, and what will become of it.

The log takes what the door would have refused; the fold puts it aside, as it does everywhere (contract, R13). Only two kinds go straight
to the dead letters: what claims to be of the future, and a type too new, which would stop its partition.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from services.adapters.checks import Code
from services.adapters.dead_letters import dead_letter
from services.adapters.instants import NS_PER_MS
from services.adapters.strict_json import read_json
from services.adapters.topics import Topics
from services.adapters.wire import Refused, Topic, Wire, key_of
from services.commands.by_kafka import Record, topic_by_type
from services.commands.ledger import FILE, Ledger
from services.commands.tape import Line
from services.domain import values as v
from services.domain.events import Event
from services.gateway.door import Door

_UUID: Final = re.compile(v.UUID.pattern.encode())


@dataclass(frozen=True, slots=True)
class _Read:
    """What a line holds: where it belongs, its key, its time (ms) if it has one, and why it will be refused, if it will."""

    topic: Topic
    key: bytes | None
    time: int | None
    reason: Code | None
    set_aside: bool = False


@dataclass(frozen=True, slots=True)
class _Received:
    """A line as a record that was received."""

    key: bytes | None
    value: bytes | None
    offset: int
    topic: str = FILE
    partition: int = 0


@dataclass(slots=True)
class Past:
    """Judges the lines of one file. `now` is this machine's time (ms): nothing that happened is later.

    `topic` is where all keyed lines were, if that is known; else each event is where its type belongs, and what is none with the beds.
    """

    wire: Wire
    topics: Topics
    now: int
    ledger: Ledger
    topic: Topic | None = None
    clock: int = 0
    """The latest time of a line so far (ms); a line without any is of that time."""
    there: int = 0
    dead: Counter[str] = field(default_factory=Counter)

    def records(self, lines: Iterable[Line]) -> Iterator[Record]:
        """Yield what is to be written, and count what became of the others."""
        for line in lines:
            read = self._read(line)
            record = self._record(line, read)
            if read.reason:
                self.dead[read.reason] += 1
            if self.ledger.strike(record):
                self.there += 1
            else:
                yield record

    def _record(self, line: Line, read: _Read) -> Record:
        at = next((time for time in (line.timestamp, read.time) if time is not None), self.clock)
        self.clock = max(self.clock, at)
        if read.set_aside and read.reason:
            letter = dead_letter(self.topics.dead_letters, _Received(read.key, line.value, line.number), read.reason)
            return Record(letter.topic, letter.key, letter.value, None, letter.headers)
        return Record(self.topics.truth(read.topic), read.key, line.value, at)

    def _read(self, line: Line) -> _Read:
        try:
            value = read_json(line.value or b"")
        except (ValueError, RecursionError):
            return _Read(self.topic or "beds", line.key, None, "unreadable")
        found = self.wire.decode_object(value)
        if isinstance(found, Refused):
            return self._refused(line, value, found)
        key = line.key if line.keyed else key_of(found).encode()
        belongs = self.wire.topic_of(found)
        topic = self.topic if line.keyed and self.topic else belongs
        if late := Door(self.wire, None).of_times(found, self.now):
            return _Read(topic, key, None, late.reason, set_aside=True)
        return _Read(topic, key, found.time // NS_PER_MS, _of_key(key, found) if topic == belongs else "other_topic")

    def _refused(self, line: Line, value: Any, found: Refused) -> _Read:
        subject = value.get("subject") if type(value) is dict else None
        named = subject.encode("utf-8", "replace") if type(subject) is str else None
        too_new = self.wire.too_new(value)
        key = line.key if line.keyed else named
        reason: Code = "version_too_new" if too_new else found.reason
        topic = self.topic if line.keyed and self.topic else _of_form(key, topic_by_type(value))
        return _Read(topic, key, None, reason, set_aside=too_new is not None)


def _of_form(key: bytes | None, by_type: Topic) -> Topic:
    """Tell where something that breaks a rule was: no key of the demand topic is other than a UUID."""
    return by_type if key and _UUID.fullmatch(key) else "beds"


def _of_key(key: bytes | None, event: Event) -> Code | None:
    if key is None:
        return "no_key"
    return None if key == key_of(event).encode() else "mismatch"
