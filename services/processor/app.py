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
from services.adapters.log_reader import Ends, Log
from services.adapters.logs import configure
from services.adapters.metrics import Metrics
from services.adapters.producer import Producer
from services.adapters.regions import read_regions
from services.adapters.settings import Settings
from services.adapters.topics import Topics, TopicsError, check_topics
from services.adapters.view.port import ViewUnavailableError
from services.adapters.view.redis_view import RedisView
from services.adapters.view.world_view import latest
from services.adapters.wire import Wire
from services.processor.faust_parts import assigned, batches_of, batching_app
from services.processor.keeper import Keeper
from services.processor.letters import DeadLetters
from services.processor.status import serving, status_app
from services.processor.watchdog import Watchdog

_log = logging.getLogger(__name__)

# A stop that takes longer is a kill (issue: a clean stop within 5 s).
_STOP_S = 4.0
_WAIT_S = 0.5
_TICK_S = 1.0
# Batches in hand: one that Redis writes, one that is folded, one that waits.
_AT_ONCE = 3
# Halted partitions are tried again this many ticks apart.
_REVIVE_TICKS = 10


class Processor:
    """The Faust app of the beds and all it needs."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.topic = Topics(settings.prefix).bed_events
        self.view = RedisView(settings.redis, settings.prefix, settings.partitions)
        self.log = Log(settings.brokers, self.topic)
        self.metrics = Metrics()
        self.producer = Producer(settings.brokers, seconds, self.metrics, LARGEST_BYTES)
        self.keeper = Keeper(
            Wire(frozenset(read_regions(settings.regions))),
            settings.limits,
            self.view,
            self.log,
            DeadLetters(self.producer, Topics(settings.prefix).dead_letters, self.metrics),
            self._seek,
        )
        self.faust = batching_app(
            Topics(settings.prefix).processor_group, settings.brokers, settings.session_timeout_s, self._next_offsets, self._folded
        )
        self.faust.agent(batches_of(self.faust, self.topic), name="beds", concurrency=1)(self._beds)
        self.faust.on_partitions_revoked.connect(self._revoked)
        self.watchdog = Watchdog(settings.watchdog_s)
        self.failed: str | None = None
        self.started = False
        self.ends: dict[int, int] = {}

    async def run(self, stop: asyncio.Event) -> int:
        """Run until told to stop; return the exit code."""
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self.view.close)
            stack.push_async_callback(self.log.close)
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
        """Tell whether Redis answers and the topics are there as they ought to be; all of it may come later than this process."""
        try:
            await self.view.ping()
            wrong = await check_topics(self.settings.brokers, self.settings.prefix, self.settings.partitions)
            await self.log.start()
        except (ViewUnavailableError, LogUnavailableError, TopicsError) as away:
            wrong = [str(away)]
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
            ends = await self.keeper.tick(assigned(self.faust, self.topic), now_ms(), await self._clock())
            await self._follow()
            ticks += 1
            if ticks % _REVIVE_TICKS == 0:
                await self.keeper.revive()
            self._look(ends)
            await asyncio.sleep(_TICK_S)

    async def _clock(self) -> int | None:
        """Tell the clock of a world that is not live, over all its partitions; the real one has the wall's."""
        if self.settings.world == "live":
            return None
        try:
            return latest(await self.view.positions())
        except ViewUnavailableError:
            return 0  # never below the clock of the partition itself

    def _look(self, ends: Mapping[int, Ends]) -> None:
        """See whether all still moves, and tell the metrics."""
        halted, positions = self.keeper.halted(), self.keeper.positions()
        moving = {number: end for number, end in ends.items() if number not in halted}
        self.failed = self.failed or self._crashed() or self.watchdog.stuck(positions, moving, seconds())
        self.ends = {number: end.end for number, end in ends.items()}
        for number, offset in positions.items():
            if number in ends:
                lag = max(ends[number].end - offset - 1, 0)
                self.metrics.set("plek_lag_records", lag, topic=self.topic, partition=str(number))
        refusals, self.keeper.refusals = self.keeper.refusals, 0
        self.metrics.count("plek_fence_refusals_total", refusals, topic=self.topic)

    def _crashed(self) -> str | None:
        return f"faust crashed: {type(self.faust.crash_reason).__name__}" if self.faust.crashed else None

    async def _beds(self, batches: Any) -> None:
        """Hand batches to the keeper, a few at a time: one partition is folded while Redis writes another; each keeps its order."""
        room = asyncio.Semaphore(_AT_ONCE)
        async with asyncio.TaskGroup() as folding:
            async for records in batches:
                await room.acquire()
                folding.create_task(self._fold(records, room))

    async def _fold(self, records: Any, room: asyncio.Semaphore) -> None:
        """Have one batch folded. No exception may leave this body: Faust would go on without it."""
        started = seconds()
        try:
            await self.keeper.take(records[0].partition, records)
            self.metrics.observe("plek_batch_seconds", seconds() - started, topic=self.topic)
            self.metrics.count("plek_records_folded_total", len(records), topic=self.topic)
        except Exception:  # whatever it is: an end without the acknowledgement is the only safe way out
            _log.exception("a batch could not be folded")
            self.failed = "a batch could not be folded"
            await asyncio.Event().wait()
        room.release()

    async def _next_offsets(self, committed: Mapping[TP, int]) -> dict[TP, int]:
        return {tp: await self.keeper.assign(tp.partition, handled) for tp, handled in committed.items()}

    def _folded(self) -> dict[TP, int]:
        return {TP(self.topic, number): offset + 1 for number, offset in self.keeper.positions().items()}

    async def _follow(self) -> None:
        if self.faust.consumer and not self.faust.rebalancing:
            await self.faust.consumer.follow()

    async def _revoked(self, _app: faust.App, revoked: set[TP], **_: Any) -> None:
        self.keeper.revoke(tp.partition for tp in revoked)

    async def _seek(self, partition: int, offset: int) -> None:
        tp = TP(self.topic, partition)
        if tp in self.faust.consumer.assignment():
            await self.faust.consumer.seek(tp, offset)


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
