"""Composes the processor: waits for its topics and its view, then folds, sweeps and stamps until it is stopped.

It ends by itself only when going on would be worse: Faust has crashed, or a partition no longer moves. The supervisor starts it again.
"""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from typing import Any, Final

import faust
from faust.types import TP

from services.adapters.checkpoints.truth_log import TruthLog
from services.adapters.clock import Clock, now_ms, seconds
from services.adapters.codec.event_codec import EventCodec
from services.adapters.config.settings import Settings
from services.adapters.kafka.dead_letters import LARGEST_BYTES
from services.adapters.kafka.ports import LogUnavailableError
from services.adapters.kafka.producer import Producer
from services.adapters.kafka.topic_admin import TopicsError
from services.adapters.kafka.topics import Topics, check_topics
from services.adapters.observability.json_logging import configure
from services.adapters.observability.metrics import Metrics
from services.adapters.regions import read_regions
from services.adapters.view.dataset_view import latest
from services.adapters.view.ports import ViewUnavailableError
from services.adapters.view.redis_reader import RedisDemandReader, RedisReader
from services.adapters.view.redis_writer import RedisWriter
from services.processor.dead_letter_producer import DeadLetterProducer
from services.processor.faust_integration import batching_app
from services.processor.health import ProcessorStatus, serving, status_app
from services.processor.log_comparison import compare_in_child
from services.processor.partition import ProjectionFactory
from services.processor.projections.beds import BedProjectionFactory
from services.processor.projections.demand import DemandProjectionFactory
from services.processor.topic_agent import TopicAgent
from services.processor.view_canary import ViewCanary

_log = logging.getLogger(__name__)

# Within the 5 s a clean stop may take, with the server and the connections still to be closed.
_STOP_S: Final = 4.0
_WAIT_S: Final = 0.5
_TICK_S: Final = 1.0
# Halted partitions are loaded again, and the setup of Redis is checked, this many ticks apart.
_RETRY_TICKS: Final = 10


class Processor:
    """The Faust app and its two agents: one folds beds, one demand."""

    def __init__(self, settings: Settings, now: Clock = now_ms) -> None:
        self.settings, self.metrics, self.now = settings, Metrics(), now
        self.producer = Producer(settings.brokers, seconds, self.metrics, LARGEST_BYTES)
        codec = EventCodec(frozenset(read_regions(settings.regions)))
        redis = (settings.redis, settings.prefix, settings.partitions)
        self.beds = self._agent(BedProjectionFactory(codec, settings.limits), RedisReader(*redis))
        self.demand = self._agent(DemandProjectionFactory(codec), RedisDemandReader(*redis))
        self.agents = (self.beds, self.demand)
        self.faust = batching_app(
            Topics(settings.prefix).processor_group, settings.brokers, settings.session_timeout_s, self._next_offsets, self._folded
        )
        for agent in self.agents:
            agent.register(self.faust)
        self.faust.on_partitions_revoked.connect(self._revoked)
        self.status = ProcessorStatus()

    def _agent(self, factory: ProjectionFactory, view: RedisWriter) -> TopicAgent:
        topics = Topics(self.settings.prefix)
        return TopicAgent(
            factory=factory,
            view=view,
            log=TruthLog(self.settings.brokers, topics, factory.topic),
            dead_letters=DeadLetterProducer(self.producer, topics.dead_letters, self.metrics),
            metrics=self.metrics,
            stall_limit_s=self.settings.watchdog_s,
            seconds=seconds,
        )

    def _canary(self, agent: TopicAgent) -> ViewCanary:
        return ViewCanary(
            topic=agent.name,
            manager=agent.manager,
            view=agent.view,
            compare=partial(compare_in_child, self.settings),
            metrics=self.metrics,
            now=self.now,
        )

    async def run(self, stop: asyncio.Event) -> int:
        """Run until `stop` is set; return the exit code."""
        status = status_app(self.status, self.agents, self.metrics)
        async with AsyncExitStack() as stack:
            for agent in self.agents:
                stack.push_async_callback(agent.view.close)
                stack.push_async_callback(agent.log.close)
            at = (self.settings.host, self.settings.processor_port, self.settings.tls_file)
            await stack.enter_async_context(serving(status, *at))
            if await self._until(stop, self._can_start):
                await stack.enter_async_context(in_background(self.producer.run_forever()))
                if await self._start(stop):
                    self.status.started = True
                    for agent in self.agents:
                        await stack.enter_async_context(in_background(self._canary(agent).run_forever(self.settings.canary_s)))
                    await self._tick_until(stop)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._end(), _STOP_S)
        if self.status.failed:
            _log.critical("stopped", extra={"why": self.status.failed})
        return 1 if self.status.failed else 0

    async def _start(self, stop: asyncio.Event) -> bool:
        """Start Faust; return whether it has started. It has not where it is to stop, or stands still for as long as a partition may.

        A start that hangs has partitions that no other worker gets, and nothing ticks yet that would notice.
        """
        starting, stopped = asyncio.ensure_future(self.faust.start()), asyncio.ensure_future(stop.wait())
        loaded, since = self._folded(), seconds()
        while not (starting.done() or stopped.done() or self.status.failed):
            await asyncio.wait((starting, stopped), timeout=_WAIT_S, return_when=asyncio.FIRST_COMPLETED)
            before, loaded, away = loaded, self._folded(), [agent.manager.was_away() for agent in self.agents]
            if loaded != before or not loaded or any(away):
                since = seconds()
            elif seconds() - since > self.settings.watchdog_s:
                self.status.failed = f"the start stands still with {len(loaded)} partitions loaded"
            self.status.failed = self.status.failed or self._crashed()
        stopped.cancel()
        if starting.done() and not self.status.failed:
            await starting  # what it has raised ends the process
            return True
        starting.cancel()
        return False

    async def _end(self) -> None:
        await self._commit_positions()
        await self.faust.stop()

    async def _can_start(self) -> bool:
        """Return whether Redis and the topics are there and set up as they must be; all of it may come later than this process."""
        try:
            faults = await self.beds.view.faults()
            wrong = faults + await check_topics(self.settings.brokers, self.settings.prefix, self.settings.partitions)
            for agent in self.agents:
                await agent.log.start()
        except (ViewUnavailableError, LogUnavailableError, TopicsError) as away:
            wrong = [str(away)]
        self.status.waiting = wrong
        for why in wrong:
            _log.warning("waiting", extra={"why": why})
        return not wrong

    async def _until(self, stop: asyncio.Event, ready: Callable[[], Awaitable[bool]]) -> bool:
        while not stop.is_set():
            if await ready():
                return True
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _WAIT_S)
        return False

    async def _tick_until(self, stop: asyncio.Event) -> None:
        """Tick until `stop` is set. A tick waits for Redis for as long as it is away; a stop must not."""
        ticking, stopped = asyncio.ensure_future(self._ticks()), asyncio.ensure_future(stop.wait())
        await asyncio.wait((ticking, stopped), return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        ticking.cancel()
        try:
            await ticking
        except asyncio.CancelledError:
            return
        except Exception:  # Faust must be stopped all the same: no supervisor starts a process again that only seems to run
            _log.exception("a tick failed")
            self.status.failed = "a tick failed"

    async def _ticks(self) -> None:
        """Run every second: sweep, stamp, commit, and check that all still move, until something has failed for good."""
        ticks = 0
        while not self.status.failed:
            clock = await self._clock()
            await asyncio.gather(*(agent.tick(self.now(), clock) for agent in self.agents))
            await self._commit_positions()
            ticks += 1
            if ticks % _RETRY_TICKS == 0:
                await asyncio.gather(*(agent.manager.retry_halted() for agent in self.agents))
                await self._count_setup_faults()
            self.status.failed = self._crashed() or next((agent.failed for agent in self.agents if agent.failed), None)
            await asyncio.sleep(_TICK_S)

    async def _count_setup_faults(self) -> None:
        """Count what is set up wrongly in Redis while this runs, as a metric; the gateway does so for the topics."""
        with suppress(ViewUnavailableError):
            self.metrics.set("plek_setup_faults", len(await self.beds.view.faults()), part="redis")

    async def _clock(self) -> int | None:
        """Return the clock of a data set that is not live, over all its partitions; None for a live one, which has the clock of the day."""
        if self.settings.world == "live":
            return None
        try:
            return latest(*[await agent.view.positions() for agent in self.agents])
        except ViewUnavailableError:
            return 0  # never below the clock of the partition itself

    def _crashed(self) -> str | None:
        return f"faust crashed: {type(self.faust.crash_reason).__name__}" if self.faust.crashed else None

    async def _next_offsets(self, committed: Mapping[TP, int]) -> dict[TP, int]:
        return {tp: offset for agent in self.agents for tp, offset in (await agent.next_offsets(committed)).items()}

    def _folded(self) -> dict[TP, int]:
        return {tp: offset for agent in self.agents for tp, offset in agent.folded().items()}

    async def _commit_positions(self) -> None:
        if self.faust.consumer and not self.faust.rebalancing:
            await self.faust.consumer.commit_positions()

    async def _revoked(self, _app: faust.App, revoked: set[TP], **_: Any) -> None:
        for agent in self.agents:
            agent.revoke(revoked)


@asynccontextmanager
async def in_background(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run a coroutine for as long as the context lasts."""
    task = asyncio.ensure_future(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def main(settings: Settings) -> int:
    """Run the processor until SIGTERM or SIGINT; return the exit code."""
    configure("processor", settings.log_level)
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        return await Processor(settings).run(stop)
    except Exception:  # whatever it is: threads of Faust would outlive it, and no supervisor would see that it has ended
        _log.exception("internal error")
        return 1
