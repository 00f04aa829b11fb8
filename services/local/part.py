"""What Kafka, Valkey, the issuer and the services have in common: a process, an address, and a way to say it is ready."""

import asyncio
import sys
from pathlib import Path
from typing import Protocol

from services.adapters.settings import Settings
from services.local.child import Child
from services.local.http import says_ok


class Part(Protocol):
    """One process of an instance."""

    @property
    def child(self) -> Child:
        """The process itself."""

    @property
    def address(self) -> str:
        """Where it is reached."""

    @property
    def ready_within_s(self) -> float:
        """How long a start may take on a slow machine."""

    def prepare(self) -> None:
        """Do what comes before a start; it may take a second, so it runs in a thread."""

    async def is_ready(self) -> bool:
        """Whether it does its work."""


async def start(part: Part) -> None:
    """Start a part and wait until it does its work. Raises Trouble."""
    await asyncio.to_thread(part.prepare)
    part.child.start()
    await part.child.ready(part.is_ready, part.ready_within_s)


class Service:
    """One of our own programs, `python -m <module>`, which says on /readyz that it does its work."""

    # A service waits for Kafka and Redis by itself; a rebuild of a large view also counts
    ready_within_s = 60.0

    def __init__(self, name: str, module: str, address: str, settings: Settings, log: Path) -> None:
        self.address = address
        self.child = Child(name, (sys.executable, "-m", module), log, settings.environment())

    def prepare(self) -> None:
        """Nothing comes before its start."""

    async def is_ready(self) -> bool:
        """Whether /readyz answers 200."""
        return await says_ok(f"{self.address}/readyz")
