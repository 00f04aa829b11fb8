"""Fixtures every test may use: one real broker and one Valkey a session, a world of its own a test."""

import re
import signal
import uuid
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from services.adapters.settings import Settings
from services.local.kafka import Kafka
from services.local.valkey import Valkey
from tests.leak.watch import WATCH
from tests.servers import Service

# A shell that starts something in the background has it ignore Ctrl-C, and so would every child that a test sends one to
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# The servers of the session, once there are any
_SHARED: list[Kafka | Valkey] = []


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def watched(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[None]:
    """Look at all that the end-to-end runs of a module leave behind, and insist that there was something to find (tests/leak/watch.py)."""
    here, in_leak = request.path, request.path.parent.name == "leak"
    if not in_leak and not any(item.path == here and item.get_closest_marker("e2e") for item in request.session.items):
        yield
        return
    served, sown = WATCH.served, WATCH.sown
    yield
    await WATCH.left_in(*_SHARED)
    WATCH.left_below(tmp_path_factory.getbasetemp())
    if in_leak:
        WATCH.oracle.leaks.clear()  # planted there, and found there by oracles of their own
    WATCH.oracle.insist()
    assert WATCH.served == served or WATCH.sown > sown, "services were started, and no canary was sent in: WATCH.sow"


@pytest.fixture(scope="session")
def cache() -> Path:
    """Kafka's jars, kept from one run of the tests to the next."""
    return Settings().cache


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def kafka(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> AsyncIterator[Kafka]:
    """One broker for the whole session: don't stop it, take `own_kafka` for that."""
    async with Kafka(tmp_path_factory.mktemp("kafka"), cache) as server:
        _SHARED.append(server)
        yield server


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def valkey(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Valkey]:
    """One Valkey for the whole session: don't stop or flush it, take `own_valkey` for that."""
    async with Valkey(tmp_path_factory.mktemp("valkey")) as server:
        _SHARED.append(server)
        yield server


@pytest_asyncio.fixture
async def own_kafka(tmp_path: Path, cache: Path) -> AsyncIterator[Kafka]:
    """Start a broker of the test's own, to kill and start again."""
    async with Kafka(tmp_path / "kafka", cache) as server:
        yield server
        await WATCH.left_in(server)


@pytest_asyncio.fixture
async def own_valkey(tmp_path: Path) -> AsyncIterator[Valkey]:
    """Start a Valkey of the test's own, to kill, wipe and start again."""
    async with Valkey(tmp_path / "valkey") as server:
        yield server
        await WATCH.left_in(server)


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
