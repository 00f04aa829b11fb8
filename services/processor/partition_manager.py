"""The partitions of this worker: memory is used only where the fence agrees with it (design, section 4).

A partition in memory carries the position it is folded to. It is taken out before it is folded and put back when the fence has answered
*written*; on any other answer, on assignment and on revocation it is dropped, and loaded again from the view.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol, TypeVar

from services.adapters.checkpoints.checkpoint import Checkpoint
from services.adapters.codec.event_codec import RefusedEvent
from services.adapters.kafka.log_reader import Ends, Fingerprint, fingerprint
from services.adapters.kafka.ports import LogUnavailableError
from services.adapters.view.ports import FOLD_VERSION, Position, Saved, ViewUnavailableError, WritableView, Write
from services.processor.partition import Partition, ProjectionFactory, StoredRecord

_log = logging.getLogger(__name__)
_T = TypeVar("_T")

# While Redis or Kafka is away a call is repeated this often, for as long as it takes: nothing is guessed meanwhile.
_RETRY_S: Final = 0.2
# A sweep waits no longer than this for Kafka to say where its log ends: time passes all the same.
_ENDS_S: Final = 0.8
# Batches are folded between the sweeps: all partitions at once would be the longest that a hold waits for its decision.
_SWEPT_AT_ONCE: Final = 2
_NO_CHECKPOINT: Final = "the checkpoint with which the log begins can't be read: upgrade the processor, or run `plek forget` again"
_UNREADABLE: Final = "the data in the view can't be read: run `plek rebuild` for this partition"


class HaltedError(Exception):
    """This partition can't go on without an operator; the message says why and what to do."""


class LogBounds(Protocol):
    """The begin and end of the log (`truth_log.py`)."""

    async def checkpoint(self, partition: int) -> Checkpoint | None:
        """Return the checkpoint with which a partition begins; ValueError when it can't be read."""

    async def ends(self, partitions: Iterable[int]) -> dict[int, Ends]:
        """Return where these partitions begin and end now."""

    async def fingerprint(self, partition: int, ends: Ends) -> Fingerprint:
        """Return the fingerprint of the first record of a partition."""


class DeadLetterSink(Protocol):
    """Where refused records go."""

    async def send(self, refused: Sequence[tuple[StoredRecord, RefusedEvent]]) -> None:
        """Append them to the dead letters; return when all are acknowledged, else raise LogUnavailableError."""


@dataclass(slots=True)
class PartitionProgress:
    """What the manager knows of a partition besides its fold."""

    partition: Partition[Any] | None = None
    halted: str | None = None
    sent_below: int = 0
    """Dead letters below this offset were sent before: a rebuild does not send them again (R13)."""
    halt_shown: bool = True
    """Whether the view may still say that it is halted: that is taken back when the view has moved on, not at the next attempt."""
    pending: tuple[int, int] | None = None
    """A time (ms) and the end of the log at that time: once the position reaches it, the view is true as of then."""


class PartitionManager:
    """Assigns, folds, sweeps, halts and drops the partitions of this worker. `seek` moves the consumer of a partition to an offset."""

    def __init__(
        self,
        factory: ProjectionFactory,
        view: WritableView,
        log: LogBounds,
        dead_letters: DeadLetterSink,
        seek: Callable[[int, int], Awaitable[None]],
    ) -> None:
        self._factory, self._view, self._log, self._dead_letters, self._seek = factory, view, log, dead_letters, seek
        self._progress: defaultdict[int, PartitionProgress] = defaultdict(PartitionProgress)
        self.refusals = 0  # writes that the fence refused; the caller sets it back to 0
        self.waited = False  # whether Redis or Kafka was away since `was_away` was last asked
        self._loads: defaultdict[int, int] = defaultdict(int)
        self._locks: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def assign(self, number: int, committed: int) -> int:
        """Load a partition that was just assigned; return the offset to read from. `committed` is the group's offset."""
        async with self._locks[number]:
            progress = self._progress[number] = PartitionProgress(sent_below=committed)
            try:
                progress.partition = await self._load(number)
            except HaltedError as why:
                await self._halt(number, str(why))
                return committed
            return progress.partition.position.offset + 1

    def revoke(self, numbers: Iterable[int]) -> None:
        """Drop partitions that now belong to another worker."""
        for number in numbers:
            self._progress.pop(number, None)

    def positions(self) -> dict[int, int]:
        """Return the last offset folded of each partition in memory."""
        return {number: progress.partition.position.offset for number, progress in self._progress.items() if progress.partition}

    def halted(self) -> dict[int, str]:
        """Return why each halted partition can't go on."""
        return {number: progress.halted for number, progress in self._progress.items() if progress.halted}

    def was_away(self) -> bool:
        """Return whether Redis or Kafka was away since the last call: that is waited for, however long it takes."""
        waited, self.waited = self.waited, False
        return waited

    def loads(self) -> dict[int, int]:
        """Return how often each partition of this worker was loaded: what was loaded is not yet known to be what the log gives."""
        return {number: self._loads[number] for number in sorted(self._progress)}

    async def inspect(self, number: int, look: Callable[[Partition[Any]], Awaitable[_T]]) -> _T | None:
        """Call `look` with a partition in memory while nothing changes it or its view; None where none is, or while it is rebuilt."""
        async with self._locks[number]:
            progress = self._progress.get(number)
            partition = progress.partition if progress else None
            return None if partition is None or partition.position.rebuilding else await look(partition)

    async def fold(self, number: int, records: Sequence[StoredRecord]) -> None:
        """Fold records of one partition into the view, or load the partition again when they do not follow on it."""
        async with self._locks[number]:
            progress = self._progress[number]
            if progress.halted:
                return
            try:
                await self._fold(number, progress, records)
            except HaltedError as why:
                await self._halt(number, str(why))

    async def tick(self, owned: Iterable[int], now: int, clock: int | None = None) -> dict[int, Ends]:
        """Stamp the partitions this worker owns at `now` (ms) and sweep them; return where the log ends, empty when Kafka is away.

        They are swept at `now` too, or in a data set that is not live at its own `clock`.
        """
        numbers = list(owned)
        try:
            async with asyncio.timeout(_ENDS_S):
                ends = await self._log.ends(numbers)
        except (LogUnavailableError, TimeoutError):
            ends = {}
        swept_at = now if clock is None else clock
        slots = asyncio.Semaphore(_SWEPT_AT_ONCE)

        async def sweep(number: int) -> None:
            async with slots:
                await self._tick(number, ends.get(number), now, swept_at)

        await asyncio.gather(*map(sweep, numbers))
        return ends

    async def retry_halted(self) -> None:
        """Load halted partitions again: an operator may have repaired what stopped them."""
        for number in self.halted():
            async with self._locks[number]:
                await self._recover(number)

    async def _fold(self, number: int, progress: PartitionProgress, records: Sequence[StoredRecord]) -> None:
        partition = progress.partition or await self._load(number)
        progress.partition = None
        following = [record for record in records if record.offset > partition.position.offset]
        if not following or await self._apply(number, partition, following, progress):
            progress.partition = partition
        else:
            await self._recover(number)

    async def _apply(self, number: int, partition: Partition[Any], records: Sequence[StoredRecord], progress: PartitionProgress) -> bool:
        """Fold, send the dead letters, write; the dead letters first, so that each that is counted can be read (R13).

        False when the records do not follow on memory, or memory is not what the view has.
        """
        if records[0].offset != partition.position.offset + 1:
            return False
        if not partition.position.fingerprint:  # the log was empty until now: this is its first record
            partition.position = replace(partition.position, fingerprint=fingerprint(records[0]).text)
        result = partition.fold(records)
        unsent = [refused for refused in result.refused if refused[0].offset >= progress.sent_below]
        if unsent:
            await self._retry(lambda: self._dead_letters.send(unsent))
            progress.sent_below = unsent[-1][0].offset + 1
        if not await self._write(number, result.write):
            return False
        if result.too_new:
            record, event = result.too_new
            raise HaltedError(
                f"offset {record.offset} is a {event.type}, newer than this processor: upgrade the processor, it goes on by itself"
            )
        await self._clear_halt(number, progress)
        return True

    async def _clear_halt(self, number: int, progress: PartitionProgress) -> None:
        """Write to the view that a partition is halted no longer."""
        if progress.halt_shown:
            await self._retry(lambda: self._view.halt(number, None))
            progress.halt_shown = False

    async def _tick(self, number: int, ends: Ends | None, now: int, swept_at: int) -> None:
        async with self._locks[number]:
            progress = self._progress[number]
            partition, progress.partition = progress.partition, None
            if progress.halted:
                return
            try:
                if partition is None:
                    await self._recover(number)
                elif await self._view.write(number, partition.sweep(swept_at, as_of := _current_as_of(progress, partition, ends, now))):
                    progress.partition = partition
                    if as_of is not None:
                        await self._clear_halt(number, progress)
                else:
                    self.refusals += 1
                    await self._recover(number)
            except ViewUnavailableError:
                self.waited = True
                return  # whether it was written is not known: the next tick loads the partition again
            except HaltedError as why:
                await self._halt(number, str(why))

    async def _recover(self, number: int) -> None:
        """Load a partition again and read on from the position of the view."""
        progress = self._progress[number]
        progress.partition, progress.pending, progress.halted = None, None, None
        try:
            progress.partition = await self._load(number)
        except HaltedError as why:
            await self._halt(number, str(why))
        else:
            await self._seek(number, progress.partition.position.offset + 1)

    async def _halt(self, number: int, why: str) -> None:
        self._progress[number].halted, self._progress[number].halt_shown = why, True
        _log.critical("partition halted", extra={"partition": number, "why": why})
        await self._retry(lambda: self._view.halt(number, why))

    async def _write(self, number: int, write: Write) -> bool:
        """Write behind the fence. After a time-out it is not known whether it was written: the fence then refuses the second attempt."""
        written = await self._retry(lambda: self._view.write(number, write))
        self.refusals += not written
        return written

    async def _load(self, number: int) -> Partition[Any]:
        self._loads[number] += 1
        return await self._retry(lambda: self._load_once(number))

    async def _load_once(self, number: int) -> Partition[Any]:
        try:
            checkpoint = await self._log.checkpoint(number)
        except ValueError as unreadable:
            raise HaltedError(_NO_CHECKPOINT) from unreadable
        ends = (await self._log.ends([number]))[number]
        first = await self._log.fingerprint(number, ends)
        try:
            saved = await self._view.load(number)
        except ValueError as unreadable:
            raise HaltedError(_UNREADABLE) from unreadable
        if saved and saved.position.fold_version == FOLD_VERSION and saved.position.checkpoint >= (checkpoint.offset if checkpoint else 0):
            partition = self._restore(saved, ends, first)
            await self._view.assign(number, ends.end)
            return partition
        if checkpoint:
            return await self._begin_with(number, checkpoint, ends, first)
        position = Position(offset=ends.start - 1, fingerprint=first.text, rebuild_until=ends.end)
        await self._view.begin(number, position)
        return self._factory.fresh(position)

    async def _begin_with(self, number: int, checkpoint: Checkpoint, ends: Ends, first: Fingerprint) -> Partition[Any]:
        """Begin anew with a checkpoint, in two steps: a worker that is killed between them leaves a view that is not at the checkpoint."""
        if mismatch := why_checkpoint_mismatches_log(checkpoint, ends, first):
            raise HaltedError(mismatch)
        await self._view.forget(number)
        await self._view.begin(number, Position(offset=-1, fingerprint=first.text, rebuild_until=ends.end))
        partition: Partition[Any] = self._factory.restored(checkpoint.state)
        partition.position = replace(partition.position, fingerprint=first.text, rebuild_until=ends.end)
        if not await self._view.write(number, partition.whole()):
            raise ViewUnavailableError("another worker has begun with this partition")
        return partition

    def _restore(self, saved: Saved, ends: Ends, first: Fingerprint) -> Partition[Any]:
        mismatch = why_view_mismatches_log(saved.position, ends, first)
        if mismatch:
            raise HaltedError(mismatch)
        try:
            partition = self._factory.restored(saved)
        except (ValueError, KeyError, TypeError) as unreadable:
            raise HaltedError(_UNREADABLE) from unreadable
        partition.position = replace(partition.position, rebuild_until=ends.end, fingerprint=partition.position.fingerprint or first.text)
        return partition

    async def _retry(self, call: Callable[[], Awaitable[_T]]) -> _T:
        """Repeat a call for as long as Redis or Kafka is away."""
        while True:
            try:
                return await call()
            except (ViewUnavailableError, LogUnavailableError) as away:
                self.waited = True
                _log.warning("waiting", extra={"why": str(away)})
                await asyncio.sleep(_RETRY_S)


def _current_as_of(progress: PartitionProgress, partition: Partition[Any], ends: Ends | None, now: int) -> int | None:
    """Return a time (ms) by which all that was logged is folded in, None if there is no new one.

    Under steady traffic the position never stands at the very end: an end seen earlier that it has passed is as good.
    """
    reached = partition.position.offset + 1
    if ends and reached >= ends.end:
        progress.pending = None
        return now
    as_of = None
    if progress.pending and reached >= progress.pending[1]:
        as_of, progress.pending = progress.pending[0], None
    if ends and progress.pending is None:
        progress.pending = (now, ends.end)
    return as_of


def why_checkpoint_mismatches_log(checkpoint: Checkpoint, ends: Ends, first: Fingerprint) -> str | None:
    """Return why a checkpoint is not of this log, and what to do; None when it is."""
    do = "is Kafka another one than before? Put the right one back"
    if ends.end < checkpoint.offset:
        return f"the checkpoint stands at offset {checkpoint.offset}, beyond the end {ends.end} of the log: {do}"
    if ends.start > checkpoint.offset:
        return f"the log begins at {ends.start}, but its checkpoint is of what went before {checkpoint.offset}: {do}"
    if checkpoint.mark and first.text != checkpoint.mark:
        return f"the record that follows the checkpoint is another one than when it was made: {do}"
    return None


def why_view_mismatches_log(position: Position, ends: Ends, first: Fingerprint) -> str | None:
    """Return why a view does not belong to this log, and what to do; None when it does."""
    do = "is Redis or Kafka another one than before? Put the right one back, or run `plek rebuild` to fold this log anew"
    if position.offset + 1 > ends.end:
        return f"the view stands at offset {position.offset}, beyond the end {ends.end} of the log: {do}"
    if position.offset + 1 < ends.start:
        return f"the log begins at {ends.start}, but the view has folded only up to {position.offset}: {do}"
    stored = Fingerprint(position.fingerprint)
    if stored.start is not None and (first.start is None or (first.start <= stored.start and first != stored)):
        return f"the first record of the log is another one than the view was folded from: {do}"
    return None
