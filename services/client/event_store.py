"""The file of an outbox, in SQLite: events that wait, in the order of their calls, and events that were refused.

Guarantees: what `append` returned for is on the disk (WAL with synchronous=FULL: each commit is an fsync); events are numbered in
the order of their calls, in all threads and processes that write; what was sent is deleted, and overwritten (secure_delete).
"""

import os
import secrets
import sqlite3
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from json import dumps, loads
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

from .envelopes import Envelope

_T = TypeVar("_T")

# Longer than any other process holds the file for one write
_BUSY_S: Final = 30.0
_MICROSECOND_NS: Final = 1_000
# A clock that was put back by more than this was wrong before: its times are not continued
_PUT_BACK_NS: Final = 60_000_000_000
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS waiting (
    number INTEGER PRIMARY KEY AUTOINCREMENT, shelter TEXT NOT NULL, source TEXT NOT NULL, id TEXT NOT NULL, event BLOB NOT NULL,
    UNIQUE (shelter, source, id)
);
CREATE TABLE IF NOT EXISTS set_aside (
    number INTEGER PRIMARY KEY, shelter TEXT NOT NULL, source TEXT NOT NULL, id TEXT NOT NULL, event BLOB NOT NULL,
    status INTEGER NOT NULL, reasons TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS remembered (name TEXT PRIMARY KEY, value BLOB NOT NULL);
"""
_FIRST: Final = "SELECT number, shelter, source, id, event FROM waiting ORDER BY number LIMIT ?"
_FIRST_BUT: Final = (
    "SELECT number, shelter, source, id, event FROM waiting WHERE shelter NOT IN (SELECT value FROM json_each(?)) ORDER BY number LIMIT ?"
)
_SET_ASIDE: Final = "SELECT number, shelter, source, id, event, status, reasons FROM set_aside ORDER BY number"
_PUT_BACK: Final = "INSERT OR IGNORE INTO waiting SELECT number, shelter, source, id, event FROM set_aside WHERE number = ?"


class NotStoredError(Exception):
    """The disk took nothing: it is full, can't be written to, or holds another file. Nothing is promised."""


class Waiting(NamedTuple):
    """An event that waits, and its number in the order."""

    number: int
    shelter: str
    source: str
    id: str
    event: bytes


class SetAside(NamedTuple):
    """An event that Plek refused: the status of the answer, and every reason with its JSON pointer and code."""

    number: int
    shelter: str
    source: str
    id: str
    event: Mapping[str, Any]
    status: int
    reasons: Sequence[Mapping[str, Any]]


class EventStore:
    """One file; it may be open in several threads and processes of one machine, but not on both sides of a fork."""

    def __init__(self, path: Path, now_ns: Callable[[], int]) -> None:
        self._path, self._now_ns = path, now_ns
        self._one_at_a_time = threading.Lock()
        self._open: sqlite3.Connection | None = None
        self._pid = os.getpid()
        self.secret = self._do(self._remembered_secret)

    def append(self, envelope: Envelope) -> None:
        """Write an event through to the disk, behind all others; an event with a name that waits already must be the same (ValueError)."""
        self._do(lambda connection: self._append(connection, envelope))

    def first(self, most: int, without: Collection[str] = ()) -> list[Waiting]:
        """Read the first events in order, of at most so many bytes that one request takes them; those of some shelters are passed over."""
        query, values = (_FIRST_BUT, (dumps(list(without)), most)) if without else (_FIRST, (most,))
        return self._do(lambda connection: list(_within(connection.execute(query, values))))

    def count(self, shelter: str | None = None) -> int:
        """Return how many events wait, of one shelter or of all."""
        query = "SELECT count(*) FROM waiting WHERE ? IS NULL OR shelter = ?"
        [(found,)] = self._do(lambda connection: connection.execute(query, (shelter, shelter)).fetchall())
        return int(found)

    def settle(self, accepted: Sequence[Waiting], refused: Sequence[tuple[Waiting, int, Sequence[Mapping[str, Any]]]]) -> None:
        """Delete what is in the log and set aside what was refused, all of it or nothing."""
        self._do(lambda connection: self._settle(connection, accepted, refused))

    def set_aside(self) -> list[SetAside]:
        """Read what was refused, in order."""
        rows = self._do(lambda connection: connection.execute(_SET_ASIDE).fetchall())
        return [SetAside(row[0], row[1], row[2], row[3], loads(row[4]), row[5], loads(row[6])) for row in rows]

    def put_back(self, numbers: Sequence[int]) -> int:
        """Let refused events wait again, at their old places; return how many there were."""
        return self._do(lambda connection: sum(_put_back(connection, number) for number in numbers))

    def discard(self, numbers: Sequence[int]) -> int:
        """Delete refused events; return how many there were."""
        delete = "DELETE FROM set_aside WHERE number = ?"
        return self._do(lambda connection: sum(connection.execute(delete, (number,)).rowcount for number in numbers))

    def close(self) -> None:
        """Close the file; the next call opens it again."""
        with self._one_at_a_time:
            self._close()

    def _do(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        """Run `work` as one transaction; NotStoredError when the disk refuses it."""
        if os.getpid() != self._pid:
            raise NotStoredError("opened before a fork: open the outbox in the process that uses it")
        with self._one_at_a_time:
            try:
                connection = self._connection()
                with _transaction(connection):
                    return work(connection)
            except (sqlite3.Error, OSError) as refused:
                self._close()
                raise NotStoredError(f"{type(refused).__name__}: {refused}") from refused

    def _connection(self) -> sqlite3.Connection:
        if self._open is None:
            _create(self._path)
            connection = sqlite3.connect(self._path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False)
            self._open = connection
            for pragma in ("journal_mode = WAL", "synchronous = FULL", "fullfsync = ON", "secure_delete = ON"):
                connection.execute(f"PRAGMA {pragma}")
            connection.executescript(_SCHEMA)
            _write_through(self._path.parent)
        return self._open

    def _close(self) -> None:
        if self._open is not None:
            with suppress(sqlite3.Error):
                self._open.close()
        self._open = None

    def _remembered_secret(self, connection: sqlite3.Connection) -> bytes:
        connection.execute("INSERT OR IGNORE INTO remembered VALUES ('secret', ?)", (secrets.token_bytes(32),))
        [(secret,)] = connection.execute("SELECT value FROM remembered WHERE name = 'secret'")
        return bytes(secret)

    def _append(self, connection: sqlite3.Connection, envelope: Envelope) -> None:
        name = (envelope.shelter, envelope.source, envelope.id)
        for (event,) in connection.execute("SELECT event FROM waiting WHERE shelter = ? AND source = ? AND id = ?", name):
            if loads(event)["data"] != loads(dumps(envelope.data)) or loads(event)["type"] != envelope.type:
                raise ValueError("an event with this key or id waits already, and says something else")
            return
        # Said anew, a refused event is replaced
        connection.execute("DELETE FROM set_aside WHERE shelter = ? AND source = ? AND id = ?", name)
        event = envelope.write(self._next_time(connection))
        connection.execute("INSERT INTO waiting (shelter, source, id, event) VALUES (?, ?, ?, ?)", (*name, event))

    def _next_time(self, connection: sqlite3.Connection) -> int:
        """Return a time behind that of every event before, for of two statements the later one counts (contract, R5)."""
        now = self._now_ns()
        for (last,) in connection.execute("SELECT value FROM remembered WHERE name = 'time'"):
            if now <= last < now + _PUT_BACK_NS:
                now = last + _MICROSECOND_NS
        connection.execute("INSERT OR REPLACE INTO remembered VALUES ('time', ?)", (now,))
        return now

    def _settle(
        self,
        connection: sqlite3.Connection,
        accepted: Sequence[Waiting],
        refused: Sequence[tuple[Waiting, int, Sequence[Mapping[str, Any]]]],
    ) -> None:
        for waiting, status, reasons in refused:
            insert = "INSERT OR REPLACE INTO set_aside VALUES (?, ?, ?, ?, ?, ?, ?)"
            connection.execute(insert, (*waiting, status, dumps(reasons)))
        done = [*accepted, *(waiting for waiting, _, _ in refused)]
        connection.executemany("DELETE FROM waiting WHERE number = ?", [(waiting.number,) for waiting in done])


def _within(rows: Iterator[tuple[int, str, str, str, bytes]]) -> Iterator[Waiting]:
    """Yield rows up to the size of one request, and at least one."""
    size = 0
    for row in rows:
        waiting = Waiting(*row)
        size += len(waiting.event) + 1
        if size > _MOST_BYTES and size > len(waiting.event) + 1:
            return
        yield waiting


# With what one more event may have, below what the gateway takes in one request (1 MiB)
_MOST_BYTES: Final = 524_288


def _put_back(connection: sqlite3.Connection, number: int) -> int:
    connection.execute(_PUT_BACK, (number,))
    return connection.execute("DELETE FROM set_aside WHERE number = ?", (number,)).rowcount


def _create(path: Path) -> None:
    """Make the file, for its owner alone, where there is none.

    A file that exists is not opened: to close it would give back every lock that SQLite has on it in this process (POSIX: fcntl). Another
    process could then take it for its own, remove the write-ahead log, and with it what is stored later.
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def _write_through(folder: Path) -> None:
    """Write the name of a new file through to the disk, where the operating system can."""
    if os.name == "posix":
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


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
