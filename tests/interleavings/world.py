"""The world of one run: the servers, the clocks and the trouble that its seed brings, and what was promised in it."""

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from faust.types import TP

from services.adapters.kafka.ports import LogRecord
from services.adapters.kafka.topics import Topics
from tests.interleavings.broker import Broker
from tests.interleavings.seeded_loop import Process, SeededLoop
from tests.interleavings.watched_view import Watch, WatchedBeds, WatchedDemand
from tests.interleavings.wire import Wire

PARTITIONS: Final = 2
# A Tuesday, a day after the recorded events begin
BEGUN_MS: Final = 1_772_500_000_000
_FAULTS: Final = (0.0, 0.02, 0.08, 0.2)
_DISORDER: Final = (0.0, 0.0, 0.15, 0.5)


class Counted:
    """Metrics that a check can read: only what is counted."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def count(self, name: str, by: float = 1, **labels: str) -> None:
        """Count."""
        self.counts[name] += int(by)
        self.counts[" ".join([name, *labels.values()])] += int(by) if labels else 0

    def set(self, _name: str, _value: float, **_labels: str) -> None:
        """Keep no gauge."""

    def observe(self, _name: str, _value: float, **_labels: str) -> None:
        """Keep no duration."""


@dataclass(slots=True)
class Trouble:
    """How much goes wrong in a run, by its seed."""

    faults: float
    disorder: float
    again: float
    outages: bool
    kills: bool
    freezes: bool
    wipes: bool
    jumps: bool
    surprises: bool

    @classmethod
    def of(cls, dice: random.Random) -> "Trouble":
        """Return the trouble of a seed: in each run some kinds alone, so that none hides another."""
        flags = [dice.random() < 0.4 for _ in range(6)]
        return cls(dice.choice(_FAULTS), dice.choice(_DISORDER), dice.choice((0.0, 0.1, 0.3)), *flags)


@dataclass(slots=True)
class World:
    """Everything of one run."""

    seed: int
    dice: random.Random = field(init=False)
    trouble: Trouble = field(init=False)
    loop: SeededLoop = field(init=False)
    wire: Wire = field(init=False)
    broker: Broker = field(init=False)
    beds: WatchedBeds = field(init=False)
    demand: WatchedDemand = field(init=False)
    topics: Topics = field(default_factory=Topics)
    counted: Any = field(default_factory=Counted)
    broken: list[str] = field(default_factory=list)
    skews: dict[str, int] = field(default_factory=dict)
    """By how much the clock of a machine is off (ms)."""
    promised: dict[tuple[bytes, bytes], str] = field(default_factory=dict)
    """Key and value of every record that was acknowledged, and by what."""
    again: float = 0.0
    workers: list[Any] = field(default_factory=list)
    services: list[Any] = field(default_factory=list)
    """What is killed and started again beside the workers."""

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        self.trouble = Trouble.of(self.dice)
        self.again = self.trouble.again
        self.loop = SeededLoop(self.dice, self.trouble.disorder)
        self.wire = Wire(self.loop, self.dice, self.trouble.faults)
        self.broker = Broker(PARTITIONS, lambda: self._clock("broker"), seconds=self.loop.time)
        letters = TP(self.topics.dead_letters, 0)
        watches = [
            Watch(self.broker, topic, letters, BEGUN_MS, self.broken) for topic in (self.topics.bed_events, self.topics.demand_events)
        ]
        self.beds, self.demand = WatchedBeds(PARTITIONS, watches[0]), WatchedDemand(PARTITIONS, watches[1])
        for watch in watches:
            watch.live_clocks = not self.trouble.jumps
        self.broker.on_commit = lambda tp, offset: self.watch_of(tp).committed(tp, offset)

    @property
    def surprised(self) -> list[str]:
        """Return the processes that met an exception that no code expects."""
        return [step.process for step in self.wire.steps if step.how == "SURPRISE"]

    def watch_of(self, tp: TP) -> Watch:
        """Return what watches the view of a topic."""
        return self.beds.watch if tp.topic == self.topics.bed_events else self.demand.watch

    def now(self, process: Process) -> int:
        """Return the time (ms) by the clock of a process."""
        return self._clock(process.name.partition("#")[0])

    def now_everywhere(self) -> int:
        """Return the time (ms) by a clock that never jumps."""
        return self._clock("none")

    def _clock(self, machine: str) -> int:
        return BEGUN_MS + int(self.loop.time() * 1_000) + self.skews.get(machine, 0)

    @property
    def partitions(self) -> list[TP]:
        """Return the partitions of both truth topics."""
        return [TP(topic, number) for topic in (self.topics.bed_events, self.topics.demand_events) for number in range(PARTITIONS)]

    def promise(self, records: Iterable[LogRecord], how: str) -> None:
        """Note that records were acknowledged: none of them may be lost."""
        self.promised.update({(record.key or b"", record.value or b""): how for record in records})

    def heal(self) -> None:
        """End all trouble: from here on everything answers."""
        self.wire.faults, self.again = 0.0, 0.0
        self.wire.away.clear()
        self.wire.surprises.clear()
        self.skews.clear()
        for worker in self.workers:
            if worker.process.frozen:
                self.loop.thaw(worker.process)
        self.wire.note("HEALED")
