"""The end of the log, followed: what was logged last in both truth topics, and where they end. It joins no group, acknowledges nothing."""

from collections import deque
from collections.abc import Mapping
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, field
from typing import Any, Final, Self

from services.adapters.log_reader import Ends, Log
from services.adapters.settings import Settings
from services.adapters.topics import Topics
from services.adapters.wire import Topic, Wire
from services.commands.target import wire_of
from services.domain import events as e

KEPT: Final = 5
"""So many of each sort are remembered."""

# Of a partition no more than this is read in one go: whoever looks once a second can't read what a flood has logged
_MOST: Final = 60
SORTS: Final[Mapping[str, tuple[type, ...]]] = {
    "Places": (
        e.Admission,
        e.Discharge,
        e.Transfer,
        e.UnitDeclared,
        e.UnitWithdrawn,
        e.UnitClosed,
        e.UnitReopened,
        e.IntakePaused,
        e.IntakeResumed,
        e.Correction,
    ),
    "Holds": (e.HoldRequested, e.HoldAccepted, e.HoldDeclined, e.HoldReleased, e.HoldExtended),
    "No place": (e.FallbackStarted, e.FallbackEnded, e.WaitingListJoined, e.WaitingListLeft),
}
"""What is shown apart. Counts and searches come too often to be read."""


@dataclass(frozen=True, slots=True)
class Happened:
    """An event and when it was logged (ms)."""

    at: int
    event: e.Event


@dataclass(slots=True)
class Tail:
    """What was seen so far. `ends` are those of the bed topic; `since` counts what was logged there since the first look."""

    wire: Wire
    logs: Mapping[Topic, Log]
    partitions: int
    ends: dict[int, int] = field(default_factory=dict)
    since: int = 0
    latest: dict[str, deque[Happened]] = field(default_factory=lambda: {sort: deque(maxlen=KEPT) for sort in SORTS})
    _read: dict[tuple[Topic, int], int] = field(default_factory=dict)

    @classmethod
    async def of(cls, settings: Settings, stack: AsyncExitStack) -> Self:
        """Follow the log of these settings until the stack is left. LogUnavailableError when Kafka is away."""
        topics, names = Topics(settings.prefix), tuple[Topic, ...](("beds", "demand"))
        logs = {name: await stack.enter_async_context(Log(settings.brokers, topics.truth(name))) for name in names}
        return cls(wire_of(settings), logs, settings.partitions)

    async def look(self) -> None:
        """Read what has come; the first time, what came last. LogUnavailableError when Kafka is away."""
        came: list[Happened] = []
        for name, log in self.logs.items():
            ends = await log.ends(range(self.partitions))
            if name == "beds":
                self.since += sum(each.end - self.ends.get(number, each.end) for number, each in ends.items())
                self.ends = {number: each.end for number, each in ends.items()}
            for number, each in ends.items():
                came += await self._came(name, log, number, each)
        for happened in sorted(came, key=lambda each: each.at):
            for sort, types in SORTS.items():
                if isinstance(happened.event.data, types):
                    self.latest[sort].append(happened)

    async def _came(self, name: Topic, log: Log, number: int, ends: Ends) -> list[Happened]:
        start = max(ends.start, ends.end - _MOST, self._read.get((name, number), 0))
        self._read[name, number] = ends.end
        found: list[Happened] = []
        async with aclosing(log.read(number, start, ends.end)) as reading:
            async for records in reading:
                found += (happened for record in records if (happened := self._happened(name, record)))
        return found

    def _happened(self, name: Topic, record: Any) -> Happened | None:
        read = self.wire.decode(name, record.key, record.value)
        return Happened(record.timestamp, read) if isinstance(read, e.Event) else None
