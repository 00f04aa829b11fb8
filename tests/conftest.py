"""Fixtures every test may use: one real broker and one Valkey a session, topics and keys of its own a test.

A test that takes one of the servers is marked `e2e` here; one that starts a process itself is marked by hand, and without the marker can't.
"""

import functools
import re
import signal
import sys
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio

from services.adapters.config.settings import Settings
from tests.controlled_servers import Kafka, Valkey
from tests.leak.watch import WATCH
from tests.servers import Service
from tests.twins.memory_redis import in_redis, memory_redis

# A shell that starts something in the background has it ignore Ctrl-C, and so would every child that a test sends one to
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# The servers of the session, once there are any
_SHARED: list[Kafka | Valkey] = []
# Whoever takes one of these has a server started
_SERVERS: Final = frozenset({"kafka", "valkey", "own_kafka", "own_valkey", "service", "three"})
# What Python reports before it starts a process (docs.python.org/3/library/audit_events.html)
_STARTS: Final = frozenset({"subprocess.Popen", "os.exec", "os.posix_spawn", "os.spawn", "os.system"})
# The test that runs, while it may start nothing
_STARTS_NOTHING: list[str] = []


class ProcessStartedError(BaseException):
    """A test without the marker `e2e` starts a process; no `except Exception` of what is tested hides it."""


def _refuse_processes(event: str, args: tuple[object, ...]) -> None:
    if event in _STARTS and _STARTS_NOTHING:
        raise ProcessStartedError(f"{_STARTS_NOTHING[-1]} starts {args[0]!r} and is not marked e2e")


sys.addaudithook(_refuse_processes)


@pytest.hookimpl(tryfirst=True)  # before -m deselects
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what takes a server, and begin with the modules that wait for servers, so that none of them is left for the end."""
    for item in items:
        if _SERVERS.intersection(getattr(item, "fixturenames", ())):
            item.add_marker("e2e")
    waiting = {item.path for item in items if item.get_closest_marker("e2e")}
    # Of the others those of the simulator and the monitor take longest, and are the last of the alphabet
    place = {path: -number for number, path in enumerate(dict.fromkeys(item.path for item in items))}
    items.sort(key=lambda item: (item.path not in waiting, place[item.path]))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Let only a test with the marker start a process, in its fixtures too."""
    if not item.get_closest_marker("e2e"):
        _STARTS_NOTHING.append(item.nodeid)
    try:
        return (yield)
    finally:
        _STARTS_NOTHING.clear()


@functools.cache
def _with_servers(session: pytest.Session) -> frozenset[Path]:
    """Return the modules of the session that start something."""
    return frozenset(item.path for item in session.items if item.get_closest_marker("e2e"))


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def watched(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[None]:
    """Look at all that the end-to-end runs of a module leave behind, and insist that there was something to find (tests/leak/watch.py)."""
    in_leak = request.path.parent.name == "leak"
    if not in_leak and request.path not in _with_servers(request.session):
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


@pytest.fixture(scope="session")
def redis_in_memory() -> Iterator[str]:
    """Serve a Redis in memory for the whole session, in threads of this process."""
    with memory_redis() as address:
        yield address


@pytest.fixture
def redis_url(request: pytest.FixtureRequest) -> str:
    """Return the address of the Valkey of the session, or of a Redis in memory; for a test without a marker one where nothing listens.

    For suites that an adapter of Redis and its twin both pass: with the twin nothing is started.
    """
    if request.node.get_closest_marker("in_memory"):
        in_memory: str = request.getfixturevalue("redis_in_memory")
        return in_memory
    if request.node.get_closest_marker("e2e") is None:
        return "redis://127.0.0.1:1/0"
    valkey: Valkey = request.getfixturevalue("valkey")
    return valkey.patient_url


@pytest.fixture(params=in_redis())
def any_redis(redis_url: str) -> str:
    """Return the address of the Valkey of the session, and in a test of its own that of a Redis in memory."""
    return redis_url


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
