"""What everyone in the country shares: the parameters, the draws, the agenda, the places, the waiting lists, the truth, and the log."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from services.adapters.instants import NS_PER_MS
from services.adapters.topics import partition_of
from services.domain.events import DEMAND_EVENTS, Data, Event
from services.simulator.agenda import Agenda
from services.simulator.chance import Chance
from services.simulator.hours import MINUTE, Scale
from services.simulator.households import Household
from services.simulator.parameters import Parameters
from services.simulator.places import Shelter
from services.simulator.truth import Truth

COORDINATOR = "urn:plek:coordinator"
WORKER = "urn:plek:worker"


@dataclass(frozen=True, slots=True)
class Logged:
    """One event and when it was logged, in milliseconds."""

    at: int
    event: Event


@dataclass(slots=True, eq=False)
class Waiting:
    """A household on the waiting list of a region, for a kind of unit."""

    entry: str
    household: Household
    kind: str


@dataclass(frozen=True, slots=True)
class Lived:
    """What the country remembers of a stay in one unit, for its own figures: the kind, and from when to when."""

    kind: str
    start: int
    end: int


@dataclass(slots=True)
class World:
    """One country. In a log of its own, of so many partitions, evidence can name positions; where others write too it can't."""

    parameters: Parameters
    chance: Chance
    agenda: Agenda
    scale: Scale
    shelters: dict[str, Shelter]
    inhabitants: Mapping[str, int]
    partitions: int | None
    truth: Truth = field(default_factory=Truth)
    lists: dict[str, list[Waiting]] = field(default_factory=dict)
    lived: list[Lived] = field(default_factory=list)
    out: list[Logged] = field(default_factory=list)
    last: int = 0
    _partitions: dict[str, str] = field(default_factory=dict)
    _logged: Counter[str] = field(default_factory=Counter)

    @property
    def now(self) -> int:
        """Tell what the log's clock says: a little more with every event, so that no two are logged at once."""
        return max(self.scale.logged(self.agenda.now), self.last)

    def say(self, source: str, subject: str, data: Data) -> Logged:
        """Log an event now. Of its meaning the truth is told by whoever says it."""
        logged = self._log(Event(id=self.chance.uuid(), source=source, time=self._next() * NS_PER_MS, subject=subject, data=data))
        if self.chance.hit(self.parameters.sent_twice):
            self.agenda.after(self.chance.between(1_000, 5 * MINUTE), partial(self._again, logged.event))
        return logged

    def positions(self) -> dict[str, int]:
        """Tell the offset of the last event in each partition of the log that has one; nothing where they can't be known."""
        return {partition: number - 1 for partition, number in sorted(self._logged.items())} if self.partitions else {}

    def _next(self) -> int:
        return max(self.scale.logged(self.agenda.now), self.last + 1)

    def _again(self, event: Event) -> None:
        self._log(event)

    def _log(self, event: Event) -> Logged:
        logged = Logged(self._next(), event)
        self.last = logged.at
        self.out.append(logged)
        if self.partitions and not isinstance(event.data, DEMAND_EVENTS):
            self._logged[self._partition(event.subject, self.partitions)] += 1
        return logged

    def _partition(self, shelter: str, partitions: int) -> str:
        if shelter not in self._partitions:
            self._partitions[shelter] = str(partition_of(shelter.encode(), partitions))
        return self._partitions[shelter]


def source_of(shelter: str, desk: int) -> str:
    """Name a desk of a shelter."""
    return f"urn:plek:shelter:{shelter}:desk-{desk}"
