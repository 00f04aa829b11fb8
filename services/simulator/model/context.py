"""What all actors of one country share: parameters, random choices, the queue, shelters, waiting lists, the ground truth, and the log."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from services.adapters.kafka.topics import partition_of
from services.domain.durations import NS_PER_MS
from services.domain.events.catalog import DEMAND_EVENTS, Data, Event
from services.simulator.ground_truth.beds import BedTruth
from services.simulator.ground_truth.demand import EventTimes
from services.simulator.model.calendar import MINUTE, LogClock
from services.simulator.model.event_queue import EventQueue
from services.simulator.model.households import SimulatedHousehold
from services.simulator.model.parameters import Parameters
from services.simulator.model.random_source import RandomSource
from services.simulator.model.shelters import SimulatedShelter

COORDINATOR = "urn:plek:coordinator"
WORKER = "urn:plek:worker"


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """One event and when it was logged, in milliseconds."""

    at: int
    event: Event

    @property
    def times(self) -> EventTimes:
        """When it occurred (an event that does not say: when it was logged) and when it was logged."""
        occurred_at = getattr(self.event.data, "occurred_at", None)
        return self.at if occurred_at is None else occurred_at // NS_PER_MS, self.at


@dataclass(slots=True, eq=False)
class WaitingHousehold:
    """A household on the waiting list of its region, for a kind of unit."""

    entry: str
    household: SimulatedHousehold
    kind: str


@dataclass(frozen=True, slots=True)
class PastStay:
    """A stay in one unit that is over: the kind of unit, and from when to when."""

    kind: str
    start: int
    end: int


@dataclass(slots=True)
class SimulationContext:
    """One country.

    `partitions` are those of its own log; None where others write to it too, and evidence can't name positions. `unread` has the events
    that were logged since the caller of the simulation last took them.
    """

    parameters: Parameters
    random: RandomSource
    queue: EventQueue
    clock: LogClock
    shelters: dict[str, SimulatedShelter]
    inhabitants: Mapping[str, int]
    partitions: int | None
    truth: BedTruth = field(default_factory=BedTruth)
    waiting_lists: dict[str, list[WaitingHousehold]] = field(default_factory=dict)
    past_stays: list[PastStay] = field(default_factory=list)
    unread: list[LoggedEvent] = field(default_factory=list)
    last_logged: int = 0
    _partitions: dict[str, str] = field(default_factory=dict)
    _next_offsets: Counter[str] = field(default_factory=Counter)

    @property
    def now(self) -> int:
        """What the clock of the log shows; at least the time of the last event."""
        return max(self.clock.time_at(self.queue.now), self.last_logged)

    def event_time(self, instant: int) -> int:
        """Return an instant of the country as events hold it: nanoseconds of the log's clock."""
        return self.clock.time_at(instant) * NS_PER_MS

    def log(self, source: str, subject: str, data: Data) -> LoggedEvent:
        """Log an event now; the caller records in the ground truth what it means."""
        logged = self._append(Event(id=self.random.uuid(), source=source, time=self._next_time() * NS_PER_MS, subject=subject, data=data))
        if self.random.happens(self.parameters.sent_twice):
            self.queue.after(self.random.between(1_000, 5 * MINUTE), partial(self._append, logged.event))
        return logged

    def positions(self) -> dict[str, int]:
        """Return the offset of the last event in each partition of the log that has one; nothing where they can't be known."""
        return {partition: offset - 1 for partition, offset in sorted(self._next_offsets.items())} if self.partitions else {}

    def _next_time(self) -> int:
        """Return the time of the next event: no two are logged in the same millisecond."""
        return max(self.clock.time_at(self.queue.now), self.last_logged + 1)

    def _append(self, event: Event) -> LoggedEvent:
        logged = LoggedEvent(self._next_time(), event)
        self.last_logged = logged.at
        self.unread.append(logged)
        if self.partitions and not isinstance(event.data, DEMAND_EVENTS):
            self._next_offsets[self._partition(event.subject, self.partitions)] += 1
        return logged

    def _partition(self, shelter: str, partitions: int) -> str:
        if shelter not in self._partitions:
            self._partitions[shelter] = str(partition_of(shelter.encode(), partitions))
        return self._partitions[shelter]


def desk_source(shelter: str, number: int) -> str:
    """Return the source of the events of a desk of a shelter."""
    return f"urn:plek:shelter:{shelter}:desk-{number}"
