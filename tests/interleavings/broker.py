"""The event log as one broker of the simulation: partitions, and a consumer group with generations.

`Appender` is the producer of a process, `TruthReader` its reader outside of every group; both pass through the wire.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from faust.types import TP

from services.adapters.kafka.log_reader import Ends, Fingerprint, fingerprint
from services.adapters.kafka.ports import LogPosition, LogRecord, LogUnavailableError, TooLargeError
from services.adapters.kafka.topics import partition_of
from tests.interleavings.wire import Wire

# A record whose value is larger is one that the log never takes
LARGEST = 4_000


class Stored(NamedTuple):
    """A record as a Kafka client returns it."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    topic: str
    partition: int
    headers: tuple[tuple[str, bytes], ...]
    timestamp_type: int = 1


@dataclass(slots=True)
class Broker:
    """The topics and the one group of a run; `now` is the clock of the broker (ms)."""

    partitions: int
    now: Callable[[], int]
    records: defaultdict[TP, list[Stored]] = field(default_factory=lambda: defaultdict(list))
    appended_at: defaultdict[TP, list[float]] = field(default_factory=lambda: defaultdict(list))
    """When each record was appended, by the clock of the simulation (s), which never jumps."""
    committed: dict[TP, int] = field(default_factory=dict)
    generation: int = 0
    owner: dict[TP, str] = field(default_factory=dict)
    seconds: Callable[[], float] = lambda: 0.0
    on_append: Callable[[LogRecord], None] = lambda _record: None
    on_commit: Callable[[TP, int], None] = lambda _tp, _offset: None

    def append(self, records: Sequence[LogRecord]) -> list[LogPosition]:
        """Append in order; all of it or, where one is too large, nothing."""
        if any(len(record.value or b"") > LARGEST for record in records):
            raise TooLargeError
        return [self._append(record) for record in records]

    def _append(self, record: LogRecord) -> LogPosition:
        number = partition_of(record.key or b"", self.partitions) if record.topic.endswith("events") else 0
        tp = TP(record.topic, number)
        self.on_append(record)
        kept = self.records[tp]
        kept.append(Stored(len(kept), self.now(), record.key, record.value, record.topic, number, record.headers))
        self.appended_at[tp].append(self.seconds())
        return LogPosition(number, len(kept) - 1)

    def read(self, tp: TP, start: int, most: int) -> list[Stored]:
        """Return at most so many records from an offset on."""
        return self.records[tp][start : start + most]

    def end(self, tp: TP) -> int:
        """Return the offset that the next record will get."""
        return len(self.records[tp])

    def commit(self, member: str, generation: int, offsets: dict[TP, int]) -> bool:
        """Commit offsets of the group; False for a member of an older generation, and then none is."""
        if generation != self.generation or any(self.owner.get(tp) != member for tp in offsets):
            return False
        for tp, offset in offsets.items():
            self.on_commit(tp, offset)
            self.committed[tp] = offset
        return True


@dataclass(frozen=True, slots=True)
class Appender:
    """The producer of one process."""

    broker: Broker
    wire: Wire

    @property
    def ready(self) -> bool:
        """Return whether the log answers, as far as is known."""
        return "log" not in self.wire.away

    async def append(self, records: Sequence[LogRecord]) -> list[LogPosition]:
        """Append in order, and return the position of each."""
        sent = list(records)
        topic = sent[0].topic.rpartition(".")[2] if sent else "nothing"
        return await self.wire.call(
            "log", f"append {len(sent)} {topic}", lambda: self.broker.append(sent), LogUnavailableError, ordered=True
        )


@dataclass(frozen=True, slots=True)
class TruthReader:
    """Reads one topic outside of every group."""

    broker: Broker
    wire: Wire
    topic: str

    async def checkpoint(self, _partition: int) -> None:
        """Return no checkpoint: nothing was deleted."""

    async def ends(self, partitions: Iterable[int]) -> dict[int, Ends]:
        """Return where these partitions begin and end now."""
        numbers = list(partitions)
        found: dict[int, Ends] = await self._call("ends", lambda: {number: Ends(0, self._end(number)) for number in numbers})
        return found

    def _end(self, number: int) -> int:
        return self.broker.end(TP(self.topic, number))

    async def fingerprint(self, partition: int, ends: Ends) -> Fingerprint:
        """Return the fingerprint of the first record, as the log had it when its ends were read."""
        if ends.end == 0:
            return Fingerprint("")
        found: Fingerprint = await self._call("fingerprint", lambda: fingerprint(self.broker.read(TP(self.topic, partition), 0, 1)[0]))
        return found

    async def _call(self, what: str, effect: Callable[[], Any]) -> Any:
        return await self.wire.call("log", f"{what} {self.topic.rpartition('.')[2]}", effect, LogUnavailableError)
