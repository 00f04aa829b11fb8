"""The outbox: records that must not be lost while Kafka is away wait on disk, and leave in the order in which they came.

Guarantees: a record is written through to the disk before its caller is answered that it is queued, and is deleted after the log has
acknowledged it. A crash in between sends it twice: an event counts once (R1, D1), and so does a record of a compacted topic.
"""

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from services.adapters.clock import Stopwatch, seconds
from services.adapters.disk_queue import DiskQueue, OutboxError, Queued
from services.adapters.kafka.ports import AppendableLog, LogRecord, LogUnavailableError, TooLargeError
from services.adapters.observability.metrics import Metrics

__all__ = ["Outbox", "OutboxError"]

_log = logging.getLogger(__name__)

_POLL_S: Final = 0.2
# A process that ended beside this one is noticed so many polls later.
_ADOPT_POLLS: Final = 50
# More at a time would wait longer for their acknowledgement than a producer allows.
_AT_ONCE: Final = 200


class Outbox:
    """The records of one process that wait for Kafka, and those that ended processes have left. Each `name` is a queue of its own."""

    def __init__(self, folder: Path, log: AppendableLog, metrics: Metrics, clock: Stopwatch = seconds, *, name: str = "log") -> None:
        self._disk, self._log, self._metrics, self._clock, self._name = DiskQueue(folder, name), log, metrics, clock, name
        self._draining = asyncio.Lock()
        self._queued: list[Queued] = []
        self._since: float | None = None

    @property
    def waiting(self) -> list[LogRecord]:
        """Return what waits, the oldest first."""
        return [queued.record for queued in self._queued]

    @property
    def writable(self) -> bool:
        """Return whether the disk took the last record."""
        return self._disk.writable

    @property
    def waits_s(self) -> float:
        """Return for how long something has been waiting (seconds)."""
        return 0.0 if self._since is None else self._clock() - self._since

    async def append(self, records: Sequence[LogRecord]) -> None:
        """Write records through to the disk; OutboxError when it does not take them, and then none of them is queued."""
        numbers = await self._disk.append(records)
        self._queued += map(Queued, numbers, records)
        self._queued.sort(key=_number)  # two that are written at once may be numbered in the other order
        self._count()

    async def run_forever(self) -> None:
        """Adopt what ended processes left, and send whenever Kafka answers, until cancelled."""
        polls = 0
        while True:
            if polls % _ADOPT_POLLS == 0:
                await self._adopt()
            if self._queued and self._log.ready:
                await self.drain()
            polls += 1
            await asyncio.sleep(_POLL_S)

    async def _adopt(self) -> None:
        try:
            if await self._disk.adopt() or self._disk.size != len(self._queued):
                on_disk = {queued.id: queued for queued in await self._disk.first(self._disk.size)}
                self._queued = sorted((on_disk | {queued.id: queued for queued in self._queued}).values(), key=_number)
        except OutboxError:
            _log.warning("the outbox can't be opened")
        self._count()

    async def drain(self) -> None:
        """Send all that waits, in order; what is not acknowledged stays."""
        async with self._draining:
            try:
                while batch := self._queued[:_AT_ONCE]:
                    await self._send(batch)
                    self._forget(batch)
            except LogUnavailableError:
                _log.warning("the outbox waits", extra={"count": len(self._queued)})
            except OutboxError:  # sent, and still on the disk: the next process sends it once more, and it counts once
                _log.warning("the outbox can't be written")
                self._forget(batch)
            self._count()

    def _forget(self, batch: Sequence[Queued]) -> None:
        gone = {queued.id for queued in batch}
        self._queued = [queued for queued in self._queued if queued.id not in gone]

    async def _send(self, batch: Sequence[Queued]) -> None:
        """Send a batch, and delete it when it is acknowledged; a record that the log never takes is put aside."""
        try:
            await self._log.append([queued.record for queued in batch])
        except TooLargeError:
            if len(batch) > 1:
                for queued in batch:
                    await self._send([queued])
                return
            _log.critical("a record of the outbox is too large for the log")
            await self._disk.set_aside(batch[0].id)
        else:
            await self._disk.delete([queued.id for queued in batch])

    async def close(self) -> None:
        """Close the file; what waits in it is sent at the next start."""
        await self._disk.close()

    def _count(self) -> None:
        self._since = (self._since or self._clock()) if self._queued else None
        self._metrics.set("plek_outbox_records", len(self._queued), queue=self._name)


def _number(queued: Queued) -> int:
    return queued.id
