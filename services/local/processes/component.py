"""What Kafka, Valkey, the issuer and the services have in common: a process, an address, and a probe whether it is ready."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Final, Protocol

from services.adapters.config.settings import Settings
from services.local.instance.health_probe import fetch_ok
from services.local.processes.child_process import ChildProcess

_API: Final = "services.api"


class Component(Protocol):
    """One process of an instance."""

    @property
    def child(self) -> ChildProcess:
        """The process itself."""

    @property
    def address(self) -> str:
        """Where clients reach it."""

    @property
    def ready_within_s(self) -> float:
        """How long a start may take on a slow machine."""

    def prepare(self) -> None:
        """Do what comes before a start; it may take a second, so it is called in a thread."""

    async def is_ready(self) -> bool:
        """Return whether it does its work."""

    def repair(self) -> str | None:
        """Set aside what a start failed on, where it can do without; return what was done, None where nothing can be."""


async def start(component: Component) -> None:
    """Start a component and wait until it does its work. Raises UserError."""
    await asyncio.to_thread(component.prepare)
    component.child.start()
    await component.child.wait_until_ready(component.is_ready, component.ready_within_s)


class Service:
    """One of our own programs, `python -m <module>`, which answers on /readyz whether it does its work."""

    # A service waits for Kafka and Redis by itself; a rebuild of a large view also counts
    ready_within_s = 60.0

    def __init__(self, name: str, module: str, address: str, settings: Settings, log: Path) -> None:
        self.address = address
        self._needs_view = module == _API
        self.child = ChildProcess(name, (sys.executable, "-m", module), log, settings.environment())

    def prepare(self) -> None:
        """Do nothing."""

    async def is_ready(self) -> bool:
        """Return whether /readyz answers 200, and for the API with a view: without one it accepts fallbacks, and shows nothing."""
        body = await fetch_ok(f"{self.address}/readyz")
        return body is not None and (not self._needs_view or bool(json.loads(body)["parts"]["view"]))

    def repair(self) -> None:
        """Do nothing: a service has nothing that it can do without."""
