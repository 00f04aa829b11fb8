"""A log of one partition in memory, and a keeper on it: what a Kafka consumer would hand over, when a test wants it to."""

from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from services.adapters.log_port import LogUnavailableError
from services.adapters.log_reader import Ends, Fingerprint, fingerprint
from services.adapters.regions import read_regions
from services.adapters.view.port import WritableView
from services.adapters.wire import Refused, Wire
from services.domain.freshness import Limits
from services.processor.beds import BedFold
from services.processor.keeper import Keeper
from services.processor.partition import Fold
from tests.tapes import Line

WIRE = Wire(frozenset(read_regions()))


@dataclass(frozen=True, slots=True)
class Logged:
    """A record as a Kafka client hands it over."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    topic: str = "beds"
    partition: int = 0


@dataclass(slots=True)
class MemoryLog:
    """One partition; `away = True` makes every call fail, as a dead broker would."""

    records: list[Logged] = field(default_factory=list)
    away: bool = False
    committed: int = 0
    """What a consumer group that keeps its own offsets has committed."""

    def append(self, lines: Iterable[Line], start: int = 0) -> "MemoryLog":
        """Append lines; the first offset of an empty log is `start`."""
        for line in lines:
            offset = self.records[-1].offset + 1 if self.records else start
            self.records.append(Logged(offset, line.timestamp or 1_000 + offset, line.key, line.value))
        return self

    def between(self, start: int, end: int) -> list[Logged]:
        """Read the records from `start` up to `end` (excluded)."""
        return [record for record in self.records if start <= record.offset < end]

    async def ends(self, partitions: Iterable[int]) -> dict[int, Ends]:
        """Tell where the log begins and ends."""
        if self.away:
            raise LogUnavailableError("Kafka can't be reached")
        ends = Ends(self.records[0].offset, self.records[-1].offset + 1) if self.records else Ends(0, 0)
        return dict.fromkeys(partitions, ends)

    async def fingerprint(self, _partition: int, _ends: Ends) -> Fingerprint:
        """Take the fingerprint of the first record."""
        return fingerprint(self.records[0]) if self.records else Fingerprint("")


class ReadableLog(MemoryLog):
    """A log in memory that can be read from anywhere, in pieces of an odd size."""

    async def read(self, _partition: int, start: int, end: int) -> AsyncGenerator[list[Any], None]:
        """Read the records from `start` up to `end` (excluded)."""
        for first in range(start, end, 77):
            yield self.between(first, min(first + 77, end))


@dataclass(slots=True)
class Letterbox:
    """Dead letters in memory."""

    sent: list[tuple[Any, Refused]] = field(default_factory=list)

    async def send(self, refused: Sequence[tuple[Any, Refused]]) -> None:
        """Take them in."""
        self.sent += refused


@dataclass(slots=True)
class Worker:
    """A keeper of partition 0 with a consumer that reads the log from where it is sent to."""

    view: WritableView
    log: MemoryLog
    limits: Limits = field(default_factory=Limits)
    letters: Letterbox = field(default_factory=Letterbox)
    next_offset: int = 0
    fold: Fold | None = None
    keeper: Keeper = field(init=False)

    def __post_init__(self) -> None:
        self.keeper = Keeper(self.fold or BedFold(WIRE, self.limits), self.view, self.log, self.letters, self._seek)

    async def _seek(self, _partition: int, offset: int) -> None:
        self.next_offset = offset

    async def assigned(self, committed: int = 0) -> Self:
        """Take partition 0 over, as after a rebalance."""
        self.next_offset = await self.keeper.assign(0, committed)
        return self

    async def read(self, up_to: int | None = None, batch: int = 50) -> None:
        """Read on, batch by batch, to an offset (excluded) or the end of the log."""
        end = up_to if up_to is not None else (await self.log.ends([0]))[0].end
        while self.next_offset < end and not self.keeper.halted():
            records = self.log.between(self.next_offset, min(self.next_offset + batch, end))
            self.next_offset = records[-1].offset + 1
            await self.keeper.take(0, records)
