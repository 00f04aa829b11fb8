"""The lock that lets one sender of a file send at a time, whatever the others are: threads or processes.

It is an open transaction on a second SQLite file. The operating system gives it back when its process ends, also after kill -9. It works
wherever SQLite does. It must not be taken before a fork: a child would neither have it nor be able to take it.
"""

import sqlite3
from contextlib import suppress
from pathlib import Path


class SenderLock:
    """One lock; a program may have several of the same file, of which one is held."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._held: sqlite3.Connection | None = None

    def acquire(self) -> bool:
        """Return whether this lock is held now; another sender's is not waited for."""
        if self._held is None:
            connection = sqlite3.connect(self._path, timeout=0, isolation_level=None, check_same_thread=False)
            try:
                connection.execute("BEGIN EXCLUSIVE")
            except sqlite3.Error:
                connection.close()
                return False
            self._held = connection
        return True

    def release(self) -> None:
        """Give the lock back."""
        if self._held is not None:
            with suppress(sqlite3.Error):
                self._held.close()
            self._held = None
