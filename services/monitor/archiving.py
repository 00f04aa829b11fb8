"""From the log into the archive: whatever the archive lacks, in order, each time from where its own files end. No group, no offsets kept.

A log that is not the one the archive was made from is refused, loudly: nothing is mixed and nothing is skipped.
"""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import Any, Final

from services.adapters.log_reader import Ends, Log, fingerprint
from services.monitor.archive import Archive, ArchiveError, Run

# So many records are written at once while catching up: a few megabytes
_AT_ONCE: Final = 20_000


class Archiver:
    """Keeps the archive of one topic."""

    def __init__(self, log: Log, archive: Archive, partitions: int, at_once: int = _AT_ONCE) -> None:
        self._log, self._archive, self._partitions, self._at_once = log, archive, partitions, at_once

    async def missing(self) -> int:
        """Count the records that the archive lacks. ArchiveError, LogUnavailableError."""
        ends = await self._log.ends(range(self._partitions))
        return sum(end.end - self._next(number, end) for number, end in ends.items())

    async def catch_up(self, advance: Callable[[int], None] = lambda _: None) -> int:
        """Archive every record there is now, and tell how many; `advance` hears of each that is on the disk.

        ArchiveError when the log is not the one that was archived, or has forgotten what was not; LogUnavailableError.
        """
        archived = 0
        for number, ends in (await self._log.ends(range(self._partitions))).items():
            archived += await self._partition(number, ends, advance)
        return archived

    def _next(self, number: int, ends: Ends) -> int:
        position = self._archive.position(number)
        if position is None:
            return ends.start
        if ends.end < position.next:
            raise ArchiveError(self._refusal(number, "it ends before the archive does"))
        if ends.start > position.next:
            raise ArchiveError(self._refusal(number, "what follows the archive is no longer in it"))
        return position.next

    async def _partition(self, number: int, ends: Ends, advance: Callable[[int], None]) -> int:
        start, position, archived = self._next(number, ends), self._archive.position(number), 0
        # The last record of the archive is read once more where the log still has it: it must be the same one
        again = position if position and ends.start < position.next else None
        batch: list[Any] = []
        async with aclosing(self._log.read(number, start - 1 if again else start, ends.end)) as reading:
            async for records in reading:
                batch += self._checked(number, again, records)
                again = None
                if len(batch) >= self._at_once:
                    archived += await self._append(number, batch, advance)
                    batch = []
        return archived + await self._append(number, batch, advance)

    def _checked(self, number: int, again: Run | None, records: list[Any]) -> list[Any]:
        if again is None:
            return records
        if fingerprint(records[0]).text != again.mark:
            raise ArchiveError(self._refusal(number, "it has another record where the archive ends"))
        return records[1:]

    async def _append(self, number: int, batch: list[Any], advance: Callable[[int], None]) -> int:
        if batch:
            # Not in the loop: who asks for figures meanwhile must not wait for a disk
            await asyncio.to_thread(self._archive.append, number, batch)
            advance(len(batch))
        return len(batch)

    def _refusal(self, number: int, why: str) -> str:
        return (
            f"{self._log.topic}, partition {number}, is not the log that was archived: {why}. "
            f"If the topic was made anew on purpose, move the archive away; it is made again from the log"
        )
