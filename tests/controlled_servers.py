"""Kafka and Valkey on free ports for tests, which start, stop, kill and empty them at will; the address stays."""

import shutil
from pathlib import Path
from types import TracebackType
from typing import Self, cast

from services.local.processes import component
from services.local.processes.child_process import ChildProcess
from services.local.servers import kafka, valkey
from tests.free_ports import free_ports


class _Controlled:
    child: ChildProcess

    @property
    def pid(self) -> int | None:
        """Its process id while it runs."""
        return self.child.pid

    async def start(self) -> None:
        """Start it and wait until it is ready. Raises UserError."""
        await component.start(cast("component.Component", self))

    async def stop(self) -> None:
        """Stop it cleanly."""
        await self.child.stop()

    async def kill(self) -> None:
        """Kill it with -9."""
        await self.child.kill()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.stop()


class Kafka(_Controlled, kafka.Kafka):
    """A broker with its data in `data_dir`."""

    def __init__(self, data_dir: Path, cache: Path) -> None:
        port, controller_port, systems_port = free_ports(3)
        super().__init__(data_dir, cache, (port, controller_port, systems_port))

    @property
    def bootstrap(self) -> str:
        """Its address, as clients call it."""
        return self.address


class Valkey(_Controlled, valkey.Valkey):
    """A server with its data in `data_dir`."""

    def __init__(self, data_dir: Path, port: int | None = None) -> None:
        super().__init__(data_dir, port or free_ports(1)[0])

    @property
    def url(self) -> str:
        """Its address, as clients call it."""
        return self.address

    @property
    def patient_url(self) -> str:
        """Its address for a test of what is kept: a caller waits ten seconds, as a busy machine may need more than the quarter of one."""
        return f"{self.url}?socket_timeout=10&socket_connect_timeout=10&timeout=10"

    async def wipe(self) -> None:
        """Kill it and delete its data: the next start begins empty."""
        await self.kill()
        shutil.rmtree(self.data_dir)
