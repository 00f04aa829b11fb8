"""What Kafka, Valkey, the issuer and the services have in common: a process, an address, and a way to say it is ready."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Final, Protocol

from services.adapters.settings import Settings
from services.local.child import Child
from services.local.http import told

_API: Final = "services.api"


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
        self._awaited = "view" if module == _API else None
        self.child = Child(name, (sys.executable, "-m", module), log, settings.environment())

    def prepare(self) -> None:
        """Nothing comes before its start."""

    async def is_ready(self) -> bool:
        """Whether /readyz answers 200, and for an API with a view: it takes hotels before that, and shows nothing."""
        found = await told(f"{self.address}/readyz")
        return found is not None and (self._awaited is None or bool(json.loads(found)["parts"][self._awaited]))
