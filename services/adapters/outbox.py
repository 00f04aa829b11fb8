"""What must not be lost while Kafka is away: records on disk, written through (fsync) before anybody is told that they are queued.

A line a record: a checksum and the record. A line that was torn by a crash was never promised, and is cut off. Lines go out in their
order, and the file is emptied when all are acknowledged; a crash in between sends some twice, and the log counts each once (R1, D1).
Each process has a file of its own, locked; whoever starts takes over those that nobody holds any more.
"""

import asyncio
import fcntl
import logging
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Final
from zlib import crc32

import orjson

from services.adapters.log_port import AppendableLog, LogUnavailableError, Record
from services.adapters.metrics import Metrics

_log = logging.getLogger(__name__)

_LOOK_S: Final = 0.2
# More at a time would wait longer for their acknowledgement than a producer gives it.
_AT_ONCE: Final = 200
_SLOTS: Final = 1_000


class OutboxError(Exception):
    """The disk takes nothing: it is full, or can't be written to. Nothing is promised."""


class Outbox:
    """The records of one process that wait for Kafka, and those it found."""

    def __init__(self, folder: Path, log: AppendableLog, metrics: Metrics) -> None:
        self._folder, self._log, self._metrics = folder, log, metrics
        self._files: list[_File] = []
        self._writing = asyncio.Lock()
        self.waiting: list[Record] = []

    async def append(self, records: Sequence[Record]) -> None:
        """Write records through to the disk; OutboxError when it does not take them, and then none of them is kept."""
        async with self._writing:
            try:
                await asyncio.to_thread(self._write, records)
            except OSError as refused:
                raise OutboxError from refused
            self.waiting += records
            self._tell()

    def _write(self, records: Sequence[Record]) -> None:
        if not self._files:
            claimed = _claim(self._folder)
            self.waiting += claimed.read()  # whoever had it before may have left some, and files are emptied when nothing waits
            self._files = [claimed]
        self._files[0].append(b"".join(map(_line, records)))

    async def keep(self) -> None:
        """Take over what others left, and send whenever Kafka answers, until cancelled."""
        async with self._writing:
            await asyncio.to_thread(self._adopt)
            self._tell()
        while True:
            if self.waiting and self._log.ready:
                await self.drain()
            await asyncio.sleep(_LOOK_S)

    def _adopt(self) -> None:
        for path in sorted(self._folder.glob("*.outbox")):
            with suppress(OSError):  # held by a process that lives
                found = _File(path)
                self.waiting += found.read()
                self._files.append(found)  # not before it was read: they are emptied when nothing waits

    async def drain(self) -> None:
        """Send all that waits, in order; what is not acknowledged stays."""
        sent = 0
        try:
            while sent < len(self.waiting):
                batch = self.waiting[sent : sent + _AT_ONCE]
                await self._log.append(batch)
                sent += len(batch)
        except LogUnavailableError:
            _log.warning("the outbox waits", extra={"count": len(self.waiting)})
        async with self._writing:
            del self.waiting[:sent]
            if not self.waiting:
                await asyncio.to_thread(self._empty)
            self._tell()

    def _empty(self) -> None:
        for file in self._files:
            file.empty()

    async def close(self) -> None:
        """Let the files go; what waits in them is sent at the next start."""
        for file in self._files:
            file.close()
        self._files = []

    def _tell(self) -> None:
        self._metrics.set("plek_outbox_records", len(self.waiting))


class _File:
    """One locked file; OSError when another process holds it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._fd)
            raise

    def append(self, lines: bytes) -> None:
        """Write lines and see them on the disk, or leave the file as it was."""
        before = os.fstat(self._fd).st_size
        try:
            rest = memoryview(lines)
            while rest:
                rest = rest[os.write(self._fd, rest) :]
            os.fsync(self._fd)
        except OSError:
            with suppress(OSError):
                os.ftruncate(self._fd, before)
            raise

    def read(self) -> list[Record]:
        """Read every whole record, and cut off what was torn at the end."""
        raw = os.pread(self._fd, os.fstat(self._fd).st_size, 0)
        whole = raw.rfind(b"\n") + 1
        if whole < len(raw):
            os.ftruncate(self._fd, whole)
        read = [_record(line) for line in raw[:whole].splitlines()]
        if None in read:  # no crash does that: the disk has. Put aside for a person to look at, as the file will be emptied
            self._path.with_suffix(".spoiled").write_bytes(raw)
            _log.critical("lines of the outbox can't be read", extra={"count": read.count(None)})
        return [record for record in read if record]

    def empty(self) -> None:
        """Forget everything."""
        os.ftruncate(self._fd, 0)
        os.fsync(self._fd)

    def close(self) -> None:
        """Let the file go."""
        os.close(self._fd)


def _claim(folder: Path) -> _File:
    """Take the first file that nobody holds, and see its name on the disk."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in _free(folder):
        directory = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
        return file
    raise OSError("no file of the outbox is free")


def _free(folder: Path) -> Iterator[_File]:
    for number in range(_SLOTS):
        with suppress(BlockingIOError):
            yield _File(folder / f"{number}.outbox")


def _line(record: Record) -> bytes:
    text = {name: value.decode() if isinstance(value, bytes) else value for name, value in asdict(record).items() if name != "headers"}
    raw = orjson.dumps(text)
    return b"%08x %s\n" % (crc32(raw), raw)


def _record(line: bytes) -> Record | None:
    checksum, _, raw = line.partition(b" ")
    if checksum != b"%08x" % crc32(raw):
        return None
    read = orjson.loads(raw)
    return Record(read["topic"], read["key"].encode(), read["value"].encode())


def keys(records: Iterable[Record]) -> set[bytes]:
    """Tell of which cases there are records."""
    return {record.key for record in records if record.key}
