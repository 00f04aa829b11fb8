"""Fixtures every test may use: one real broker and one Valkey a session, a world of its own a test."""

import re
import uuid
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from services.adapters.settings import Settings
from services.local.kafka import Kafka
from services.local.valkey import Valkey
from tests.servers import Service


@pytest.fixture(scope="session")
def cache() -> Path:
    """Kafka's jars, kept from one run of the tests to the next."""
    return Settings().cache


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def kafka(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> AsyncIterator[Kafka]:
    """One broker for the whole session: don't stop it, take `own_kafka` for that."""
    async with Kafka(tmp_path_factory.mktemp("kafka"), cache) as server:
        yield server


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def valkey(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Valkey]:
    """One Valkey for the whole session: don't stop or flush it, take `own_valkey` for that."""
    async with Valkey(tmp_path_factory.mktemp("valkey")) as server:
        yield server


@pytest_asyncio.fixture
async def own_kafka(tmp_path: Path, cache: Path) -> AsyncIterator[Kafka]:
    """Start a broker of the test's own, to kill and start again."""
    async with Kafka(tmp_path / "kafka", cache) as server:
        yield server


@pytest_asyncio.fixture
async def own_valkey(tmp_path: Path) -> AsyncIterator[Valkey]:
    """Start a Valkey of the test's own, to kill, wipe and start again."""
    async with Valkey(tmp_path / "valkey") as server:
        yield server


@pytest.fixture
def prefix(request: pytest.FixtureRequest) -> str:
    """Topics and keys of this test alone."""
    name = re.sub(r"[^a-z0-9]+", "-", request.node.name.lower()).strip("-")
    return f"{name[:40].strip('-')}-{uuid.uuid4().hex[:8]}"


@pytest_asyncio.fixture
async def service(tmp_path: Path) -> AsyncIterator[Callable[[str, Settings], Service]]:
    """`service("gateway", settings)`: a service not yet started, stopped at the end of the test whatever happens."""
    made: list[Service] = []

    def make(name: str, settings: Settings) -> Service:
        made.append(Service(name, settings, tmp_path / f"{name}-{len(made)}.log"))
        return made[-1]

    yield make
    for each in reversed(made):
        await each.stop()
