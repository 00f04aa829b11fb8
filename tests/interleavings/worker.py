"""A worker of the simulation: the real processor, its agents and its consumer, with a Faust played over the broker of the simulation.

It may be killed, frozen, and lose its partitions without noticing; whatever it was doing, the next start begins with what is durable.
"""

import asyncio
import copy
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, Final

from faust.types import TP

from services.adapters.config.settings import Settings
from services.adapters.kafka.ports import LogUnavailableError
from services.domain.beds.staleness import StalenessLimits
from services.processor.app import Processor
from services.processor.dead_letter_producer import DeadLetterProducer
from services.processor.faust_integration import BatchScheduler, ViewConsumer
from services.processor.health import ProcessorStatus
from services.processor.projections.beds import BedProjectionFactory
from services.processor.projections.demand import DemandProjectionFactory
from services.processor.topic_agent import TopicAgent
from tests.interleavings.broker import Appender, TruthReader
from tests.interleavings.seeded_loop import Process
from tests.interleavings.watched_view import WiredView
from tests.interleavings.world import World
from tests.processor.logs import WIRE

# Faust takes this many batches ahead
_BUFFERED: Final = 16
_MOST_RECORDS: Final = 12
_POLL_S: Final = 0.25
# How long a worker knows nothing of an assignment, at most
_HEARS_S: Final = 0.3
_STALL_LIMIT_S: Final = 60.0
# Nothing connects when it is made, and what it makes of Faust takes longer than a run
_TEMPLATE: Final = Processor(Settings(kafka="127.0.0.1:1", redis="redis://127.0.0.1:1/0"))


@dataclass(slots=True)
class Member:
    """What a worker believes of its place in the group."""

    name: str
    generation: int = -1
    owned: dict[TP, None] = field(default_factory=dict)
    """In order: a set of names has another order in every process."""
    reads_at: dict[TP, int] = field(default_factory=dict)


class _Thread:
    """Takes the place of the thread of Faust, which has the consumer of Kafka."""

    def __init__(self, world: World, member: Member) -> None:
        self._world, self._member = world, member

    def assignment(self) -> Any:
        """Return what this worker believes it owns."""
        return self._member.owned.keys()

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Go to the offsets of the group, and return them; while Kafka is away, wait."""
        committed = self._world.broker.committed
        owned = list(self._member.owned)
        while True:
            try:
                found: dict[TP, int] = await self._call("committed", lambda: {tp: committed.get(tp, 0) for tp in owned})
            except LogUnavailableError:
                continue
            self._member.reads_at.update(found)
            return found

    def seek(self, tp: TP, offset: int) -> None:
        """Read on at an offset."""
        self._member.reads_at[tp] = offset

    async def seek_wait(self, offsets: Mapping[TP, int]) -> None:
        """Read on at these offsets."""
        self._member.reads_at.update(offsets)

    async def commit(self, offsets: Mapping[TP, int]) -> bool:
        """Commit offsets of the group; False where the broker does not accept them."""
        wanted, generation = dict(offsets), self._member.generation
        try:
            accepted: bool = await self._call("commit", lambda: self._world.broker.commit(self._member.name, generation, wanted))
        except LogUnavailableError:
            return False
        return accepted

    async def _call(self, what: str, effect: Callable[[], Any]) -> Any:
        return await self._world.wire.call("log", what, effect, LogUnavailableError, ordered=True)


class _Consumer(ViewConsumer):
    """The consumer of the processor, without Faust behind it."""

    def __init__(self, thread: _Thread, processor: Processor) -> None:
        self._thread, self.log = thread, SimpleNamespace(dev=lambda *_: None)
        self._read_offset: dict[TP, int | None] = {}
        self.next_offsets, self.folded = processor._next_offsets, processor._folded


class PlayedFaust:
    """What the processor asks of Faust."""

    def __init__(self) -> None:
        self.rebalancing, self.crashed = False, False
        self.crash_reason: Exception | None = None
        self.consumer: Any = None
        self.bodies: dict[str, Any] = {}
        self.batches: dict[str, asyncio.Queue[Any]] = {}

    def topic(self, name: str, **_: Any) -> str:
        """Return the topic by its name."""
        return name

    def agent(self, topic: str, **_: Any) -> Callable[[Any], None]:
        """Register the body of an agent."""
        self.batches[topic] = asyncio.Queue(_BUFFERED)
        return lambda body: self.bodies.__setitem__(topic, body)

    async def stream(self, topic: str) -> AsyncIterator[Any]:
        """Yield the batches of a topic."""
        while True:
            yield await self.batches[topic].get()

    async def stop(self) -> None:
        """Stop nothing: its process ends."""


class Worker:
    """One place of the group, and the process that has it now."""

    def __init__(self, world: World, name: str) -> None:
        self.world, self.name, self.starts = world, name, 0
        self.process: Process = world.loop.process(name)
        self.member: Member
        self.processor: Processor
        self.faust: PlayedFaust
        self.start()

    def start(self) -> None:
        """Start a process."""
        self.starts += 1
        self.process = self.world.loop.process(f"{self.name}#{self.starts}")
        self.member = Member(self.process.name)
        self.faust, self.processor = PlayedFaust(), copy.copy(_TEMPLATE)
        self.assignments: asyncio.Queue[tuple[list[TP], int]] = asyncio.Queue()
        self._compose()
        self.world.loop.run_as(self.process, self._run())
        self.world.wire.note("starts", process=self.process.name)

    def kill(self, why: str) -> None:
        """End the process at this very step."""
        self.process.alive = False
        self.world.wire.note("KILLED", why, self.process.name)

    def _compose(self) -> None:
        world, played = self.world, self.processor
        metrics: Any = world.counted
        played.metrics, played.now, played.status = metrics, lambda: world.now(self.process), ProcessorStatus(started=True)
        demand = DemandProjectionFactory(WIRE)
        played.beds = self._agent(
            BedProjectionFactory(WIRE, StalenessLimits()), world.topics.bed_events, WiredView("beds", world.beds, world.wire)
        )
        played.demand = self._agent(demand, world.topics.demand_events, WiredView("demand", world.demand, world.wire))
        played.agents = (played.beds, played.demand)
        played.faust = self.faust
        for agent in played.agents:
            agent.register(self.faust)
        self.faust.consumer = _Consumer(_Thread(world, self.member), played)

    def _agent(self, factory: Any, topic: str, view: Any) -> TopicAgent:
        world = self.world
        view.faults = _no_faults
        log: Any = TruthReader(world.broker, world.wire, topic)
        metrics: Any = world.counted
        return TopicAgent(
            factory=factory,
            view=view,
            log=log,
            dead_letters=DeadLetterProducer(Appender(world.broker, world.wire), world.topics.dead_letters, metrics),
            metrics=metrics,
            stall_limit_s=_STALL_LIMIT_S,
            seconds=world.loop.time,
        )

    async def _run(self) -> None:
        """Run as the process does, until it has failed; then it ends by itself, and the supervisor starts it again."""
        beside = [body(self.faust.stream(topic)) for topic, body in self.faust.bodies.items()]
        tasks = [self.world.loop.create_task(self._crashing(work)) for work in (*beside, self._fetch(), self._join())]
        await self.processor._tick_until(asyncio.Event())
        for task in tasks:
            task.cancel()
        self.kill(f"it ends by itself: {self.processor.status.failed}")

    async def _crashing(self, work: Any) -> None:
        """Do the work of Faust: it crashes where an exception leaves it."""
        try:
            await work
        except Exception as crash:
            self.faust.crashed, self.faust.crash_reason = True, crash

    async def _fetch(self) -> None:
        """Fetch records and hand them on in batches, as Faust does."""
        dice = self.world.dice
        while True:
            await asyncio.sleep(dice.random() * _POLL_S)
            if self.faust.rebalancing:
                continue
            for tp, batch in BatchScheduler().iterate(await self._fetched()):
                await self.faust.batches[tp.topic].put(batch.value)

    async def _fetched(self) -> dict[TP, list[Any]]:
        """Return the next records of each partition, unless the consumer was sent elsewhere meanwhile; now and then some come again."""
        world, member = self.world, self.member
        asked = {tp: member.reads_at[tp] for tp in member.owned if tp in member.reads_at}
        starts = {tp: at - self._again(at) for tp, at in asked.items() if world.broker.end(tp) > at}
        most = world.dice.randint(1, _MOST_RECORDS)
        if not starts:  # Kafka answers when there is something
            return {}
        try:
            found: dict[TP, list[Any]] = await world.wire.call(
                "log", "fetch", lambda: {tp: world.broker.read(tp, start, most) for tp, start in starts.items()}, LogUnavailableError
            )
        except LogUnavailableError:
            return {}
        if self.faust.rebalancing:
            return {}
        fetched = {tp: records for tp, records in found.items() if records and tp in member.owned and member.reads_at[tp] == asked[tp]}
        member.reads_at.update({tp: records[-1].offset + 1 for tp, records in fetched.items()})
        return fetched

    def _again(self, at: int) -> int:
        """Return how many records come again."""
        return self.world.dice.randint(1, at) if at and self.world.dice.random() < self.world.again else 0

    def assign(self, owned: Iterable[TP], generation: int) -> None:
        """Have the group assign partitions: the worker hears of it when it runs."""
        self.assignments.put_nowait((list(owned), generation))

    async def _join(self) -> None:
        """Take over what the group assigns, one generation after the other."""
        while True:
            owned, generation = await self.assignments.get()
            await asyncio.sleep(self.world.dice.random() * _HEARS_S)
            self.faust.rebalancing = True
            await self._rebalance(owned, generation)
            self.faust.rebalancing = False

    async def _rebalance(self, owned: Iterable[TP], generation: int) -> None:
        """Give up what is owned, and take over what was assigned."""
        await self.processor._revoked(self.faust, set(self.member.owned))
        if self.world.dice.random() < 0.5:  # the buffers of Faust may be empty by then, or not
            for batches in self.faust.batches.values():
                while not batches.empty():
                    batches.get_nowait()
        self.member.generation = generation
        self.member.owned.clear()
        self.member.owned.update(dict.fromkeys(owned))
        await self.faust.consumer.seek_to_committed()
        self.world.wire.note("has", " ".join(f"{tp.topic.rpartition('.')[2][:4]}/{tp.partition}" for tp in self.member.owned))


async def _no_faults() -> list[str]:
    """Return no setting that is wrong."""
    return []
