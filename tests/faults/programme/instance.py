"""An instance as it is deployed, in which every part can be broken: three brokers, Valkey, two processors, two gateways, two APIs.

Every part is reached over a link of its own, and a part that ends is started again, as a supervisor does. Needs Linux: the brokers bind
127.0.0.2, and the links stand where clients look for them, on 127.0.0.1.
"""

import asyncio
import shutil
import signal
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from redis.asyncio import Redis
from redis.exceptions import RedisError

from services.adapters.config.settings import Settings
from services.adapters.kafka.clients import new_admin
from services.local.processes.child_process import ChildProcess
from services.local.processes.free_ports import LOOPBACK
from tests.callers import Callers
from tests.controlled_servers import Valkey
from tests.deploy.brokers import ThreeBrokers
from tests.deploy.command import plek_cluster
from tests.faults.programme.link import Link
from tests.faults.programme.schedule import BROKERS, LEADER, REDIS, SERVICES, WORKERS
from tests.free_ports import free_ports
from tests.issuing import issuing
from tests.servers import KEY, Service

_BROKERS_AT: Final = "127.0.0.2"
_LOOK_S: Final = 0.1
# As a supervisor waits before it starts a process again
_AGAIN_S: Final = 0.3
# The programme asks more in a minute than a person in a month
_UNLIMITED: Final = dict.fromkeys(("searches_at_once", "holds_at_once", "requests_per_hour", "calls_per_minute"), 1_000_000)


@dataclass(slots=True)
class Instance:
    """The parts by name, the links by what passes through them, and what came of their supervision."""

    folder: Path
    brokers: ThreeBrokers
    valkey: Valkey
    callers: Callers
    settings: Settings
    links: dict[str, Link] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)
    ended: Counter[str] = field(default_factory=Counter)
    """How often a part ended that no fault had killed."""
    _resting: Counter[str] = field(default_factory=Counter)
    """Parts that are kept down for a while: nothing starts them."""
    _expected: set[str] = field(default_factory=set)

    @property
    def redis(self) -> "Redis":
        """A client of Redis past every link."""
        return Redis(host=LOOPBACK, port=self.valkey.port, socket_timeout=2, socket_connect_timeout=2, decode_responses=True)

    def ports(self, names: Sequence[str]) -> list[int]:
        """Return the ports at which actors reach these services, over their links."""
        return [self.links[name].port for name in names]

    def child(self, name: str) -> ChildProcess:
        """Return the process of a part."""
        if name in BROKERS:
            return self.brokers.children[BROKERS.index(name)]
        return self.valkey.child if name == REDIS else self.services[name].child

    async def kill(self, name: str) -> None:
        """Kill a part with -9; its supervisor starts it again."""
        self._expected.add(name)
        with self._kept_down(name):
            await self.child(name).kill()

    async def replace(self, name: str, module: str) -> None:
        """End a service cleanly, and let its supervisor start another program in its place."""
        child = self.child(name)
        child.argv[2] = module
        self._expected.add(name)
        with self._kept_down(name):
            await child.stop()

    @contextmanager
    def _kept_down(self, name: str) -> Iterator[None]:
        """Let nothing start a part while it is ended: who waits for its end would wait for that of the next process."""
        self._resting[name] += 1
        try:
            yield
        finally:
            self._resting[name] -= 1

    def freeze(self, name: str) -> None:
        """Stop a part with SIGSTOP."""
        self.child(name).send_signal(signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        """Let a part go on."""
        self.child(name).send_signal(signal.SIGCONT)

    async def leader(self) -> str:
        """Return the broker that leads the controllers; the first where none can be asked."""
        admin = new_admin(self.brokers.brokers(), request_timeout_ms=2_000)
        try:
            await admin.start()
            number = int((await admin.describe_cluster())["controller_id"])
        except Exception:  # the cluster has faults, and one broker is as good as another
            return BROKERS[0]
        else:
            return BROKERS[number - 1] if 1 <= number <= len(BROKERS) else BROKERS[0]
        finally:
            await admin._client.close()

    async def resolve(self, target: str) -> str:
        """Return the part that a fault befalls."""
        return await self.leader() if target == LEADER else target

    async def put_back(self, dump: Path | None) -> None:
        """Kill Redis, and let it start with the files of a dump, or empty."""
        with self._kept_down(REDIS):
            await self.kill(REDIS)
            await asyncio.to_thread(shutil.rmtree, self.valkey.data_dir, ignore_errors=True)
            if dump is not None:
                await asyncio.to_thread(shutil.copytree, dump, self.valkey.data_dir, dirs_exist_ok=True)

    async def dump(self, into: Path) -> bool:
        """Copy the files of Redis while it runs, as a snapshot of a disk does; return whether that could be done."""
        await asyncio.to_thread(shutil.rmtree, into, ignore_errors=True)
        try:
            await asyncio.to_thread(shutil.copytree, self.valkey.data_dir, into)
        except (OSError, shutil.Error):
            return False
        return True

    async def add_worker(self, name: str, module: str) -> Service:
        """Start one more processor, and return it when it has begun."""
        (port,) = free_ports(1)
        settings = self._of(WORKERS[0]).model_copy(update={"processor_port": port})
        service = Service("processor", settings, self.folder / f"processor-{name}.log")
        service.child.argv = [*service.child.argv[:2], module]
        service.child.start()
        return service

    def _of(self, name: str) -> Settings:
        """Return the settings of one service: Redis over its own link."""
        redis = f"redis://{LOOPBACK}:{self.links[f'{name}>redis'].port}/0"
        return self.settings.model_copy(update={"redis": redis, "outbox": self.folder / "outbox" / name})

    async def start(self, stack: AsyncExitStack) -> None:
        """Open the links, start every service and wait until each is ready."""
        for name in SERVICES:
            (port,) = free_ports(1)
            await self._open(stack, f"{name}>redis", Link(port, (LOOPBACK, self.valkey.port)))
        for name in SERVICES:
            kind = name.rpartition("-")[0]
            own, front = free_ports(2)
            settings = self._of(name).model_copy(update={f"{kind}_port": own})
            service = self.services[name] = Service(kind, settings, self.folder / f"{name}.log")
            if name not in WORKERS:
                await self._open(stack, name, Link(front, (LOOPBACK, own)))
            stack.push_async_callback(service.child.stop)
            await service.start()
        watching = asyncio.create_task(self._supervise())
        stack.callback(watching.cancel)

    async def _open(self, stack: AsyncExitStack, name: str, link: Link) -> None:
        self.links[name] = link
        await stack.enter_async_context(link.listening())

    async def _supervise(self) -> None:
        """Start what has ended again, for ever."""
        while True:
            for name in (*SERVICES, *BROKERS, REDIS):
                child = self.child(name)
                if not child.alive and not self._resting[name]:
                    await self._restart(name, child)
            await asyncio.sleep(_LOOK_S)

    async def _restart(self, name: str, child: ChildProcess) -> None:
        code = child.code
        if name in SERVICES:
            await asyncio.sleep(_AGAIN_S)
        if name == REDIS:
            await asyncio.to_thread(self.valkey.prepare)
        if self._resting[name]:  # meanwhile
            return
        if name not in self._expected:
            self.ended[f"{name} {code}"] += 1
        self._expected.discard(name)
        child.start()

    async def unwell(self) -> list[str]:
        """Return the services that do not answer that they are ready."""
        ready = await asyncio.gather(*(service.is_ready() for service in self.services.values()), return_exceptions=True)
        return [name for name, well in zip(self.services, ready, strict=True) if well is not True]

    def heal(self) -> None:
        """Thaw every part, and open every link."""
        for name in (*SERVICES, *BROKERS, REDIS):
            self.thaw(name)
        for link in self.links.values():
            link.heal()

    async def command_redis(self, *words: Any) -> bool:
        """Give Redis a command; return whether it took it."""
        client = self.redis
        try:
            await client.execute_command(*words)  # type: ignore[no-untyped-call]
        except (RedisError, OSError):
            return False
        finally:
            await client.aclose()
        return True


@asynccontextmanager
async def instance(folder: Path, prefix: str, **settings: Any) -> AsyncIterator[Instance]:
    """Start an instance for as long as this lasts."""
    async with AsyncExitStack() as stack:
        folder.mkdir(parents=True, exist_ok=True)
        brokers = ThreeBrokers(folder, Settings().cache, _BROKERS_AT)
        links = {name: Link(port, (_BROKERS_AT, port)) for name, port in zip(BROKERS, brokers.ports, strict=True)}
        for link in links.values():
            await stack.enter_async_context(link.listening())
        await stack.enter_async_context(brokers)
        made = await asyncio.to_thread(plek_cluster, brokers, None, prefix)
        if made.returncode:
            raise RuntimeError(f"the cluster was not set up: {made.stdout}{made.stderr}")
        valkey = await stack.enter_async_context(Valkey(folder / "valkey"))
        callers = await stack.enter_async_context(issuing(folder / "keys"))
        own = {"prefix": prefix, "host": LOOPBACK, "issuer": callers.issuer, "pseudonym_key": KEY, "areas_minutes": 0.1}
        usual = Settings.model_validate(brokers.settings("admin") | own | _UNLIMITED | settings)
        here = Instance(folder, brokers, valkey, callers, usual, links)
        await here.start(stack)
        yield here
        here.heal()
