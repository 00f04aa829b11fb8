"""Three brokers, the services as they are deployed, and what happens to events when one broker dies, and when two do."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
import orjson
import pytest

from services.adapters.config.settings import Settings
from services.adapters.kafka.log_reader import Log
from services.adapters.kafka.topics import Topics
from services.gateway.cloudevents_body import BATCH
from services.local.processes.free_ports import LOOPBACK
from tests.callers import Callers
from tests.deploy.brokers import ThreeBrokers
from tests.deploy.command import plek, plek_cluster
from tests.deploy.redis import DeployedRedis
from tests.free_ports import free_ports
from tests.issuing import issuing
from tests.leak.watch import WATCH
from tests.sent import admitted, declared, registered
from tests.servers import Service, running
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.timeout(300)]

_Make = Callable[[str, Settings], Service]
_SHELTERS: Final = [f"huis-{number}" for number in range(24)]
# Enough that every partition gets some
_MORE: Final = 120
_PAUSE_S: Final = 0.02


@dataclass
class Sender:
    """Sends one admission after another to the gateway, each until it is acknowledged, and remembers where the log has it."""

    gateway: httpx.AsyncClient
    headers: dict[str, str]
    acknowledged: dict[tuple[int, int], str] = field(default_factory=dict)
    statuses: list[int] = field(default_factory=list)
    sent: int = 0
    enough: bool = False

    async def keep(self) -> None:
        """Send until it is enough."""
        while not self.enough:
            self.sent += 1
            shelter = _SHELTERS[self.sent % len(_SHELTERS)]
            unit = f"u{self.sent}"
            await self.acknowledge([declared(unit, shelter), admitted(unit, shelter, stay=self.sent)])
            await asyncio.sleep(_PAUSE_S)

    async def acknowledge(self, events: list[dict[str, Any]]) -> None:
        """Send these events again until all of them are accepted: each counts once."""
        while (answer := await self.once(events)).status_code != 200:  # noqa: ASYNC110 - what is waited for happens elsewhere
            await asyncio.sleep(_PAUSE_S)
        for event, told in zip(events, answer.json()["events"], strict=True):
            self.acknowledged[told["partition"], told["offset"]] = event["id"]

    async def once(self, events: list[dict[str, Any]]) -> httpx.Response:
        """Send these events, and note the answer."""
        answer = await self.gateway.post("/v1/events", headers=self.headers, content=orjson.dumps(events))
        self.statuses.append(answer.status_code)
        return answer

    async def more(self) -> None:
        """Wait until many more events were acknowledged than are now."""
        enough = len(self.acknowledged) + _MORE
        await until(lambda: len(self.acknowledged) >= enough)


@dataclass
class Deployed:
    """All services on the cluster, each as the user of its role, and somebody who sends."""

    cluster: ThreeBrokers
    settings: Callable[[str], Settings]
    callers: Callers
    gateway: httpx.AsyncClient
    api: httpx.AsyncClient
    sender: Sender

    async def occupied(self) -> int | None:
        """Ask the API how many units are occupied; None when it says to phone."""
        answer = await self.api.get("/v1/operator/state", headers=self.callers.operator)
        return int(answer.json()["national"]["occupied"]) if answer.status_code == 200 else None

    async def counted(self) -> None:
        """Wait until the view shows every admission that was acknowledged."""
        wanted = self.sender.sent

        async def shows() -> bool:
            return await self.occupied() == wanted

        await until(shows)

    async def lost(self) -> dict[tuple[int, int], str]:
        """Read the log, and return what was acknowledged and does not stand where the answer said."""
        monitor = self.settings("monitor")
        found: dict[tuple[int, int], str] = {}
        async with Log(monitor.brokers, Topics(monitor.prefix).bed_events) as log:
            for number, ends in (await log.ends(range(monitor.partitions))).items():
                async for records in log.read(number, ends.start, ends.end):
                    found |= {(number, record.offset): orjson.loads(record.value)["id"] for record in records}
        return {place: name for place, name in self.sender.acknowledged.items() if found.get(place) != name}


@asynccontextmanager
async def sending(sender: Sender) -> AsyncIterator[None]:
    """Let a sender send for as long as the context lasts; afterwards what it had begun is acknowledged."""
    sender.enough = False
    task = asyncio.create_task(sender.keep())
    try:
        yield
    finally:
        sender.enough = True
        await task


@asynccontextmanager
async def _deployed(three: ThreeBrokers, prefix: str, make: _Make, folder: Path) -> AsyncIterator[Deployed]:
    assert plek_cluster(three, prefix=prefix).returncode == 0
    async with DeployedRedis(folder, prefix) as redis, issuing(folder / "keys") as callers:
        gateway_port, api_port, *ports = free_ports(4)

        def settings(user: str, processor: int = 0) -> Settings:
            own = {"gateway_port": gateway_port, "api_port": api_port, "processor_port": ports[processor], "host": LOOPBACK}
            return Settings.model_validate(three.settings(user) | redis.settings(user) | {"issuer": callers.issuer, "prefix": prefix} | own)

        services = [make("processor", settings("processor", number)) for number in range(2)]
        services += [make(name, settings(name)) for name in ("gateway", "api")]
        async with (
            running(*services),
            httpx.AsyncClient(base_url=services[2].url, timeout=30, event_hooks=WATCH.oracle.hooks) as gateway,
            httpx.AsyncClient(base_url=services[3].url, timeout=30, event_hooks=WATCH.oracle.hooks) as api,
        ):
            await WATCH.sow(callers, gateway, api)
            sender = Sender(gateway, callers.operator | {"Content-Type": BATCH})
            await sender.acknowledge([registered(shelter) for shelter in _SHELTERS])
            yield Deployed(three, settings, callers, gateway, api, sender)
            await WATCH.left_in_log(settings("operator").brokers)


async def test_nothing_acknowledged_is_lost_with_brokers(three: ThreeBrokers, prefix: str, service: _Make, tmp_path: Path) -> None:
    """One of three killed with -9: writing goes on. Two: it is refused, and said so. When they are back, all is there."""
    async with _deployed(three, prefix, service, tmp_path) as here:
        async with sending(here.sender):
            await here.sender.more()
            await three.kill(0)
            await here.sender.more()
        await here.counted()
        assert await here.lost() == {}

        await three.kill(1)
        refused = [await here.sender.once([registered(_SHELTERS[0], number=number)]) for number in range(2)]
        assert [answer.status_code for answer in refused] == [503, 503]
        assert {answer.json()["type"] for answer in refused} == {"urn:plek:problem:kafka-away"}
        assert all(int(answer.headers["Retry-After"]) > 0 for answer in refused)
        await until(lambda: _is_not_ready(here.gateway))

        await asyncio.gather(three.start(0), three.start(1))
        async with sending(here.sender):
            await here.sender.more()
        await here.counted()
        assert await here.lost() == {}
        done = plek(here.settings("operator"), "verify")
        assert (done.returncode, done.stdout.partition(":")[0]) == (0, "0 differences"), done.stdout + done.stderr


async def _is_not_ready(client: httpx.AsyncClient) -> bool:
    return (await client.get("/readyz")).status_code == 503
