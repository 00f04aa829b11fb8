"""Signs a head of the audit log every ten minutes, into the topic of heads and then into a file (ADR 49).

Guarantees: a head is signed only if the log goes on from the newest head of the same key; else none is, a metric and a log line say so, and
the next attempt looks again. Several processes may do this at once: each continues the newest head that it reads. Must not answer a caller
or hold one up: what can't be read or written is tried again later.
"""

import asyncio
import logging
import os
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from services.adapters.audit.hash_chain import ChainLink, Extent, extend
from services.adapters.audit.reader import AuditLog
from services.adapters.audit.records import hash_of
from services.adapters.audit.signed_heads import SignedHead, public_key, read_head, sign
from services.adapters.clock import Clock
from services.adapters.kafka.ports import AppendableLog, LogRecord, LogUnavailableError
from services.adapters.observability.metrics import Metrics
from services.domain.durations import SECOND_MS

_log = logging.getLogger(__name__)

# While Kafka is away it is tried again this soon, so that an outage costs no head
_RETRY_MS: Final = 10 * SECOND_MS
# Longer than any head
_LONGEST: Final = 4_096


class RewrittenError(Exception):
    """The audit log, or the topic of its heads, is not the one that was signed before; the message is how."""


@dataclass(slots=True, kw_only=True)
class HeadSigner:
    """Signs heads of an audit log with one key while `run_forever` runs."""

    secret: str = field(repr=False)
    audit_log: AuditLog
    heads: AuditLog
    log: AppendableLog
    file: Path
    now: Clock
    metrics: Metrics
    every_ms: int

    async def run_forever(self) -> None:
        """Sign a head when one is due, until cancelled."""
        while True:
            wait_ms = await self.sign_if_due()
            await asyncio.sleep(wait_ms / SECOND_MS)

    async def sign_if_due(self) -> int:
        """Sign a head if the newest is old enough, and return after how many milliseconds to look again."""
        try:
            last = await self._last()
            wait = last.at + self.every_ms - self.now() if last else 0
            # A head of the future is of a clock that was wrong
            if 0 < wait <= self.every_ms:
                return wait
            await self._sign(last)
        except LogUnavailableError:
            _log.warning("no head of the audit log is signed now: Kafka does not answer")
            return min(_RETRY_MS, self.every_ms)
        except RewrittenError as how:
            _log.critical("no head of the audit log is signed: %s", how)
            self.metrics.set("plek_audit_head_faults", 1)
        else:
            self.metrics.set("plek_audit_head_faults", 0)
        return self.every_ms

    async def _last(self) -> SignedHead | None:
        """Read the newest head; RewrittenError where the file has a later one of this key."""
        link = await self.heads.last()
        last = _read(link) if link else None
        ours = self._last_in_file()
        if ours and ours.key == public_key(self.secret) and ours.number > (last.number if last else -1):
            raise RewrittenError("heads that stand in the file were erased from their topic")
        if last:
            self._measure(last)
        return last

    def _last_in_file(self) -> SignedHead | None:
        try:
            return read_head(self._end_of_file().splitlines()[-1])
        except (ValueError, IndexError):  # no head yet, or a line that a full disk has cut off
            return None

    def _end_of_file(self) -> bytes:
        try:
            with self.file.open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - _LONGEST))
                return file.read()
        except FileNotFoundError:
            return b""

    async def _sign(self, last: SignedHead | None) -> None:
        is_ours = last is not None and last.key == public_key(self.secret)
        if last and is_ours and not last.is_genuine():
            raise RewrittenError("the newest head was not signed with the key that it names")
        # A new key believes no other: it begins with the log as it is, also after an incident
        extent = await self._read_on(last.extent if last and is_ours else None)
        if extent is None:
            return
        head = sign(self.secret, self.audit_log.topic, extent, self.now(), last)
        await self.log.append([LogRecord(self.heads.topic, None, head.value)])
        self._measure(head)
        await asyncio.to_thread(self._write, head)

    async def _read_on(self, known: Extent | None) -> Extent | None:
        """Return the extent of the log as it is now; RewrittenError where it does not go on from the known one."""
        extent: Extent | None = None
        async with aclosing(self.audit_log.all(known.offset if known else 0)) as batches:
            async for links in batches:
                for link in links:
                    extent = extend(extent, link) if extent or not known else _continued(known, link)
        if known and extent is None:
            raise RewrittenError("the audit log ends before the record of the newest head")
        return extent

    def _measure(self, head: SignedHead) -> None:
        self.metrics.set("plek_audit_head_seconds", head.at / SECOND_MS)
        self.metrics.set("plek_audit_head_offset", head.extent.offset)

    def _write(self, head: SignedHead) -> None:
        """Append a head to the file, through to the disk; its owner alone reads it. A full disk is logged: the topic has the head."""
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(descriptor, "ab") as file:
                # After a line that a full disk has cut off
                file.write(b"" if self._end_of_file()[-1:] in {b"", b"\n"} else b"\n")
                file.write(head.value + b"\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            _log.exception("a signed head of the audit log can't be written to its file")


def _read(link: ChainLink) -> SignedHead:
    try:
        return read_head(link.value)
    except ValueError as wrong:
        raise RewrittenError("the newest record among the heads is no head") from wrong


def _continued(known: Extent, link: ChainLink) -> Extent:
    """Return the known extent where the log still has its last record; RewrittenError."""
    if (link.offset, hash_of(link.value)) != (known.offset, known.hash):
        raise RewrittenError("the record of the newest head is missing from the audit log, or another one stands there")
    return known
