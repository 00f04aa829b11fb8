"""One cluster of three brokers for all tests of this folder, made ready as `plek cluster` makes it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.deploy.brokers import ThreeBrokers
from tests.deploy.command import plek_cluster


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def three(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> AsyncIterator[ThreeBrokers]:
    """Three brokers, with topics, users and rights; a test that kills one starts it again."""
    async with ThreeBrokers(tmp_path_factory.mktemp("three"), cache) as cluster:
        made = plek_cluster(cluster)
        assert made.returncode == 0, made.stderr
        yield cluster
