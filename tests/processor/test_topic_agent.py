"""One agent by itself: a batch that fails ends the process, and only what could move and does not is stuck."""

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest
from faust.types import TP

from services.adapters.kafka.ports import LogUnavailableError
from services.adapters.observability.metrics import Metrics
from services.domain.beds.staleness import StalenessLimits
from services.processor.dead_letter_producer import DeadLetterProducer
from services.processor.projections.beds import BedProjectionFactory
from services.processor.topic_agent import TopicAgent
from tests import tapes
from tests.processor.logs import WIRE, DeadLetterInbox, MemoryLog
from tests.tapes import Line
from tests.twins.memory_log import MemoryLog as AppendableLog
from tests.twins.memory_view import MemoryView

_TOPIC = "beds"
_LIMIT_S = 30.0


class _Log(MemoryLog):
    topic = _TOPIC


class _Clock:
    """Seconds that a test sets."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


class _App:
    """What an agent asks of Faust: which partitions it has, and where its consumer is to read on."""

    def __init__(self) -> None:
        self.rebalancing, self.sought = False, []  # type: tuple[bool, list[tuple[TP, int]]]
        self.consumer = SimpleNamespace(assignment=lambda: {TP(_TOPIC, 0)}, seek=self._seek)
        self.agents: dict[str, Any] = {}

    def topic(self, name: str, **_: Any) -> str:
        """Return the topic by its name."""
        return name

    def agent(self, _topic: str, name: str, **_: Any) -> Any:
        """Register an agent."""
        return lambda body: self.agents.setdefault(name, body)

    async def _seek(self, tp: TP, offset: int) -> None:
        self.sought.append((tp, offset))


def _agent(clock: _Clock, *lines: Line) -> tuple[TopicAgent, MemoryView]:
    view = MemoryView(1)
    log = _Log().append(lines)
    agent = TopicAgent(
        factory=BedProjectionFactory(WIRE, StalenessLimits()),
        view=view,  # type: ignore[arg-type]  # the twin of the writer
        log=log,  # type: ignore[arg-type]
        dead_letters=DeadLetterInbox(),
        metrics=Metrics(),
        stall_limit_s=_LIMIT_S,
        seconds=clock,
    )
    agent.register(_App())
    return agent, view


async def test_a_batch_that_fails_ends_the_process_and_is_never_acknowledged() -> None:
    """An exception that nobody foresaw is stated as the reason to end, and the batch stays in hand: Faust would go on without it."""
    agent, _ = _agent(_Clock(), *tapes.load("week")[:5])
    slots = asyncio.Semaphore(1)
    await slots.acquire()
    folding = asyncio.create_task(agent._fold([SimpleNamespace(partition=0, offset="no number")], slots))
    for _ in range(50):
        await asyncio.sleep(0)
    assert agent.failed == "a batch could not be folded"
    assert (folding.done(), slots.locked()) == (False, True)
    folding.cancel()


async def _behind(agent: TopicAgent, clock: _Clock, *, waited: bool) -> str | None:
    """Return why an agent fails that stands behind its log for longer than the limit."""
    await agent.next_offsets({TP(_TOPIC, 0): 0})
    for clock.now in (0.0, _LIMIT_S / 2, _LIMIT_S + 1):
        agent.manager.waited = waited
        await agent.tick(1, None)
    return agent.failed


@pytest.mark.parametrize(("waited", "stuck"), [(False, True), (True, False)])
async def test_nothing_is_stuck_while_redis_or_kafka_is_waited_for(*, waited: bool, stuck: bool) -> None:
    """A partition behind its log that does not move fails its agent, unless Redis or Kafka was away: then nothing can move."""
    clock = _Clock()
    agent, _ = _agent(clock, *tapes.load("week")[:5])
    assert bool(await _behind(agent, clock, waited=waited)) is stuck


async def test_a_partition_that_is_halted_is_not_stuck() -> None:
    """A halted partition waits for an operator: starting the process anew would not help."""
    clock = _Clock()
    agent, view = _agent(clock, *tapes.load("week")[:5])
    await agent.next_offsets({TP(_TOPIC, 0): 0})
    await agent.manager.fold(0, agent.log.between(0, 5))  # type: ignore[attr-defined]
    other, _ = _agent(clock, *tapes.load("week")[2:4])
    other.manager._view = view
    assert await _behind(other, clock, waited=False) is None
    assert other.manager.halted()


async def test_an_agent_has_the_partitions_of_its_own_topic() -> None:
    """Of what is assigned, revoked and folded an agent takes its own topic; the offset of the group is the one after the position."""
    agent, _ = _agent(_Clock(), *tapes.load("week")[:5])
    other = TP("demand", 0)
    assert await agent.next_offsets({TP(_TOPIC, 0): 0, other: 7}) == {TP(_TOPIC, 0): 0}
    await agent.manager.fold(0, agent.log.between(0, 5))  # type: ignore[attr-defined]
    agent.revoke({other})
    assert agent.folded() == {TP(_TOPIC, 0): 5}
    agent.revoke({TP(_TOPIC, 0)})
    assert agent.folded() == {}


async def test_the_consumer_is_sent_to_partitions_it_still_has() -> None:
    """A partition that was taken away meanwhile is not sought: Faust would raise, and its new worker reads it."""
    agent, _ = _agent(_Clock())
    for partition in (0, 1):
        await agent._seek(partition, 5)
    assert agent._faust.sought == [(TP(_TOPIC, 0), 5)]


async def test_no_more_batches_are_in_hand_than_may_be() -> None:
    """Of five batches that wait three are folded at a time, and the next begins when one is done."""
    agent, _ = _agent(_Clock())
    begun, done = list[int](), asyncio.Semaphore(0)

    async def fold(number: int, _records: Any) -> None:
        begun.append(number)
        await done.acquire()

    async def batches() -> AsyncIterator[Any]:
        for number in range(5):
            yield [SimpleNamespace(partition=number)]

    agent.manager = SimpleNamespace(fold=fold)  # type: ignore[assignment]
    consuming, seen = asyncio.create_task(agent._consume(batches())), []
    for _ in range(6):
        for _ in range(20):
            await asyncio.sleep(0)
        seen.append(len(begun))
        done.release()
    await consuming
    assert seen == [3, 4, 5, 5, 5, 5]


@pytest.mark.parametrize("away", [False, True])
async def test_a_dead_letter_is_counted_once_it_is_acknowledged(*, away: bool) -> None:
    """The metric of the dead letters counts those that can be read, and none that was not acknowledged."""
    log, metrics = AppendableLog(1), Metrics()
    log.away = away
    [record] = MemoryLog().append([Line(key=b"k", value=b"no JSON")]).records
    try:
        await DeadLetterProducer(log, "dead", metrics).send([(record, SimpleNamespace(reason="unreadable"))])  # type: ignore[list-item]
    except LogUnavailableError:
        assert away
    assert (b'plek_dead_letters_total{reason="unreadable",topic="beds"} 1.0' in metrics.page()) is not away
