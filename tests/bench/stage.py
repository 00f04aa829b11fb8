"""Where rows are measured: servers that are started when a row first needs them, logs that are written once, and a folder for the rest."""

import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from services.adapters.config.settings import Settings
from tests.bench.bed_log import fill
from tests.bench.country import country
from tests.controlled_servers import Kafka, Valkey
from tests.servers import settings_for


@dataclass(slots=True, kw_only=True)
class Stage:
    """`events` of a log and `rounds` as asked for; `folder` outlives the run, `scratch` does not; `say` prints the progress."""

    events: int
    rounds: int
    folder: Path
    scratch: Path
    say: Callable[[str], None]
    _stack: AsyncExitStack
    _servers: tuple[Kafka, Valkey] | None = None
    _logs: dict[int, Settings] = field(default_factory=dict)

    @property
    def logs(self) -> Path:
        """Where the programs of the benchmark write what they have to say."""
        return self.folder / "logs"

    async def servers(self) -> tuple[Kafka, Valkey]:
        """Return a broker and a Valkey, started on first need."""
        if self._servers is None:
            kafka = await self._stack.enter_async_context(Kafka(self.scratch / "kafka", Settings().cache))
            self._servers = kafka, await self._stack.enter_async_context(Valkey(self.scratch / "valkey"))
        return self._servers

    async def emptied(self) -> Valkey:
        """Return the Valkey with nothing in it."""
        _, valkey = await self.servers()
        await valkey.wipe()
        await valkey.start()
        return valkey

    async def log(self, events: int) -> Settings:
        """Return the settings of a log of so many events, written on first need."""
        if events not in self._logs:
            settings = settings_for(*await self.servers(), f"bench-{events}", data=self.scratch)
            started = time.monotonic()
            await fill(settings, country(events))
            self.say(f"{events:,} events written in {time.monotonic() - started:.0f} s")
            self._logs[events] = settings
        return self._logs[events]

    def module(self, name: str, *arguments: str, python: str = sys.executable) -> list[str]:
        """Return the command line of a module of this benchmark or of a service."""
        return [python, "-m", name, *arguments]


@asynccontextmanager
async def staged(*, events: int, rounds: int, folder: Path, scratch: Path, say: Callable[[str], None]) -> AsyncIterator[Stage]:
    """Make a stage; what was started on it is stopped."""
    async with AsyncExitStack() as stack:
        yield Stage(events=events, rounds=rounds, folder=folder, scratch=scratch, say=say, _stack=stack)
