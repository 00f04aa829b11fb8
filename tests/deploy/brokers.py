"""Three brokers as they are deployed: the files of deploy/kafka and nothing else, from the jars of this machine instead of an image.

What an image has on its path stands here as two scripts of a line each.
"""

import asyncio
import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from aiokafka.errors import NodeNotReadyError

from services.adapters.config.kafka_connection import KafkaConnection
from services.adapters.kafka.acl_rules import ADMIN, ROLES, organisation_user
from services.adapters.kafka.clients import new_admin
from services.local.processes.child_process import ChildProcess
from services.local.processes.free_ports import LOOPBACK
from services.local.servers.kafka import is_ready, java
from services.local.servers.kafka_jars import fetch_jars
from tests.deploy.composed import make_secrets
from tests.free_ports import free_ports
from tests.waiting import until

DEPLOY: Final = Path(__file__).parents[2] / "deploy"
ORGANISATION: Final = "org-1"
USERS: Final = (*ROLES, organisation_user(ORGANISATION))
_TOOLS: Final = {"kafka-storage.sh": "kafka.tools.StorageTool", "kafka-server-start.sh": "kafka.Kafka"}
_READY_S: Final = 120.0


class ThreeBrokers:
    """A cluster on loopback; each broker can be killed and started again.

    With another address to bind, clients and brokers still look for it on loopback: what listens there can be a link that breaks.
    """

    def __init__(self, folder: Path, cache: Path, bind: str = LOOPBACK) -> None:
        self.folder, self.bind, self._cache = folder, bind, cache
        ports = free_ports(6)
        self.ports, self._controllers = ports[:3], ports[3:]
        self.children = [ChildProcess(f"broker-{number}", ("/bin/sh", str(DEPLOY / "kafka" / "start.sh")), None) for number in (1, 2, 3)]

    @property
    def users(self) -> Path:
        """The folder of the passwords of services and organisations."""
        return self.folder / "users"

    @property
    def authority(self) -> Path:
        """The certificates that verify those of the brokers."""
        return self.folder / "tls" / "ca.pem"

    def brokers(self, user: str = ADMIN, password: str | None = None) -> KafkaConnection:
        """Tell how a user reaches the cluster."""
        addresses = ",".join(f"{LOOPBACK}:{port}" for port in self.ports)
        file = self.folder / "broker" / user if user == ADMIN else self.users / user
        return KafkaConnection(addresses, "SASL_SSL", user, password or file.read_text(), ca_file=self.authority)

    def settings(self, user: str) -> dict[str, str]:
        """Return the settings of a service that is this user."""
        return {
            "kafka": self.brokers().addresses,
            "kafka_security": "SASL_SSL",
            "kafka_ca_file": str(self.authority),
            "kafka_user": user,
            "kafka_password_file": str(self.folder / "broker" / user if user == ADMIN else self.users / user),
        }

    async def __aenter__(self) -> Self:
        try:
            await asyncio.to_thread(self._prepare)
            for number in range(3):
                self.children[number].start()
            await self.ready(range(3))
        except BaseException:
            await self._end()
            raise
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> None:
        await self._end()

    async def _end(self) -> None:
        await asyncio.gather(*(child.kill() for child in self.children))

    async def kill(self, number: int) -> None:
        """Kill a broker with -9."""
        await self.children[number].kill()

    async def start(self, number: int) -> None:
        """Start a broker again, and wait until it takes part."""
        self.children[number].start()
        await self.ready([number])

    async def counted(self, wanted: int) -> None:
        """Wait until the cluster knows that so many brokers are up."""

        async def known() -> bool:
            admin = new_admin(self.brokers(), request_timeout_ms=5_000)
            try:
                await admin.start()
                return len((await admin.describe_cluster())["brokers"]) == wanted
            except NodeNotReadyError:
                return False  # the client asked the one that is gone
            finally:
                await admin.close()

        await until(known)

    async def ready(self, numbers: Sequence[int]) -> None:
        """Wait until each of these brokers answers a user who knows her password."""
        admin = self.brokers()
        for number in numbers:
            one = KafkaConnection(f"{LOOPBACK}:{self.ports[number]}", admin.security, admin.user, admin.password, ca_file=admin.ca_file)
            await self.children[number].wait_until_ready(partial(is_ready, one), _READY_S)

    def _prepare(self) -> None:
        """Write down secrets and tools, and give each broker its variables."""
        make_secrets(self.folder, ORGANISATION)
        voters = ",".join(f"{number}@{self.bind}:{port}" for number, port in enumerate(self._controllers, 1))
        for number, child in enumerate(self.children, 1):
            child.log = self.folder / f"{child.name}.log"
            child.env = {
                "PATH": f"{self._tools()}:{os.environ['PATH']}",
                "BROKER_ID": str(number),
                "BROKER_VOTERS": voters,
                "BROKER_HOST": LOOPBACK,
                "BROKER_BIND": self.bind,
                "BROKER_PORT": str(self.ports[number - 1]),
                "BROKER_CONTROLLER_PORT": str(self._controllers[number - 1]),
                "BROKER_DATA": str(self.folder / f"data-{number}"),
                "BROKER_SECRETS": str(self.folder / "broker"),
                "BROKER_TLS": str(self.folder / "tls" / "kafka.pem"),
                "BROKER_CA": str(self.authority),
            }

    def _tools(self) -> Path:
        jars = fetch_jars(self._cache)
        # Every user of a machine can read the arguments of a program
        noted = f'printf "%s\\n" "$*" >> {self.folder / "arguments.log"}'
        tools = {name: f'#!/bin/sh\n{noted}\nexec {" ".join(java(jars))} {main} "$@"\n' for name, main in _TOOLS.items()}
        folder = _filled(self.folder / "bin", tools)
        for tool in folder.iterdir():
            tool.chmod(0o755)
        return folder


def _filled(folder: Path, files: dict[str, str]) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder
