"""The watch over a whole run of the tests: one oracle, whose canaries go into every service that any test starts.

What a module leaves behind is looked at when it ends (tests/conftest.py): each new topic, each new prefix in Redis, each new file. What
a test takes away before that (a Kafka or a Valkey of its own, a service that is stopped) is looked at by who takes it away.

Not looked at: dead letters and intake, which hold what was sent in, as it was; the files of Kafka and Valkey themselves, which are read
through them; records that a test wrote into the log past the gateway, byte for byte, in the log and in the monitor's archive of it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

from services.adapters.config.kafka_connection import KafkaConnection
from tests.callers import Callers
from tests.controlled_servers import Kafka, Valkey
from tests.leak import places
from tests.leak.oracle import Oracle
from tests.leak.planting import plant

# What these write are lines of ours, where nothing may stand that looks like a person; Kafka and Valkey write about themselves.
_OURS = ("gateway", "api", "monitor", "processor", "issuer", "country")


@dataclass(slots=True)
class Watch:
    """What has been looked at, and whether there was anything to find."""

    oracle: Oracle = field(default_factory=Oracle)
    served: int = 0
    """How often a service was started that speaks HTTP with others than its supervisor."""
    sown: int = 0
    """How often canaries were sent in."""
    _seen: set[str] = field(default_factory=set)
    _files: dict[Path, int] = field(default_factory=dict)

    async def sow(self, callers: Callers, *services: str | httpx.AsyncClient) -> None:
        """Send canaries into services by every way over HTTP, and look at every answer."""
        self.sown += 1
        for each in services:
            if isinstance(each, str):
                async with httpx.AsyncClient(base_url=each, timeout=30, event_hooks=self.oracle.hooks, trust_env=False) as client:
                    await plant(callers, [client], [self.oracle.text])
            else:
                await plant(callers, [each], [self.oracle.text])

    async def left_in(self, *servers: Kafka | Valkey) -> None:
        """Look at what is new in servers that run."""
        for server in servers:
            if server.pid is None:
                continue
            if isinstance(server, Kafka):
                await self.left_in_log(server.brokers)
            else:
                await self.left_in_view(server.url)

    async def left_in_log(self, brokers: KafkaConnection) -> None:
        """Look at each topic that has not been looked at."""
        await self.oracle.read_topics(brokers, self._news(brokers.addresses))

    async def left_in_view(self, redis: str) -> None:
        """Look at each prefix that has not been looked at."""
        await self.oracle.read_redis(redis, self._news(redis))

    def left_below(self, root: Path) -> None:
        """Look at each file that is new, or longer than it was."""
        for file in places.below(root):
            size = file.stat().st_size if file.is_file() else 0
            if size == self._files.get(file, 0):
                continue
            self._files[file] = size
            if file.suffix == ".log" and file.name.startswith(_OURS):
                self.oracle.read_log(file)
            else:
                self.oracle.read_file(file)

    def _news(self, server: str) -> Callable[[str], bool]:
        """Say of a name in a server whether it is new there; from now on it is not."""
        before = frozenset(self._seen)

        def is_new(name: str) -> bool:
            self._seen.add(f"{server} {name}")
            return f"{server} {name}" not in before

        return is_new


WATCH: Final = Watch()
