"""Appends audit entries to the log, or to the disk while the log does not answer (ADR 13, 37).

Guarantees: `append` returns when an entry is in the log or on disk, and raises otherwise; the caller must then show nothing. Entries that
wait while a batch is on its way leave with the next, so a caller waits for two acknowledgements at most. A log that is silent for 0.8 s is
doubted: from then on entries go to the disk, until all of it has been written to the log, in order. Entries are chained when they are
written to the log, each with the time at which it happened.

After a failure it is unknown whether the last batch is in the log. A new chain begins, which continues the last acknowledged record, and
the batch is written again in it. So an entry may be in the log twice, and each chain is intact.
"""

import asyncio
import logging
from asyncio import Future, Task
from collections import deque
from collections.abc import Sequence
from typing import Final
from uuid import uuid4

from services.adapters.audit.disk_buffer import AuditQueue
from services.adapters.audit.reader import AuditLog
from services.adapters.audit.records import Entry, Link, encode_record, hash_of, link_of
from services.adapters.clock import Clock
from services.adapters.disk_queue import OutboxError
from services.adapters.kafka.ports import AppendableLog, LogRecord, LogUnavailableError, TooLargeError
from services.adapters.observability.metrics import Metrics

_log = logging.getLogger(__name__)

# Without a disk, a caller gets an answer within 5 s, whatever Kafka does.
_APPEND_S: Final = 4.5
# With a disk, no answer waits longer for a log that may be away.
_DOUBT_S: Final = 0.8
_RETRY_S: Final = 0.5
_MOST: Final = 500
# Processes that have ended are looked for this often (seconds).
_ADOPT_S: Final = 10.0

_Pending = tuple[Entry, "Future[None]"]


class AuditWriter:
    """Appends to the audit log while `run_forever` runs. `source` names the program (`plek.api`); without a `disk` a log is waited for."""

    def __init__(
        self, source: str, log: AppendableLog, audit_log: AuditLog, now: Clock, metrics: Metrics, disk: AuditQueue | None = None
    ) -> None:
        self._source, self._log, self._audit_log, self._now, self._metrics, self._disk = source, log, audit_log, now, metrics, disk
        self._waiting: deque[_Pending] = deque()
        self._not_empty = asyncio.Event()
        self._last: Link | None = None
        self._chained = self._doubted = False
        self._appending: Task[None] | None = None

    @property
    def ready(self) -> bool:
        """Whether the last record was acknowledged, and nothing waits on disk."""
        return self._chained and self._log.ready and not self._doubted and not (self._disk and self._disk.size)

    @property
    def writable(self) -> bool:
        """Whether the disk accepts entries, as far as is known."""
        return self._disk is not None and self._disk.writable

    @property
    def takes(self) -> bool:
        """Whether an entry is likely to be accepted without a long wait."""
        return self.ready or self.writable

    async def append(self, *entries: Entry) -> None:
        """Append entries to the log or the disk, and return when they can't be lost any more; LogUnavailableError."""
        if self._disk and not self.ready:
            try:
                await self._put_on_disk(self._disk, entries)
            except LogUnavailableError:
                if not self._log.ready:
                    raise
            else:
                return
        if not self._log.ready:
            raise LogUnavailableError
        await self._hand_over(entries)

    async def _hand_over(self, entries: Sequence[Entry]) -> None:
        futures = [asyncio.get_running_loop().create_future() for _ in entries]
        self._waiting.extend(zip(entries, futures, strict=True))
        self._not_empty.set()
        try:
            async with asyncio.timeout(_APPEND_S):
                await asyncio.gather(*futures)
        except TimeoutError as late:
            raise LogUnavailableError from late

    async def _put_on_disk(self, disk: AuditQueue | None, entries: Sequence[Entry]) -> list[int]:
        if disk is None:
            raise LogUnavailableError
        try:
            return await disk.append(self._source, entries)
        except OutboxError as full:
            raise LogUnavailableError from full
        finally:
            self._not_empty.set()

    async def run_forever(self) -> None:
        """Write entries to the log until cancelled, those on disk first."""
        adopting = asyncio.create_task(self._adopt())
        try:
            while True:
                if not self._chained:
                    await self._begin_chain()
                elif self._disk and (self._disk.size or self._doubted):
                    await self._drain(self._disk)
                else:
                    await self._not_empty.wait()
                    await self._write(self._take())
        finally:
            adopting.cancel()

    async def close(self) -> None:
        """Close the file; its entries are written by the next process."""
        if self._disk:
            await self._disk.close()

    async def _adopt(self) -> None:
        while self._disk:
            try:
                await self._disk.adopt()
                self._not_empty.set()
            except OutboxError:
                _log.warning("the disk of the audit log can't be opened")
            await asyncio.sleep(_ADOPT_S)

    def _take(self) -> list[_Pending]:
        """Remove and return the next batch, without the entries of callers that have gone."""
        batch = [self._waiting.popleft() for _ in range(min(_MOST, len(self._waiting)))]
        if not self._waiting:
            self._not_empty.clear()
        return _not_done(batch)

    async def _begin_chain(self) -> None:
        """Begin a chain ahead of need; try again until Kafka answers."""
        while True:
            try:
                before = self._last or await self._last_in_log()
                first = Entry(at=self._now(), happening="chain-begun")
                await self._append([encode_record(first, str(uuid4()), 0, before, self._source)])
            except LogUnavailableError:
                await self._divert(self._take())
                await asyncio.sleep(_RETRY_S)
            else:
                return

    async def _last_in_log(self) -> Link | None:
        """Read the last record of any program; None for one that is no audit record, which the verification reports."""
        last = await self._audit_log.last()
        try:
            return link_of(last.value) if last else None
        except ValueError:
            return None

    async def _drain(self, disk: AuditQueue) -> None:
        """Write the oldest entries on disk to the log, and delete them when they are acknowledged."""
        try:
            numbered = await disk.first(_MOST)
            await self._append(self._chain([(source, entry) for _, source, entry in numbered]))
            await disk.delete([number for number, _, _ in numbered])
        except LogUnavailableError:
            return
        except OutboxError:
            _log.warning("the disk of the audit log can't be read")
            await asyncio.sleep(_RETRY_S)
            return
        self._doubted = bool(disk.size)

    def _chain(self, entries: Sequence[tuple[str, Entry]]) -> list[bytes]:
        """Encode entries as the next records of this chain."""
        assert self._last is not None  # noqa: S101 - a chain has begun
        values: list[bytes] = []
        before = self._last
        for source, entry in entries:
            values.append(encode_record(entry, before.chain, before.number + 1, before, source))
            before = Link(before.chain, before.number + 1, hash_of(values[-1]))
        return values

    async def _write(self, batch: list[_Pending]) -> None:
        """Write a batch to the log. While the log is silent it is on disk too, and is deleted there if it is acknowledged after all."""
        values, on_disk = self._chain([(self._source, entry) for entry, _ in batch]), list[int]()
        self._appending = asyncio.create_task(self._append(values))
        try:
            await asyncio.wait((self._appending,), timeout=_DOUBT_S if self._disk else None)
            if not self._appending.done():
                on_disk = await self._doubt(batch)
            await self._appending
        except LogUnavailableError:
            _log.warning("the audit log can't be written")
            await self._divert(batch)
        else:
            _resolve(batch)
            await self._delete(on_disk)
        finally:
            self._appending.cancel()

    async def _doubt(self, batch: list[_Pending]) -> list[int]:
        """Write a batch that may be in the log to the disk, and all that waits behind it; return the batch's numbers there."""
        self._doubted = True
        numbers = await self._divert(batch)
        while self._waiting:
            await self._divert(self._take())
        return numbers

    async def _divert(self, batch: list[_Pending]) -> list[int]:
        """Write entries to the disk and release their callers; without a disk these get a LogUnavailableError."""
        waiting = _not_done(batch)
        try:
            numbers = await self._put_on_disk(self._disk, [entry for entry, _ in waiting]) if waiting else []
        except LogUnavailableError:
            for _, future in _not_done(waiting):
                future.set_exception(LogUnavailableError())
            return []
        _resolve(waiting)
        return numbers

    async def _delete(self, numbers: Sequence[int]) -> None:
        """Delete from the disk what is in the log after all; what can't be deleted is written twice."""
        if self._disk and numbers:
            try:
                await self._disk.delete(numbers)
            except OutboxError:
                _log.warning("the disk of the audit log can't be written")

    async def _append(self, values: list[bytes]) -> None:
        if not values:
            return
        try:
            await self._log.append([LogRecord(self._audit_log.topic, None, value) for value in values])
        except (LogUnavailableError, TooLargeError) as away:
            self._chained = False
            self._metrics.set("plek_part_up", 0, part="audit")
            raise LogUnavailableError from away
        self._last, self._chained = link_of(values[-1]), True
        self._metrics.set("plek_part_up", 1, part="audit")
        self._metrics.count("plek_audit_records_total", len(values))


def _not_done(batch: Sequence[_Pending]) -> list[_Pending]:
    return [(entry, future) for entry, future in batch if not future.done()]


def _resolve(batch: Sequence[_Pending]) -> None:
    for _, future in _not_done(batch):
        future.set_result(None)
