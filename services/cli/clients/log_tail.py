"""The end of the log, followed: the last events of both truth topics, and where the topics end. It joins no consumer group."""

from collections import deque
from collections.abc import Mapping
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, field
from typing import Final, Self

from services.adapters.codec.event_codec import EventCodec, Topic
from services.adapters.config.settings import Settings
from services.adapters.kafka.log_reader import Ends, Log
from services.adapters.kafka.topics import Topics
from services.cli.clients.connection import event_codec
from services.domain.events import catalog as e

SHOWN: Final = 5
"""The number of events of each sort that are shown."""

# Read from a partition at a time: who looks once a second can't read all of a flood
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
    "No place": (e.FallbackStarted, e.FallbackStartedSealed, e.FallbackEnded, e.WaitingListJoined, e.WaitingListLeft),
}
"""The events that are shown, by sort. Counts and searches come too often to be read."""


@dataclass(frozen=True, slots=True)
class TailEvent:
    """An event and the time at which it was logged (ms)."""

    at: int
    event: e.Event


@dataclass(slots=True)
class LogTail:
    """The last events. `ends` has the end of each partition of the bed topic; `new` counts its records since the first look."""

    codec: EventCodec
    logs: Mapping[Topic, Log]
    partitions: int
    ends: dict[int, int] = field(default_factory=dict)
    new: int = 0
    latest: dict[str, deque[TailEvent]] = field(default_factory=lambda: {sort: deque(maxlen=SHOWN) for sort in SORTS})
    _read_to: dict[tuple[Topic, int], int] = field(default_factory=dict)

    @classmethod
    async def open(cls, settings: Settings, stack: AsyncExitStack) -> Self:
        """Open the log of these settings until the stack is left. Raises LogUnavailableError when Kafka is away."""
        topics, names = Topics(settings.prefix), tuple[Topic, ...](("beds", "demand"))
        logs = {name: await stack.enter_async_context(Log(settings.brokers, topics.truth(name))) for name in names}
        return cls(event_codec(settings), logs, settings.partitions)

    async def look(self) -> None:
        """Read the new records; the first time the last ones. Raises LogUnavailableError when Kafka is away."""
        events: list[TailEvent] = []
        for name, log in self.logs.items():
            ends = await log.ends(range(self.partitions))
            if name == "beds":
                self.new += sum(bounds.end - self.ends.get(partition, bounds.end) for partition, bounds in ends.items())
                self.ends = {partition: bounds.end for partition, bounds in ends.items()}
            for partition, bounds in ends.items():
                events += await self._read(name, log, partition, bounds)
        for event in sorted(events, key=lambda event: event.at):
            for sort, types in SORTS.items():
                if isinstance(event.event.data, types):
                    self.latest[sort].append(event)

    async def _read(self, name: Topic, log: Log, partition: int, bounds: Ends) -> list[TailEvent]:
        start = max(bounds.start, bounds.end - _MOST, self._read_to.get((name, partition), 0))
        self._read_to[name, partition] = bounds.end
        events: list[TailEvent] = []
        async with aclosing(log.read(partition, start, bounds.end)) as batches:
            async for records in batches:
                decoded = ((record.timestamp, self.codec.decode(name, record.key, record.value)) for record in records)
                events += (TailEvent(at, event) for at, event in decoded if isinstance(event, e.Event))
        return events
