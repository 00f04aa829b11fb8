"""How the disk of an outbox looks when its process, or its whole machine, has ended."""

from collections.abc import Sequence
from typing import Any, Final

from services.adapters.outbox import Outbox

_FULL: Final = 2


def close(outbox: Outbox) -> None:
    """Give back the locks and the file, as the kernel does when a process ends."""
    queue: Any = outbox._disk
    queue._close()


def end_of_power(outboxes: Sequence[Outbox]) -> None:
    """End all processes of a machine at once, and lose what its disk had not been told to write through.

    SQLite promises to keep a commit through a power cut in the mode FULL alone (sqlite.org/pragma.html): else its log is gone here.
    """
    queues: list[Any] = [outbox._disk for outbox in outboxes]
    opened = [queue for queue in queues if queue._open]
    path = opened[0]._folder / "outbox.sqlite" if opened else None
    written = path.read_bytes() if path and any(is_unsafe(queue._open) for queue in opened) else None
    for queue in queues:
        queue._close()
    if path and written is not None:
        path.write_bytes(written)
        path.with_name(f"{path.name}-wal").unlink(missing_ok=True)


def is_unsafe(connection: Any) -> bool:
    """Return whether a power cut may take a commit back."""
    [(mode,)] = connection.execute("PRAGMA synchronous")
    return bool(mode < _FULL)
