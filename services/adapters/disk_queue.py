"""A queue on disk in SQLite: an appended record survives whatever ends the process, and records are read in the order of their append.

WAL with `synchronous=FULL`: an append returns after the operating system has written it through (fsync). Several processes and several
queues share one file in a folder. Every row belongs to one process, which holds a lock that the kernel gives back when the process ends,
also after kill -9; a living process adopts the rows of one that has ended.
"""

import asyncio
import fcntl
import logging
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, NamedTuple, TypeVar
from uuid import uuid4

from services.adapters.kafka.ports import LogRecord

_log = logging.getLogger(__name__)
_T = TypeVar("_T")

_NAME: Final = "outbox.sqlite"
# Longer than any other process holds the file for one write.
_BUSY_S: Final = 2.0
_BROKEN: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS queued (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    queue TEXT NOT NULL,
    owner TEXT NOT NULL,
    topic TEXT NOT NULL,
    key BLOB,
    value BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS queued_in_order ON queued (queue, owner, id);
CREATE TABLE IF NOT EXISTS set_aside AS SELECT * FROM queued WHERE 0;
"""


class OutboxError(Exception):
    """The disk takes nothing: it is full, or can't be written to. Nothing is promised."""


class Queued(NamedTuple):
    """A record on disk, and its number there."""

    id: int
    record: LogRecord


class DiskQueue:
    """One queue of one process. `size` counts its records, `writable` is whether the disk took the last one."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name, self._owner = folder, name, uuid4().hex
        self._one_at_a_time = threading.Lock()
        self._open: sqlite3.Connection | None = None
        self._lock: int | None = None
        self._inode: int | None = None
        self.size, self.writable = 0, True

    async def append(self, records: Sequence[LogRecord]) -> list[int]:
        """Write records through to the disk and return their numbers; OutboxError when it takes none of them."""
        return await asyncio.to_thread(self._guarded, lambda connection: self._append(connection, records))

    async def first(self, most: int) -> list[Queued]:
        """Read at most `most` records, the oldest first; OutboxError."""
        return await asyncio.to_thread(self._guarded, lambda connection: self._first(connection, most))

    async def delete(self, numbers: Sequence[int]) -> None:
        """Delete records that were acknowledged; OutboxError."""
        await asyncio.to_thread(self._guarded, lambda connection: self._delete(connection, numbers))

    async def set_aside(self, number: int) -> None:
        """Move a record that can never be sent out of the queue, to a table for a person to read; OutboxError."""
        await asyncio.to_thread(self._guarded, lambda connection: self._set_aside(connection, number))

    async def adopt(self) -> int:
        """Take over the records of processes that have ended, and return how many those are; OutboxError."""
        return await asyncio.to_thread(self._guarded, self._adopt)

    async def close(self) -> None:
        """Close the file; its records are adopted by the next process."""
        await asyncio.to_thread(self._close)

    def _guarded(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        """Run `work` with the file, opened if need be; OutboxError. A file that can't be read any more is renamed and made anew."""
        with self._one_at_a_time:
            try:
                result = self._tried(work)
            except (sqlite3.Error, OSError) as refused:
                self.writable = False
                self._close_file()  # the next call opens it anew: the disk may be another by then
                raise OutboxError from refused
            self.writable = True
            return result

    def _tried(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        try:
            return work(self._connection())
        except sqlite3.DatabaseError as wrong:
            if wrong.sqlite_errorcode & 0xFF not in _BROKEN:
                raise
            _log.critical("the outbox can't be read: it is kept aside")
            self._close_file()
            if _inode(self._folder / _NAME) == self._inode:  # else another process has renamed it already
                _rename_broken(self._folder / _NAME)
            return work(self._connection())

    def _connection(self) -> sqlite3.Connection:
        path = self._folder / _NAME
        if self._open and _inode(path) != self._inode:  # removed, or renamed: no process reads the rows of a file without its name
            self._close_file()
        if self._open is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            if self._lock is None:
                self._lock = _claim(self._lock_of(self._owner))
            self._inode = _create(path)
            self._open = _connect(path)
            [(self.size,)] = self._open.execute("SELECT count(*) FROM queued WHERE queue = ? AND owner = ?", (self._name, self._owner))
        return self._open

    def _append(self, connection: sqlite3.Connection, records: Sequence[LogRecord]) -> list[int]:
        insert = "INSERT INTO queued (queue, owner, topic, key, value) VALUES (?, ?, ?, ?, ?)"
        rows = [(self._name, self._owner, record.topic, record.key, record.value or b"") for record in records]
        with _transaction(connection):
            numbers = [connection.execute(insert, row).lastrowid or 0 for row in rows]
        self.size += len(numbers)
        return numbers

    def _first(self, connection: sqlite3.Connection, most: int) -> list[Queued]:
        select = "SELECT id, topic, key, value FROM queued WHERE queue = ? AND owner = ? ORDER BY id LIMIT ?"
        return [Queued(number, LogRecord(*row)) for number, *row in connection.execute(select, (self._name, self._owner, most))]

    def _delete(self, connection: sqlite3.Connection, numbers: Sequence[int]) -> None:
        with _transaction(connection):
            deleted = sum(connection.execute("DELETE FROM queued WHERE id = ?", (number,)).rowcount for number in numbers)
        self.size -= deleted
        if not self.size:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _set_aside(self, connection: sqlite3.Connection, number: int) -> None:
        with _transaction(connection):
            connection.execute("INSERT INTO set_aside SELECT * FROM queued WHERE id = ?", (number,))
            deleted = connection.execute("DELETE FROM queued WHERE id = ?", (number,)).rowcount
        self.size -= deleted

    def _adopt(self, connection: sqlite3.Connection) -> int:
        before = self.size
        owners = {path.stem for path in self._folder.glob("*.owner")}
        owners |= {owner for (owner,) in connection.execute("SELECT DISTINCT owner FROM queued")}
        for owner in owners - {self._owner}:
            with suppress(OSError):  # that process lives
                lock = _claim(self._lock_of(owner))
                try:
                    self._adopt_from(connection, owner)
                finally:
                    os.close(lock)
        return self.size - before

    def _adopt_from(self, connection: sqlite3.Connection, owner: str) -> None:
        update = "UPDATE queued SET owner = ? WHERE owner = ? AND queue = ?"
        with _transaction(connection):
            moved = connection.execute(update, (self._owner, owner, self._name)).rowcount
            [(left,)] = connection.execute("SELECT count(*) FROM queued WHERE owner = ?", (owner,))
        self.size += moved
        if not left:
            self._lock_of(owner).unlink(missing_ok=True)

    def _lock_of(self, owner: str) -> Path:
        return self._folder / f"{owner}.owner"

    def _close_file(self) -> None:
        if self._open:
            with suppress(sqlite3.Error):
                self._open.close()
        self._open = None

    def _close(self) -> None:
        with self._one_at_a_time:
            self._close_file()
            if self._lock is not None:
                os.close(self._lock)
                self._lock = None


def _create(path: Path) -> int:
    """Make the file, for its owner alone, where there is none, and return its inode.

    A file that exists is not opened: to close it would give back every lock that SQLite has on it in this process (POSIX: fcntl, "advisory
    record locking"). Another process could then take it for its own, remove the write-ahead log, and with it what is appended later.
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    return path.stat().st_ino


def _inode(path: Path) -> int | None:
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return None


def _connect(path: Path) -> sqlite3.Connection:
    """Open the file, and write its name through to the disk."""
    connection = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False)
    try:
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON"):
            connection.execute(f"PRAGMA {pragma}")
        connection.executescript(_SCHEMA)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Run the block as one transaction: all of it is on the disk afterwards, or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


def _claim(path: Path) -> int:
    """Take the lock of a process and return its descriptor; OSError while the process lives."""
    while True:  # another process may remove the file between the two calls: then it is made anew
        opened = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _inode(path) == os.fstat(opened).st_ino:
                return opened
        except OSError:
            os.close(opened)
            raise
        os.close(opened)


def _rename_broken(path: Path) -> None:
    name = uuid4().hex
    for end in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            path.with_name(path.name + end).rename(path.with_name(f"{path.name}{end}.{name}.spoiled"))
