"""Real servers and services for tests: started once or per test, killed at will, never waited for by sleeping."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import httpx
import psutil

from services.adapters.config.settings import Settings
from services.adapters.kafka.topics import create_topics
from services.local.processes import component
from services.local.processes.free_ports import LOOPBACK
from tests.controlled_servers import Kafka, Valkey
from tests.forked import forked
from tests.free_ports import free_ports
from tests.leak.watch import WATCH

KEY = "of these tests, and as long as a key must be"
"""What the services of a test derive alike from."""


class Service(component.Service):
    """One of our services as a process of its own: `python -m services.<name>` with these settings."""

    forks: ClassVar[bool] = True
    """Whether it is forked from a process that has imported everything (tests/forked.py); what is measured is a program."""

    def __init__(self, name: str, settings: Settings, log: Path) -> None:
        super().__init__(name, f"services.{name}", f"http://{settings.host}:{getattr(settings, f'{name}_port')}", settings, log)
        if self.forks:
            forked(self)
        self.url = self.address

    @property
    def pid(self) -> int | None:
        """Its process id while it runs."""
        return self.child.pid

    async def start(self) -> None:
        """Start it and wait until /readyz says 200; raises Trouble with its last line when it ends before."""
        WATCH.served += 1
        await component.start(self)

    async def ready(self) -> None:
        """Wait until /readyz says 200."""
        await self.child.wait_until_ready(self.is_ready, self.ready_within_s)

    async def kill(self) -> None:
        """Kill it with -9."""
        await self.child.kill()

    async def stop(self) -> None:
        """Look at its metrics for the last time, and stop it cleanly."""
        if self.child.alive:
            await WATCH.oracle.measure(self.url)
        await self.child.stop()


def settings_for(kafka: Kafka, valkey: Valkey, prefix: str, **others: object) -> Settings:
    """Return settings for services on these servers, in a world of their own, on free ports."""
    names = ("api_port", "gateway_port", "processor_port", "monitor_port")
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    others.setdefault("outbox", valkey.data_dir.parent / "outbox")
    others.setdefault("too_old_days", None)  # the recorded logs grow older every day
    # A worker of a test does in a minute what another does in a month
    for often in ("searches_at_once", "holds_at_once", "requests_per_hour"):
        others.setdefault(often, 1_000_000)
    return Settings.model_validate({"kafka": kafka.bootstrap, "redis": valkey.url, "prefix": prefix, "host": LOOPBACK, **ports, **others})


@asynccontextmanager
async def running(*services: Service) -> AsyncIterator[None]:
    """Start services in this order, and stop them in the other, whatever happens in between."""
    try:
        for service in services:
            await service.start()
        yield
    finally:
        for service in reversed(services):
            await service.stop()


@dataclass(frozen=True, slots=True)
class Served:
    """Services that run, and a client of each that is called, whose answers are looked through for what must not leak."""

    services: dict[str, Service]
    clients: dict[str, httpx.AsyncClient]

    @property
    def gateway(self) -> httpx.AsyncClient:
        """The client of the gateway."""
        return self.clients["gateway"]

    @property
    def api(self) -> httpx.AsyncClient:
        """The client of the API."""
        return self.clients["api"]


@asynccontextmanager
async def serving(settings: Settings, folder: Path, *names: str, redis: Callable[[str], str] | None = None) -> AsyncIterator[Served]:
    """Create the topics, start the processor and these services in this order, and stop them in the other; logs are in the folder.

    `redis` returns the address of Redis for a service, where each has a user of its own.
    """
    await create_topics(settings.brokers, settings.prefix)
    own = {name: settings.model_copy(update={"redis": redis(name)} if redis else {}) for name in ("processor", *names)}
    made = {name: Service(name, each, folder / f"{name}.log") for name, each in own.items()}
    async with running(*made.values()), AsyncExitStack() as clients:
        called = {}
        for name in names:
            client = httpx.AsyncClient(base_url=made[name].url, timeout=30, event_hooks=WATCH.oracle.hooks)
            called[name] = await clients.enter_async_context(client)
        yield Served(made, called)


def ended(pid: int, within_s: float) -> bool:
    """Wait for a process that may not be our child; one that only waits to be buried counts as ended."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.02)
    return False
