"""How soon an event that was sent over HTTP is seen: by anyone who follows the view, and in the API's answer. Open loop.

Events are due at a fixed rate and their time counts from then, whatever became of the ones before.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import Any

import httpx
import orjson
import uvicorn

from services.adapters.topics import create_topics
from services.adapters.view.redis_view import RedisView
from services.gateway.body import BATCH, ONE
from services.local.issuer import create_app
from services.local.kafka import Kafka
from services.local.ports import LOOPBACK, free_ports
from services.local.valkey import Valkey
from tests.bench.report import Result
from tests.callers import Callers
from tests.sent import admitted, declared, event, registered, uuid
from tests.servers import Service, running, settings_for
from tests.waiting import until

RATE = 50
EVENTS = 2_000
# The first of a process pay for what later ones find ready.
_WARM = 250
_SHELTERS = 60
_AIM_MS = 25.0


@dataclass(slots=True)
class Seen:
    """Milliseconds from when an event was due to three moments: the gateway's answer, the view's move, the API's answer with it."""

    answered: list[float] = field(default_factory=list)
    moved: list[float] = field(default_factory=list)
    shown: list[float] = field(default_factory=list)


class Moved:
    """Remembers when the view reached which position, from the channel it tells its moves on."""

    def __init__(self, view: RedisView) -> None:
        self._view = view
        self._at: defaultdict[int, list[tuple[int, float]]] = defaultdict(list)

    async def follow(self) -> None:
        """Listen until cancelled."""
        async for partition, offset in self._view.moves():
            self._at[partition].append((offset, time.monotonic()))

    def when(self, partition: int, offset: int) -> float | None:
        """Tell when the view first stood at that offset or beyond."""
        return next((at for reached, at in self._at[partition] if reached >= offset), None)


class Front:
    """A gateway and an API as their clients see them."""

    def __init__(self, callers: Callers, gateway: str, api: str) -> None:
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
        self._gateway = httpx.AsyncClient(base_url=gateway, timeout=30, limits=limits)
        self._api = httpx.AsyncClient(base_url=api, timeout=30, limits=limits)
        self._operator = callers.operator

    async def close(self) -> None:
        """Close every connection."""
        await self._gateway.aclose()
        await self._api.aclose()

    async def ready(self) -> bool:
        """Say whether the API tells the state."""
        return (await self._api.get("/v1/shelters", headers=self._operator)).status_code == httpx.codes.OK

    async def send(self, content: object, kind: str = ONE) -> tuple[int, int]:
        """Send an event, or a batch; return partition and offset of the last."""
        answer = await self._gateway.post("/v1/events", headers=self._operator | {"Content-Type": kind}, content=orjson.dumps(content))
        told = answer.raise_for_status().json()["events"][-1]
        return told["partition"], told["offset"]

    async def shows(self, shelter: str, partition: int, offset: int) -> bool:
        """Ask for a shelter as it is at that offset at least; say whether it is."""
        answer = await self._api.get(f"/v1/shelters/{shelter}", params={"at_least": f"{partition}:{offset}"}, headers=self._operator)
        return bool(answer.raise_for_status().json()["at_least_reached"])


async def measure(kafka: Kafka, valkey: Valkey, folder: Path, say: Callable[[str], None]) -> list[Result]:
    """Start a processor, a gateway and an API, send events at a fixed rate, and tell how soon they were seen."""
    seen = Seen()
    async with _issuer(folder / "issuer") as callers:
        settings = settings_for(kafka, valkey, "visible", issuer=callers.issuer)
        await create_topics(settings.brokers, settings.prefix)
        services = [Service(name, settings, folder / f"visible-{name}.log") for name in ("processor", "gateway", "api")]
        view = RedisView(settings.redis, settings.prefix, settings.partitions)
        front = Front(callers, *(f"http://{LOOPBACK}:{port}" for port in (settings.gateway_port, settings.api_port)))
        try:
            async with running(*services):
                await _measure(front, Moved(view), seen)
        finally:
            await front.close()
            await view.close()
    say(f"visible: {len(seen.shown):,} events at {RATE} a second")
    return [
        *_results("sent → answered", seen.answered),
        *_results("sent → in the view", seen.moved),
        *_results("sent → shown by the API", seen.shown, _AIM_MS),
    ]


async def _measure(front: Front, moved: Moved, seen: Seen) -> None:
    await until(front.ready)
    following = asyncio.create_task(moved.follow())
    try:
        for number in range(_SHELTERS):
            await front.send([registered(f"s{number}"), *(declared(f"u{unit}", f"s{number}", number=unit) for unit in range(10))], BATCH)
        start = time.monotonic() + 1
        await asyncio.gather(*(_one(front, moved, seen, number, start + number / RATE) for number in range(EVENTS)))
    finally:
        following.cancel()


async def _one(front: Front, moved: Moved, seen: Seen, number: int, due: float) -> None:
    await asyncio.sleep(due - time.monotonic())
    shelter = f"s{number % _SHELTERS}"
    partition, offset = await front.send(_fact(number, shelter))
    answered = time.monotonic()
    while not await front.shows(shelter, partition, offset):
        pass
    shown, reached = time.monotonic(), moved.when(partition, offset)
    if number >= _WARM:
        seen.answered.append((answered - due) * 1_000)
        seen.shown.append((shown - due) * 1_000)
        seen.moved.append(((reached or shown) - due) * 1_000)


def _fact(number: int, shelter: str) -> dict[str, Any]:
    """Make an admission, and the next time its discharge."""
    turn, odd = divmod(number // _SHELTERS, 2)
    if odd:
        return event("discharge", shelter, stay=uuid(number - _SHELTERS), destination="home", number=number)
    return admitted(f"u{turn % 10}", shelter, stay=number)


def _results(what: str, milliseconds: list[float], aim: float | None = None) -> list[Result]:
    found = quantiles(milliseconds, n=100)
    return [
        Result(row="visible", what=f"{what}, p{share}", unit="ms", value=round(found[share - 1], 1), aim=aim if share == 99 else None)
        for share in (50, 99)
    ]


@asynccontextmanager
async def _issuer(folder: Path) -> AsyncIterator[Callers]:
    """Serve an issuer over HTTP from this process."""
    (port,) = free_ports(1)
    callers = Callers(folder, f"http://{LOOPBACK}:{port}")
    server = uvicorn.Server(uvicorn.Config(create_app(callers.keys, callers.issuer), host=LOOPBACK, port=port, log_level="critical"))
    serving = asyncio.create_task(server.serve())
    try:
        yield callers
    finally:
        server.should_exit = True
        await serving
