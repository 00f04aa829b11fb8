"""Composes the processor: waits for its topics and its view, then folds, sweeps and stamps until it is told to stop.

It ends by itself only when going on would be worse: Faust has crashed, or a partition no longer moves. Whoever started it starts
it again.
"""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any

import faust
from faust.types import TP

from services.adapters.clock import now_ms, seconds
from services.adapters.dead_letters import LARGEST_BYTES
from services.adapters.log_port import LogUnavailableError
from services.adapters.log_reader import Log
from services.adapters.logs import configure
from services.adapters.metrics import Metrics
from services.adapters.producer import Producer
from services.adapters.regions import read_regions
from services.adapters.settings import Settings
from services.adapters.topic_admin import TopicsError
from services.adapters.topics import Topics, check_topics
from services.adapters.view.port import ViewUnavailableError
from services.adapters.view.redis_fence import RedisFence
from services.adapters.view.redis_view import RedisDemandView, RedisView
from services.adapters.view.world_view import latest
from services.adapters.wire import Wire
from services.processor.agent import Agent
from services.processor.beds import BedFold
from services.processor.demand import DemandFold
from services.processor.faust_parts import batching_app
from services.processor.letters import DeadLetters
from services.processor.partition import Fold
from services.processor.status import serving, status_app

_log = logging.getLogger(__name__)

# Within the 5 s a clean stop may take, with the server and the connections still to be closed.
_STOP_S = 4.0
_WAIT_S = 0.5
_TICK_S = 1.0
# Halted partitions are tried again this many ticks apart.
_REVIVE_TICKS = 10


class Processor:
    """The Faust app, and all that its two agents need: one folds beds, one demand."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.metrics = settings, Metrics()
        self.producer = Producer(settings.brokers, seconds, self.metrics, LARGEST_BYTES)
        wire = Wire(frozenset(read_regions(settings.regions)))
        place = (settings.redis, settings.prefix, settings.partitions)
        self.beds = self._agent(BedFold(wire, settings.limits), RedisView(*place))
        self.demand = self._agent(DemandFold(wire), RedisDemandView(*place))
        self.agents = (self.beds, self.demand)
        self.faust = batching_app(
            Topics(settings.prefix).processor_group, settings.brokers, settings.session_timeout_s, self._next_offsets, self._folded
        )
        for agent in self.agents:
            agent.join(self.faust)
        self.faust.on_partitions_revoked.connect(self._revoked)
        self.failed: str | None = None
        self.started = False
        self.waiting: list[str] = []

    def _agent(self, fold: Fold, view: RedisFence) -> Agent:
        topics = Topics(self.settings.prefix)
        letters = DeadLetters(self.producer, topics.dead_letters, self.metrics)
        log = Log(self.settings.brokers, topics.truth(fold.topic))
        patience_s = self.settings.watchdog_s
        return Agent(fold=fold, view=view, log=log, letters=letters, metrics=self.metrics, patience_s=patience_s, seconds=seconds)

    async def run(self, stop: asyncio.Event) -> int:
        """Run until told to stop; return the exit code."""
        async with AsyncExitStack() as stack:
            for agent in self.agents:
                stack.push_async_callback(agent.view.close)
                stack.push_async_callback(agent.log.close)
            await stack.enter_async_context(serving(status_app(self), self.settings.host, self.settings.processor_port))
            if await self._until(stop, self._can_start):
                await stack.enter_async_context(in_background(self.producer.keep()))
                await self.faust.start()
                self.started = True
                await self._tick_until(stop)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._end(), _STOP_S)
        if self.failed:
            _log.critical("stopped", extra={"why": self.failed})
        return 1 if self.failed else 0

    async def _end(self) -> None:
        await self._follow()
        await self.faust.stop()

    async def _can_start(self) -> bool:
        """Tell whether Redis and the topics are there as they ought to be; all of it may come later than this process."""
        try:
            faults = await self.beds.view.faults()
            wrong = faults + await check_topics(self.settings.brokers, self.settings.prefix, self.settings.partitions)
            for agent in self.agents:
                await agent.log.start()
        except (ViewUnavailableError, LogUnavailableError, TopicsError) as away:
            wrong = [str(away)]
        self.waiting = wrong
        for what in wrong:
            _log.warning("waiting", extra={"why": what})
        return not wrong

    async def _until(self, stop: asyncio.Event, ready: Callable[[], Awaitable[bool]]) -> bool:
        while not stop.is_set():
            if await ready():
                return True
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _WAIT_S)
        return False

    async def _tick_until(self, stop: asyncio.Event) -> None:
        """Tick until told to stop. A tick waits for Redis for as long as it is away; a stop must not."""
        ticking, told = asyncio.ensure_future(self._ticks()), asyncio.ensure_future(stop.wait())
        await asyncio.wait((ticking, told), return_when=asyncio.FIRST_COMPLETED)
        told.cancel()
        ticking.cancel()
        try:
            await ticking
        except asyncio.CancelledError:
            return
        except Exception:  # Faust must be stopped all the same: a process that only seems to run is started again by nobody
            _log.exception("a tick failed")
            self.failed = "a tick failed"

    async def _ticks(self) -> None:
        """Every second: sweep, stamp, commit, and look whether all still moves, until something is wrong for good."""
        ticks = 0
        while not self.failed:
            clock = await self._clock()
            await asyncio.gather(*(agent.tick(now_ms(), clock) for agent in self.agents))
            await self._follow()
            ticks += 1
            if ticks % _REVIVE_TICKS == 0:
                await asyncio.gather(*(agent.keeper.revive() for agent in self.agents))
                await self._note_faults()
            self.failed = self._crashed() or next((agent.failed for agent in self.agents if agent.failed), None)
            await asyncio.sleep(_TICK_S)

    async def _note_faults(self) -> None:
        """Tell the metrics when somebody lets Redis forget while this runs; the watch of the gateway does so for the topics."""
        with suppress(ViewUnavailableError):
            self.metrics.set("plek_setup_faults", len(await self.beds.view.faults()), part="redis")

    async def _clock(self) -> int | None:
        """Tell the clock of a world that is not live, over all its partitions; the real one has the wall's."""
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

    async def _follow(self) -> None:
        if self.faust.consumer and not self.faust.rebalancing:
            await self.faust.consumer.follow()

    async def _revoked(self, _app: faust.App, revoked: set[TP], **_: Any) -> None:
        for agent in self.agents:
            agent.revoke(revoked)


@asynccontextmanager
async def in_background(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Let something run for as long as the context lasts."""
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
    for which in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(which, stop.set)
    try:
        return await Processor(settings).run(stop)
    except Exception:  # whatever it is: threads of Faust would outlive it, and nobody would see that it has ended
        _log.exception("a fault of ours")
        return 1
