"""Keeps the partitions of this worker: memory is used only where the fence agrees with it (design, section 4).

A partition in memory carries the position it is folded to. It is taken out before it is folded and put back when the fence has
answered *written*; on any other answer, on assignment and on revocation it is gone, and is loaded again from the view.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar

from services.adapters.log_port import LogUnavailableError
from services.adapters.log_reader import Ends, Fingerprint, fingerprint
from services.adapters.view.port import FOLD_VERSION, Position, Saved, ViewUnavailableError, WritableView, Write
from services.adapters.wire import Refused
from services.processor.partition import Fold, Partition, Record

_log = logging.getLogger(__name__)
_T = TypeVar("_T")

# Redis or Kafka away: ask again this often, for as long as it takes. Nothing is guessed meanwhile.
_RETRY_S = 0.2
# Longer than this a sweep does not wait for Kafka to tell the end of its log: time passes all the same.
_ENDS_S = 0.8
# What arrives meanwhile is folded in between: all at once would be the longest that a hold waits for anything.
_SWEPT_AT_ONCE = 2
_UNREADABLE = "what the view keeps can't be read: run `plek rebuild` for this partition"


class HaltedError(Exception):
    """This partition can't go on without an operator; the message says why and what to do."""


class Log(Protocol):
    """Where the log begins and ends (`log_reader.py`)."""

    async def ends(self, partitions: Iterable[int]) -> dict[int, Ends]:
        """Ask where these partitions begin and end now."""

    async def fingerprint(self, partition: int, ends: Ends) -> Fingerprint:
        """Take the fingerprint of the first record of a partition."""


class Letters(Protocol):
    """Where refused records go, acknowledged before anybody goes on."""

    async def send(self, refused: Sequence[tuple[Any, Refused]]) -> None:
        """Append them to the dead letters; raises when they are not acknowledged."""


@dataclass(slots=True)
class Kept:
    """What the keeper knows of a partition besides its fold."""

    partition: Partition[Any] | None = None
    halted: str | None = None
    lettered: int = 0
    """Dead letters below this offset were sent before: a rebuild does not send them again."""
    pending: tuple[int, int] | None = None
    """A time (ms) and the end of the log at that time: once it is reached, the view is true as of then."""


class Keeper:
    """The partitions of this worker. `seek` moves the consumer of a partition to an offset."""

    def __init__(self, fold: Fold, view: WritableView, log: Log, letters: Letters, seek: Callable[[int, int], Awaitable[None]]) -> None:
        self._fold, self._view, self._log, self._letters, self._seek = fold, view, log, letters, seek
        self._kept: defaultdict[int, Kept] = defaultdict(Kept)
        self.refusals = 0  # writes that the fence refused; whoever tells them begins again at 0
        self._locks: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def assign(self, partition: int, committed: int) -> int:
        """Load a partition that was just assigned; return the offset to read from. `committed` is the group's offset."""
        async with self._locks[partition]:
            kept = self._kept[partition] = Kept(lettered=committed)
            try:
                kept.partition = await self._load(partition)
            except HaltedError as why:
                await self._halt(partition, str(why))
                return committed
            return kept.partition.position.offset + 1

    def revoke(self, partitions: Iterable[int]) -> None:
        """Drop partitions that now belong to another worker."""
        for partition in partitions:
            self._kept.pop(partition, None)

    def positions(self) -> dict[int, int]:
        """Tell the last offset folded of each partition in memory."""
        return {number: kept.partition.position.offset for number, kept in self._kept.items() if kept.partition}

    def halted(self) -> dict[int, str]:
        """Tell which partitions stand still, and why."""
        return {number: kept.halted for number, kept in self._kept.items() if kept.halted}

    async def take(self, number: int, records: Sequence[Record]) -> None:
        """Fold records of one partition into the view, or find out why they do not follow on it."""
        async with self._locks[number]:
            kept = self._kept[number]
            if kept.halted:
                return
            try:
                await self._follow(number, kept, records)
            except HaltedError as why:
                await self._halt(number, str(why))

    async def tick(self, owned: Iterable[int], now: int, clock: int | None = None) -> dict[int, Ends]:
        """Stamp the partitions this worker owns at `now` (ms) and sweep them; return where the log ends, empty when Kafka is away.

        They are swept at `now` too, or in a world that is not live at its own `clock`.
        """
        numbers = list(owned)
        try:
            async with asyncio.timeout(_ENDS_S):
                ends = await self._log.ends(numbers)
        except (LogUnavailableError, TimeoutError):
            ends = {}
        swept_at = now if clock is None else clock
        room = asyncio.Semaphore(_SWEPT_AT_ONCE)

        async def sweep(number: int) -> None:
            async with room:
                await self._tick(number, ends.get(number), now, swept_at)

        await asyncio.gather(*map(sweep, numbers))
        return ends

    async def revive(self) -> None:
        """Try halted partitions again: an operator may have mended what stopped them."""
        for number in self.halted():
            async with self._locks[number]:
                await self._recover(number)

    async def _follow(self, number: int, kept: Kept, records: Sequence[Record]) -> None:
        partition = kept.partition or await self._load(number)
        kept.partition = None
        following = [record for record in records if record.offset > partition.position.offset]
        if not following or await self._apply(number, partition, following, kept):
            kept.partition = partition
        else:
            await self._recover(number)

    async def _apply(self, number: int, partition: Partition[Any], records: Sequence[Record], kept: Kept) -> bool:
        """Fold, send the dead letters, write; the dead letters first, so that none is counted that nobody can read.

        False when the records do not follow on memory, or memory is not what the view has.
        """
        if records[0].offset != partition.position.offset + 1:
            return False
        if not partition.position.fingerprint:  # the log was empty until now: this is its first record
            partition.position = replace(partition.position, fingerprint=fingerprint(records[0]).text)
        folded = partition.fold(records)
        letters = [letter for letter in folded.refused if letter[0].offset >= kept.lettered]
        if letters:
            await self._until_reached(lambda: self._letters.send(letters))
            kept.lettered = letters[-1][0].offset + 1
        if not await self._write(number, folded.write):
            return False
        if folded.too_new:
            record, what = folded.too_new
            raise HaltedError(
                f"offset {record.offset} is a {what.type}, newer than this processor: upgrade the processor, it goes on by itself"
            )
        return True

    async def _tick(self, number: int, ends: Ends | None, now: int, swept_at: int) -> None:
        async with self._locks[number]:
            kept = self._kept[number]
            partition, kept.partition = kept.partition, None
            if kept.halted:
                return
            try:
                if partition is None:
                    await self._recover(number)
                elif await self._view.write(number, partition.sweep(swept_at, _as_of(kept, partition, ends, now))):
                    kept.partition = partition
                else:
                    self.refusals += 1
                    await self._recover(number)
            except ViewUnavailableError:
                return  # whether it was written is not known: the next tick loads the partition again
            except HaltedError as why:
                await self._halt(number, str(why))

    async def _recover(self, number: int) -> None:
        """Load a partition anew and read on from where the view stands."""
        kept = self._kept[number]
        kept.partition, kept.pending, kept.halted = None, None, None
        try:
            kept.partition = await self._load(number)
        except HaltedError as why:
            await self._halt(number, str(why))
        else:
            await self._seek(number, kept.partition.position.offset + 1)

    async def _halt(self, number: int, why: str) -> None:
        self._kept[number].halted = why
        _log.critical("partition halted", extra={"partition": number, "why": why})
        await self._until_reached(lambda: self._view.halt(number, why))

    async def _write(self, number: int, write: Write) -> bool:
        """Write behind the fence. After a time-out nobody knows whether it was written: the fence refuses the second time then."""
        written = await self._until_reached(lambda: self._view.write(number, write))
        self.refusals += not written
        return written

    async def _load(self, number: int) -> Partition[Any]:
        return await self._until_reached(lambda: self._load_once(number))

    async def _load_once(self, number: int) -> Partition[Any]:
        ends = (await self._log.ends([number]))[number]
        first = await self._log.fingerprint(number, ends)
        try:
            saved = await self._view.load(number)
        except ValueError as unreadable:
            raise HaltedError(_UNREADABLE) from unreadable
        if saved is None or saved.position.fold_version != FOLD_VERSION:
            position = Position(offset=ends.start - 1, fingerprint=first.text, rebuild_until=ends.end)
            await self._view.begin(number, position)
            partition = self._fold.fresh(position)
        else:
            partition = self._restore(saved, ends, first)
            await self._view.assign(number, ends.end)
        await self._view.halt(number, None)
        return partition

    def _restore(self, saved: Saved, ends: Ends, first: Fingerprint) -> Partition[Any]:
        refusal = misfit(saved.position, ends, first)
        if refusal:
            raise HaltedError(refusal)
        try:
            partition = self._fold.restored(saved)
        except (ValueError, KeyError, TypeError) as unreadable:
            raise HaltedError(_UNREADABLE) from unreadable
        partition.position = replace(partition.position, rebuild_until=ends.end, fingerprint=partition.position.fingerprint or first.text)
        return partition

    async def _until_reached(self, call: Callable[[], Awaitable[_T]]) -> _T:
        """Repeat a call for as long as Redis or Kafka is away."""
        while True:
            try:
                return await call()
            except (ViewUnavailableError, LogUnavailableError) as away:
                _log.warning("waiting", extra={"why": str(away)})
                await asyncio.sleep(_RETRY_S)


def _as_of(kept: Kept, partition: Partition[Any], ends: Ends | None, now: int) -> int | None:
    """Tell a time by which all that was logged is folded in; under steady traffic the position never stands at the very end."""
    reached = partition.position.offset + 1
    if ends and reached >= ends.end:
        kept.pending = None
        return now
    as_of = None
    if kept.pending and reached >= kept.pending[1]:
        as_of, kept.pending = kept.pending[0], None
    if ends and kept.pending is None:
        kept.pending = (now, ends.end)
    return as_of


def misfit(position: Position, ends: Ends, first: Fingerprint) -> str | None:
    """Say why a view does not belong to this log, and what to do; None when it does."""
    do = "is Redis or Kafka another one than before? Put the right one back, or run `plek rebuild` to fold this log anew"
    if position.offset + 1 > ends.end:
        return f"the view stands at offset {position.offset}, beyond the end {ends.end} of the log: {do}"
    if position.offset + 1 < ends.start:
        return f"the log begins at {ends.start}, but the view has folded only up to {position.offset}: {do}"
    stored = Fingerprint(position.fingerprint)
    if stored.start is not None and (first.start is None or (first.start <= stored.start and first != stored)):
        return f"the first record of the log is another one than the view was folded from: {do}"
    return None
