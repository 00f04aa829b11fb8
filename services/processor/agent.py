"""One fenced agent: a truth topic, its view, and all that keeps the second at the end of the first. The app has one a topic."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import faust
from faust.types import TP

from services.adapters.clock import Stopwatch
from services.adapters.log_reader import Ends, Log
from services.adapters.metrics import Metrics
from services.adapters.view.redis_fence import RedisFence
from services.processor.faust_parts import assigned, batches_of
from services.processor.keeper import Keeper, Letters
from services.processor.partition import Fold
from services.processor.watchdog import Watchdog

_log = logging.getLogger(__name__)

# Batches in hand: one that Redis writes, one that is folded, one that waits.
_AT_ONCE = 3


@dataclass(eq=False, kw_only=True)
class Agent:
    """Folds one topic. `failed` says why it can't go on; whoever runs it ends the process then."""

    fold: Fold
    view: RedisFence
    log: Log
    letters: Letters
    metrics: Metrics
    patience_s: float
    seconds: Stopwatch
    failed: str | None = None

    def __post_init__(self) -> None:
        self.topic, self.name = self.log.topic, self.fold.topic
        self.keeper = Keeper(self.fold, self.view, self.log, self.letters, self._seek)
        self._watchdog = Watchdog(self.patience_s)
        self._faust: faust.App
        self.ends: dict[int, int] = {}

    def join(self, app: faust.App) -> None:
        """Become an agent of an app."""
        self._faust = app
        app.agent(batches_of(app, self.topic), name=self.name, concurrency=1)(self._take)

    async def tick(self, now: int, clock: int | None) -> None:
        """Stamp and sweep what this worker owns at `now` (ms), and look whether all still moves; `clock` is that of a world not live."""
        ends = await self.keeper.tick(assigned(self._faust, self.topic), now, clock)
        halted, positions = self.keeper.halted(), self.keeper.positions()
        moving = {number: end for number, end in ends.items() if number not in halted}
        self.failed = self.failed or self._watchdog.stuck(positions, moving, self.seconds())
        self.ends = {number: end.end for number, end in ends.items()}
        self._tell(positions, ends)

    def _tell(self, positions: Mapping[int, int], ends: Mapping[int, Ends]) -> None:
        for number, offset in positions.items():
            if number in ends:
                lag = max(ends[number].end - offset - 1, 0)
                self.metrics.set("plek_lag_records", lag, topic=self.topic, partition=str(number))
        refusals, self.keeper.refusals = self.keeper.refusals, 0
        self.metrics.count("plek_fence_refusals_total", refusals, topic=self.topic)

    async def _take(self, batches: Any) -> None:
        """Hand batches to the keeper, a few at a time: one partition is folded while Redis writes another; each keeps its order."""
        room = asyncio.Semaphore(_AT_ONCE)
        async with asyncio.TaskGroup() as folding:
            async for records in batches:
                await room.acquire()
                folding.create_task(self._fold(records, room))

    async def _fold(self, records: Any, room: asyncio.Semaphore) -> None:
        """Have one batch folded. No exception may leave this body: Faust would go on without it."""
        started = self.seconds()
        try:
            await self.keeper.take(records[0].partition, records)
            self.metrics.observe("plek_batch_seconds", self.seconds() - started, topic=self.topic)
            self.metrics.count("plek_records_folded_total", len(records), topic=self.topic)
        except Exception:  # whatever it is: an end without the acknowledgement is the only safe way out
            _log.exception("a batch could not be folded")
            self.failed = "a batch could not be folded"
            await asyncio.Event().wait()
        room.release()

    async def next_offsets(self, committed: Mapping[TP, int]) -> dict[TP, int]:
        """Take over the partitions of this topic; tell where each is to be read from."""
        return {tp: await self.keeper.assign(tp.partition, handled) for tp, handled in committed.items() if tp.topic == self.topic}

    def folded(self) -> dict[TP, int]:
        """Tell what follows on the view, of each partition."""
        return {TP(self.topic, number): offset + 1 for number, offset in self.keeper.positions().items()}

    def revoke(self, revoked: set[TP]) -> None:
        """Drop partitions that now belong to another worker."""
        self.keeper.revoke(tp.partition for tp in revoked if tp.topic == self.topic)

    async def _seek(self, partition: int, offset: int) -> None:
        tp = TP(self.topic, partition)
        if tp in self._faust.consumer.assignment():
            await self._faust.consumer.seek(tp, offset)
