"""One cluster of three brokers for all tests of this folder, made ready as `plek cluster` makes it."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from services.adapters.grants import ADMIN
from services.adapters.settings import Settings
from tests.deploy.brokers import ThreeBrokers


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def three(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> AsyncIterator[ThreeBrokers]:
    """Three brokers, with topics, users and rights; a test that kills one starts it again."""
    async with ThreeBrokers(tmp_path_factory.mktemp("three"), cache) as cluster:
        made = plek_cluster(cluster)
        assert made.returncode == 0, made.stderr
        yield cluster


def plek_cluster(cluster: ThreeBrokers, users: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run `plek cluster` as the admin."""
    settings = Settings.model_validate(cluster.settings(ADMIN))
    command = (sys.executable, "-m", "services.cli", "cluster", "--users", str(users or cluster.users))
    own = {name: value for name, value in os.environ.items() if not name.startswith("PLEK_")}
    env = own | settings.environment()
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=120)
