"""Searches and holds in a country of 1,100 units: how long a search takes at a fixed rate, beside what, and how soon a hold is decided.

Law: what a search is held against does all that a search does but search: token, turn, body, audit record, an event appended.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import orjson

from services.adapters.clock import now_ms
from services.adapters.codec.event_codec import encode
from services.adapters.config.settings import Settings
from services.adapters.kafka.topics import create_topics
from services.domain.events.catalog import BED_EVENTS
from services.simulator.model.parameters import Parameters
from services.simulator.simulation import Simulation
from tests.bench.connection import Connection
from tests.bench.report import Result
from tests.bench.stage import Stage
from tests.callers import Callers
from tests.controlled_servers import Kafka, Valkey
from tests.issuing import issuing
from tests.servers import KEY, Service, running, settings_for
from tests.tapes import Line
from tests.waiting import until
from tests.world import World

UNITS = 1_100
RATE = 200
SEARCHES = 3_000
CONNECTIONS = 32
_ROUNDS = 3
_CLOSED = 1_200
_WARM = 400
_AT_ONCE = 16
_HOLD_ROUNDS = 40
_SEARCH_MS, _HOLD_MS, _SHARE = 25.0, 50.0, 0.85
# What is asked for at three in the morning, and one in a while what there is none of
_ASKED: tuple[dict[str, Any], ...] = (
    {"adults": 1},
    {"adults": 1, "children": 1, "oldest_son_age": 3},
    {"adults": 1, "children": 2, "oldest_son_age": 9, "exclude_regions": ["R04", "R07"]},
    {"adults": 1, "kinds": ["crisis", "emergency"], "near": "R11"},
    {"adults": 1, "children": 1, "oldest_son_age": 15, "security": "secure"},
    {"adults": 1, "features": ["wheelchair"], "services": ["psychiatric"]},
    {"adults": 2, "men": 1, "children": 4, "oldest_son_age": 1},
)


@dataclass(slots=True)
class Desk:
    """A worker with a connection, and the searches that were made; each is ended once, since a second end would not be logged."""

    connection: Connection
    token: str
    made: deque[str] = field(default_factory=deque)

    async def searches(self, body: dict[str, Any]) -> dict[str, Any]:
        """Search."""
        status, found = await self.connection.ask("POST", "/v1/searches", self.token, orjson.dumps(body))
        good = _good(status, found)
        self.made.append(good["search"])
        return good

    async def ends(self, _body: dict[str, Any]) -> dict[str, Any]:
        """Do all that a search does, but search."""
        status, found = await self.connection.ask("POST", f"/v1/searches/{self.made.pop()}/end", self.token, b'{"outcome":"unknown"}')
        return _good(status, found)


def _good(status: int, found: Any) -> dict[str, Any]:
    if status != 200:
        raise RuntimeError(f"answered {status}: {found.get('type')}")
    answered: dict[str, Any] = found
    return answered


async def measure(stage: Stage) -> list[Result]:
    """Start a processor and an API with a country of that many units, and measure."""
    kafka, valkey = await stage.servers()
    say = stage.say
    async with _served(kafka, valkey, stage.logs) as desks:
        open_loop = await open_loop_of(desks, RATE, SEARCHES, _WARM)
        say(f"search: {len(open_loop):,} searches at {RATE} a second")
        shares = [await _share(desks) for _ in range(_ROUNDS)]
        say(f"search: {_ROUNDS} rounds of {_CLOSED:,} searches and as many ends")
        holds = await _holds(desks[:_AT_ONCE])
        say(f"search: {len(holds):,} requests for holds, {_AT_ONCE} at once")
    return [
        *_percentiles(f"search at {RATE} a second", open_loop, _SEARCH_MS),
        Result(
            row="search",
            what=f"search ÷ the same without a search, {CONNECTIONS} connections",
            unit="times",
            value=round(median(share for share, _, _ in shares), 2),
            aim=_SHARE,
            rounds=[round(share, 2) for share, _, _ in shares],
            rates={"search": [round(rate) for _, rate, _ in shares], "without": [round(rate) for _, _, rate in shares]},
        ),
        *_percentiles(f"hold asked → decided, {_AT_ONCE} at once", holds, _HOLD_MS),
    ]


@asynccontextmanager
async def _served(kafka: Kafka, valkey: Valkey, folder: Path) -> AsyncIterator[list[Desk]]:
    async with issuing(folder / "searching-issuer") as callers:
        settings = unlimited(kafka, valkey, "searching", callers)
        await create_topics(settings.brokers, settings.prefix)
        services = [Service(name, settings, folder / f"searching-{name}.log") for name in ("processor", "api")]
        async with running(*services), World(settings) as world:
            await _filled(world)
            async with desks_of(callers, settings) as desks:
                yield desks


def unlimited(kafka: Kafka, valkey: Valkey, prefix: str, callers: Callers) -> Settings:
    """Return settings under which a few workers may ask as often as thousands do."""
    return settings_for(
        kafka, valkey, prefix, issuer=callers.issuer, pseudonym_key=KEY, calls_per_minute=1_000_000, searches_at_once=1_000_000
    )


@asynccontextmanager
async def desks_of(callers: Callers, settings: Settings) -> AsyncIterator[list[Desk]]:
    """Return workers with a connection each, once the API answers all of them."""
    desks = [await _desk(callers, settings.api_port, number) for number in range(CONNECTIONS)]
    yield desks
    for desk in desks:
        desk.connection.writer.close()


async def _filled(world: World) -> None:
    """Open a country: its shelters, who lives in them, and what is free."""
    start = now_ms() - 60_000
    country = Simulation(7, start, parameters=Parameters(units=UNITS, shelters=120))
    logged = list(country.until(start))
    await world.play([Line(each.event.subject.encode(), encode(each.event)) for each in logged if isinstance(each.event.data, BED_EVENTS)])
    await world.folded()


async def _desk(callers: Callers, port: int, number: int) -> Desk:
    desk = Desk(await Connection.to(port), callers.worker(f"w{number}")["Authorization"])

    async def ready() -> bool:
        status, _ = await desk.connection.ask("POST", "/v1/searches", desk.token, orjson.dumps(_ASKED[0]))
        return status == 200

    await until(ready)
    return desk


async def open_loop_of(desks: list[Desk], rate: float, searches: int, warm: int) -> list[float]:
    """Search at a fixed rate (a second); the time of each counts from when it was due. Return milliseconds, without the first `warm`."""
    free: asyncio.Queue[Desk] = asyncio.Queue()
    for desk in desks:
        free.put_nowait(desk)
    start, took = time.monotonic() + 0.5, dict[int, float]()

    async def one(number: int) -> None:
        due = start + number / rate
        await asyncio.sleep(due - time.monotonic())
        desk = await free.get()
        await desk.searches(_ASKED[number % len(_ASKED)])
        took[number] = (time.monotonic() - due) * 1_000
        free.put_nowait(desk)

    await asyncio.gather(*(one(number) for number in range(warm + searches)))
    return [took[number] for number in range(warm, warm + searches)]


async def _share(desks: list[Desk]) -> tuple[float, float, float]:
    """Search as fast as it goes, and then do the same without a search; return the ratio and both rates a second."""
    with_it = await _rate([desk.searches for desk in desks])
    without = await _rate([desk.ends for desk in desks])
    return with_it / without, with_it, without


async def _rate(asking: list[Callable[[dict[str, Any]], Awaitable[object]]]) -> float:
    each = _CLOSED // len(asking)

    async def asks(ask: Callable[[dict[str, Any]], Awaitable[object]]) -> None:
        for _, body in zip(range(each), cycle(_ASKED), strict=False):
            await ask(body)

    started = time.monotonic()
    await asyncio.gather(*map(asks, asking))
    return each * len(asking) / (time.monotonic() - started)


async def _holds(desks: list[Desk]) -> list[float]:
    """Have all ask at once for a hold, and give back what was granted; return how long each decision took in milliseconds."""
    took: list[float] = []

    async def ask(desk: Desk, offer: str) -> None:
        started = time.monotonic()
        status, found = await desk.connection.ask("POST", "/v1/holds", desk.token, orjson.dumps({"offer": offer}))
        took.append((time.monotonic() - started) * 1_000)
        if status == 201:
            await desk.connection.ask("DELETE", f"/v1/holds/{found['hold']}", desk.token)
        elif status != 409:
            raise RuntimeError(f"answered {status}: {found.get('type')}")

    for _ in range(_HOLD_ROUNDS):
        found = await asyncio.gather(*(desk.searches(_ASKED[0]) for desk in desks))
        await asyncio.gather(*(ask(desk, each["offers"][0]["offer"]) for desk, each in zip(desks, found, strict=True)))
    return took


def _percentiles(what: str, milliseconds: list[float], aim: float) -> list[Result]:
    found = quantiles(milliseconds, n=100)
    return [
        Result(row="search", what=f"{what}, p{share}", unit="ms", value=round(found[share - 1], 1), aim=aim if share == 99 else None)
        for share in (50, 99)
    ]
