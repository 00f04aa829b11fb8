"""Law: what is not in the audit log did not happen. `note` returns when Kafka has acknowledged the record; else nothing is shown.

Whatever waits while a batch is on its way goes with the next: a caller waits for two acknowledgements at most, however many there are.
After a failure nobody knows whether the last batch is in the log: a new chain begins, and goes on from the last that was acknowledged.
"""

import asyncio
import logging
from asyncio import Future
from collections import deque
from typing import Final
from uuid import uuid4

from services.adapters.audit.records import Entry, Link, hash_of, link_of, written
from services.adapters.audit.trail import Trail
from services.adapters.clock import Clock
from services.adapters.log_port import AppendableLog, LogUnavailableError, Record, TooLargeError
from services.adapters.metrics import Metrics

_log = logging.getLogger(__name__)

# A caller gets her answer within 5 s, whatever Kafka does.
_NOTED_S: Final = 4.5
_RETRY_S: Final = 0.5
_MOST: Final = 500


class Writer:
    """Appends to the audit log for as long as `keep` runs. `source` names the program (`plek.api`)."""

    def __init__(self, source: str, log: AppendableLog, kept: Trail, now: Clock, metrics: Metrics) -> None:
        self._source, self._log, self._kept, self._now, self._metrics = source, log, kept, now, metrics
        self._waiting: deque[tuple[Entry, Future[None]]] = deque()
        self._some = asyncio.Event()
        self._last: Link | None = None
        self._chained = False

    @property
    def ready(self) -> bool:
        """The last record was acknowledged."""
        return self._chained and self._log.ready

    async def note(self, *entries: Entry) -> None:
        """Write entries, and return when they can't be lost any more; LogUnavailableError."""
        if not self._log.ready:
            raise LogUnavailableError
        noted = [asyncio.get_running_loop().create_future() for _ in entries]
        self._waiting.extend(zip(entries, noted, strict=True))
        self._some.set()
        try:
            async with asyncio.timeout(_NOTED_S):
                await asyncio.gather(*noted)
        except TimeoutError as late:
            raise LogUnavailableError from late

    async def keep(self) -> None:
        """Write what is noted, until cancelled."""
        while True:
            if not self._chained:
                await self._begun()
            await self._some.wait()
            await self._write(self._taken())

    def _taken(self) -> list[tuple[Entry, Future[None]]]:
        """Take what waits; who has left meanwhile is not waited for."""
        taken = [self._waiting.popleft() for _ in range(min(_MOST, len(self._waiting)))]
        if not self._waiting:
            self._some.clear()
        return [(entry, noted) for entry, noted in taken if not noted.done()]

    async def _begun(self) -> None:
        """Begin a chain ahead of need; try again until Kafka is there."""
        while True:
            try:
                before = self._last or await self._found()
                first = Entry(at=self._now(), happening="chain-begun")
                await self._append([written(first, str(uuid4()), 0, before, self._source)])
            except LogUnavailableError:
                self._fail(self._taken())
                await asyncio.sleep(_RETRY_S)
            else:
                return

    async def _found(self) -> Link | None:
        """Find the record that stands last, whoever wrote it; a log that holds something else is told by who verifies it."""
        last = await self._kept.last()
        try:
            return link_of(last.value) if last else None
        except ValueError:
            return None

    async def _write(self, taken: list[tuple[Entry, Future[None]]]) -> None:
        assert self._last is not None  # noqa: S101 - a chain has begun
        values: list[bytes] = []
        before = self._last
        for entry, _ in taken:
            values.append(written(entry, before.chain, before.number + 1, before, self._source))
            before = Link(before.chain, before.number + 1, hash_of(values[-1]))
        try:
            await self._append(values)
        except LogUnavailableError:
            _log.warning("the audit log can't be written")
            self._fail(taken)
        else:
            for _, noted in taken:
                if not noted.done():
                    noted.set_result(None)

    async def _append(self, values: list[bytes]) -> None:
        if not values:
            return
        try:
            await self._log.append([Record(self._kept.topic, None, value) for value in values])
        except (LogUnavailableError, TooLargeError) as away:
            self._chained = False
            self._metrics.set("plek_part_up", 0, part="audit")
            raise LogUnavailableError from away
        self._last, self._chained = link_of(values[-1]), True
        self._metrics.set("plek_part_up", 1, part="audit")
        self._metrics.count("plek_audit_records_total", len(values))

    def _fail(self, taken: list[tuple[Entry, Future[None]]]) -> None:
        for _, noted in taken:
            if not noted.done():
                noted.set_exception(LogUnavailableError())
