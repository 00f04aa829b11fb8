"""A log of one partition in memory, and a partition manager that reads it when a test says so."""

from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from services.adapters.checkpoints.checkpoint import Checkpoint
from services.adapters.codec.event_codec import EventCodec, RefusedEvent
from services.adapters.kafka.log_reader import Ends, Fingerprint, fingerprint
from services.adapters.kafka.ports import LogUnavailableError
from services.adapters.regions import read_regions
from services.adapters.view.ports import WritableView
from services.domain.beds.staleness import StalenessLimits
from services.processor.partition import ProjectionFactory
from services.processor.partition_manager import PartitionManager
from services.processor.projections.beds import BedProjectionFactory
from tests.tapes import Line

WIRE = EventCodec(frozenset(read_regions()))


@dataclass(frozen=True, slots=True)
class Logged:
    """A record as a Kafka client returns it."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    topic: str = "beds"
    partition: int = 0
    headers: tuple[tuple[str, bytes], ...] = ()


@dataclass(slots=True)
class MemoryLog:
    """The log of one partition; with `away = True` every call fails, as with a dead broker."""

    records: list[Logged] = field(default_factory=list)
    away: bool = False
    committed: int = 0
    """The offset that a consumer group which keeps its own offsets has committed."""
    begins_with: Checkpoint | None = None

    def append(self, lines: Iterable[Line], start: int = 0) -> "MemoryLog":
        """Append lines; the first offset of an empty log is `start`."""
        for line in lines:
            offset = self.records[-1].offset + 1 if self.records else start
            self.records.append(Logged(offset, line.timestamp or 1_000 + offset, line.key, line.value))
        return self

    def between(self, start: int, end: int) -> list[Logged]:
        """Return the records from `start` up to `end` (excluded)."""
        return [record for record in self.records if start <= record.offset < end]

    async def ends(self, partitions: Iterable[int]) -> dict[int, Ends]:
        """Return where the log begins and ends."""
        if self.away:
            raise LogUnavailableError("Kafka can't be reached")
        begins = self.begins_with.offset if self.begins_with else 0
        ends = Ends(self.records[0].offset, self.records[-1].offset + 1) if self.records else Ends(begins, begins)
        return dict.fromkeys(partitions, Ends(max(ends.start, begins), ends.end))

    async def checkpoint(self, _partition: int) -> Checkpoint | None:
        """Return the checkpoint that the log begins with."""
        if self.away:
            raise LogUnavailableError("Kafka can't be reached")
        return self.begins_with

    async def fingerprint(self, _partition: int, ends: Ends) -> Fingerprint:
        """Return the fingerprint of the record that the log begins with."""
        first = self.between(ends.start, ends.end)[:1]
        return fingerprint(first[0]) if first else Fingerprint("")

    async def offset_at(self, _partition: int, at: int) -> int | None:
        """Return the offset of the first record that was logged at `at` (ms) or later; None where there is none."""
        return next((record.offset for record in self.records if record.timestamp >= at), None)

    def begin_with(self, checkpoint: Checkpoint, *, deleted: bool = True) -> None:
        """Begin with a checkpoint; unless `deleted`, the broker still has the records before it."""
        self.begins_with = checkpoint
        if deleted:
            self.records = [record for record in self.records if record.offset >= checkpoint.offset]


class ReadableLog(MemoryLog):
    """A log in memory that can be read from any offset, in batches of 77 records."""

    async def read(self, _partition: int, start: int, end: int) -> AsyncGenerator[list[Any], None]:
        """Return the records from `start` up to `end` (excluded)."""
        for first in range(start, end, 77):
            yield self.between(first, min(first + 77, end))


@dataclass(slots=True)
class DeadLetterInbox:
    """Dead letters in memory."""

    sent: list[tuple[Any, RefusedEvent]] = field(default_factory=list)

    async def send(self, refused: Sequence[tuple[Any, RefusedEvent]]) -> None:
        """Store refused records."""
        self.sent += refused


@dataclass(slots=True)
class Worker:
    """A partition manager with partition 0, and a consumer that reads the log from the offset it is sent to."""

    view: WritableView
    log: MemoryLog
    limits: StalenessLimits = field(default_factory=StalenessLimits)
    dead_letters: DeadLetterInbox = field(default_factory=DeadLetterInbox)
    next_offset: int = 0
    factory: ProjectionFactory | None = None
    manager: PartitionManager = field(init=False)

    def __post_init__(self) -> None:
        self.manager = PartitionManager(
            self.factory or BedProjectionFactory(WIRE, self.limits), self.view, self.log, self.dead_letters, self._seek
        )

    async def _seek(self, _partition: int, offset: int) -> None:
        self.next_offset = offset

    async def assigned(self, committed: int = 0) -> Self:
        """Take partition 0 over, as after a rebalance."""
        self.next_offset = await self.manager.assign(0, committed)
        return self

    async def read(self, up_to: int | None = None, batch: int = 50) -> None:
        """Fold records batch by batch, up to an offset (excluded) or the end of the log."""
        end = up_to if up_to is not None else (await self.log.ends([0]))[0].end
        rounds = 0
        while self.next_offset < end and not self.manager.halted():
            rounds += 1
            assert rounds < 2 * len(self.log.records) + 10, "the consumer is sent back again and again"
            records = self.log.between(self.next_offset, min(self.next_offset + batch, end))
            self.next_offset = records[-1].offset + 1
            await self.manager.fold(0, records)
