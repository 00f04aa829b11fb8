"""One fenced agent: a truth topic, its view, and the manager of its partitions. The app has one a topic."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import faust
from faust.types import TP

from services.adapters.checkpoints.truth_log import TruthLog
from services.adapters.clock import Stopwatch
from services.adapters.kafka.log_reader import Ends
from services.adapters.observability.metrics import Metrics
from services.adapters.view.redis_writer import RedisWriter
from services.processor.faust_integration import assigned, batches_of
from services.processor.partition import ProjectionFactory
from services.processor.partition_manager import DeadLetterSink, PartitionManager
from services.processor.stall_watchdog import StallWatchdog

_log = logging.getLogger(__name__)

# Batches in hand: one that Redis writes, one that is folded, one that waits.
_AT_ONCE: Final = 3


@dataclass(eq=False, kw_only=True)
class TopicAgent:
    """Folds one topic. `failed` says why it can't go on: the app ends the process then."""

    factory: ProjectionFactory
    view: RedisWriter
    log: TruthLog
    dead_letters: DeadLetterSink
    metrics: Metrics
    stall_limit_s: float
    seconds: Stopwatch
    failed: str | None = None

    def __post_init__(self) -> None:
        self.topic, self.name = self.log.topic, self.factory.topic
        self.manager = PartitionManager(self.factory, self.view, self.log, self.dead_letters, self._seek)
        self._watchdog = StallWatchdog(self.stall_limit_s)
        self._faust: faust.App
        self.ends: dict[int, int] = {}

    def register(self, app: faust.App) -> None:
        """Register as an agent of an app."""
        self._faust = app
        app.agent(batches_of(app, self.topic), name=self.name, concurrency=1)(self._consume)

    async def tick(self, now: int, clock: int | None) -> None:
        """Stamp and sweep the partitions of this worker at `now` (ms) and check that all move; `clock` is that of a data set not live."""
        ends = await self.manager.tick(assigned(self._faust, self.topic), now, clock)
        halted, positions = self.manager.halted(), self.manager.positions()
        # While Redis or Kafka is away nothing can move: that is waited for, however long it takes, and starting anew would not help
        moving = {} if self.manager.was_away() else {number: end for number, end in ends.items() if number not in halted}
        self.failed = self.failed or self._watchdog.stuck(positions, moving, self.seconds())
        self.ends = {number: end.end for number, end in ends.items()}
        self._record_metrics(positions, ends)

    def _record_metrics(self, positions: Mapping[int, int], ends: Mapping[int, Ends]) -> None:
        for number, offset in positions.items():
            if number in ends:
                lag = max(ends[number].end - offset - 1, 0)
                self.metrics.set("plek_lag_records", lag, topic=self.topic, partition=str(number))
        refusals, self.manager.refusals = self.manager.refusals, 0
        self.metrics.count("plek_fence_refusals_total", refusals, topic=self.topic)

    async def _consume(self, batches: Any) -> None:
        """Fold batches, a few at a time: one partition is folded while Redis writes another; each keeps its order."""
        slots = asyncio.Semaphore(_AT_ONCE)
        async with asyncio.TaskGroup() as folding:
            async for records in batches:
                await slots.acquire()
                folding.create_task(self._fold(records, slots))

    async def _fold(self, records: Any, slots: asyncio.Semaphore) -> None:
        """Fold one batch. No exception may leave this body: Faust would go on without the batch."""
        started = self.seconds()
        try:
            await self.manager.fold(records[0].partition, records)
            self.metrics.observe("plek_batch_seconds", self.seconds() - started, topic=self.topic)
            self.metrics.count("plek_records_folded_total", len(records), topic=self.topic)
        except Exception:  # whatever it is: an end without the acknowledgement is the only safe way out
            _log.exception("a batch could not be folded")
            self.failed = "a batch could not be folded"
            await asyncio.Event().wait()
        slots.release()

    async def next_offsets(self, committed: Mapping[TP, int]) -> dict[TP, int]:
        """Take over the partitions of this topic; return the offset each is to be read from."""
        return {tp: await self.manager.assign(tp.partition, offset) for tp, offset in committed.items() if tp.topic == self.topic}

    def folded(self) -> dict[TP, int]:
        """Return the offset that follows on the view, of each partition."""
        return {TP(self.topic, number): offset + 1 for number, offset in self.manager.positions().items()}

    def revoke(self, revoked: set[TP]) -> None:
        """Drop partitions that now belong to another worker."""
        self.manager.revoke(tp.partition for tp in revoked if tp.topic == self.topic)

    async def _seek(self, partition: int, offset: int) -> None:
        tp = TP(self.topic, partition)
        if tp in self._faust.consumer.assignment():
            await self._faust.consumer.seek(tp, offset)
