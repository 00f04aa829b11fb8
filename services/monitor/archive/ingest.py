"""From the log into the archive: what the archive lacks, in order, each time from where its own files end. It has no consumer group.

A log that is not the one the archive was made from is refused: nothing is mixed and nothing is skipped. Where the log begins with a
checkpoint by now, so does the archive, before anything is appended.
"""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import Any, Final

from services.adapters.checkpoints.checkpoint import Checkpoint
from services.adapters.checkpoints.truth_log import TruthLog
from services.adapters.kafka.log_reader import Ends, fingerprint
from services.monitor.archive.parquet_log import ArchiveError, ParquetLog, Run

# Records written at once while catching up: a few megabytes
_BATCH: Final = 20_000


class Archiver:
    """Keeps the archive of one topic."""

    def __init__(self, log: TruthLog, archive: ParquetLog, partitions: int, batch: int = _BATCH) -> None:
        self._log, self._archive, self._partitions, self._batch = log, archive, partitions, batch
        self._begins: dict[int, int] = {}

    async def missing(self) -> int:
        """Count the records that the archive lacks. ArchiveError, LogUnavailableError."""
        await self._checkpoints()
        ends = await self._log.ends(range(self._partitions))
        return sum(end.end - self._next(number, end) for number, end in ends.items())

    async def catch_up(self, advance: Callable[[int], None] = lambda _: None) -> int:
        """Archive every record there is now, and return how many; `advance` gets the number of each batch that is on the disk.

        ArchiveError when the log is not the one that was archived, or has deleted what was not; LogUnavailableError.
        """
        archived, checkpoints = 0, await self._checkpoints()
        if later := [each for number, each in checkpoints.items() if self._archive.begins(number) < each.offset]:
            await asyncio.to_thread(self._archive.begin_with, *later)
        for number, ends in (await self._log.ends(range(self._partitions))).items():
            archived += await self._archive_partition(number, ends, advance)
        return archived

    async def _checkpoints(self) -> dict[int, Checkpoint]:
        """Return the checkpoints that the partitions begin with."""
        try:
            checkpoints = await self._log.checkpoints()
        except ValueError as unreadable:
            raise ArchiveError(f"a checkpoint with which {self._log.topic} begins can't be read by this version") from unreadable
        self._begins = {number: checkpoint.offset for number, checkpoint in checkpoints.items()}
        return checkpoints

    def _next(self, number: int, ends: Ends) -> int:
        position = self._archive.position(number)
        if position is None or position.next < self._begins.get(number, 0):
            return ends.start
        if ends.end < position.next:
            raise ArchiveError(self._refusal(number, "it ends before the archive does"))
        if ends.start > position.next:
            raise ArchiveError(self._refusal(number, "what follows the archive is no longer in it"))
        return position.next

    async def _archive_partition(self, number: int, ends: Ends, advance: Callable[[int], None]) -> int:
        start, position, archived = self._next(number, ends), self._archive.position(number), 0
        # The last record of the archive is read again where the log still has it: it must be the same one
        to_compare = position if position and ends.start < position.next else None
        batch: list[Any] = []
        async with aclosing(self._log.read(number, start - 1 if to_compare else start, ends.end)) as reading:
            async for records in reading:
                batch += self._without_known(number, to_compare, records)
                to_compare = None
                if len(batch) >= self._batch:
                    archived += await self._append(number, batch, advance)
                    batch = []
        return archived + await self._append(number, batch, advance)

    def _without_known(self, number: int, to_compare: Run | None, records: list[Any]) -> list[Any]:
        if to_compare is None:
            return records
        if fingerprint(records[0]).text != to_compare.mark:
            raise ArchiveError(self._refusal(number, "it has another record where the archive ends"))
        return records[1:]

    async def _append(self, number: int, batch: list[Any], advance: Callable[[int], None]) -> int:
        if batch:
            # In a thread: a caller who asks for figures meanwhile must not wait for a disk
            await asyncio.to_thread(self._archive.append, number, batch)
            advance(len(batch))
        return len(batch)

    def _refusal(self, number: int, why: str) -> str:
        return (
            f"{self._log.topic}, partition {number}, is not the log that was archived: {why}. "
            f"If the topic was made anew on purpose, move the archive away; it is made again from the log"
        )
