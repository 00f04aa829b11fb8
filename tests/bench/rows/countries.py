"""Countries of 1,000, 10,000 and 100,000 units, of which one in twenty is free: what a search, the areas and the API's memory become."""

import time
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Final

from redis.asyncio import Redis

from services.local.processes.memory_usage import memory_of
from tests.bench.bed_log import fill
from tests.bench.living import lived, opened
from tests.bench.pace import reached
from tests.bench.report import Result
from tests.bench.rows.search import Desk, desks_of, open_loop_of, unlimited
from tests.bench.stage import Stage
from tests.bench.views import folded
from tests.issuing import issuing
from tests.servers import Service, running

SIZES: Final = (1_000, 10_000, 100_000)
_OCCUPIED: Final = 0.95
_RATE, _SEARCHES, _WARM, _AREAS = 10, 300, 60, 50
_PATIENCE_S: Final = 600.0


async def measure(stage: Stage) -> list[Result]:
    """Search in each country in turn."""
    results: list[Result] = []
    medians: dict[int, float] = {}
    for units in SIZES:
        measured = await _measured(stage, units)
        found, areas = quantiles(measured.searches, n=100), measured.areas
        medians[units] = found[49]
        stage.say(f"countries: {units:,} units: search {found[49]:.1f} ms, p99 {found[98]:.1f} ms, areas {median(areas):.1f} ms")
        results += [
            _result(f"search at {_RATE} a second, {units:,} units, p50", found[49]),
            _result(f"search at {_RATE} a second, {units:,} units, p99", found[98]),
            _result(f"areas, {units:,} units, p50", median(areas)),
            *(
                Result(row="countries", what=f"memory of {process}, {units:,} units", unit="MiB", value=round(size / 2**20, 1), aim=None)
                for process, size in measured.memory.items()
            ),
        ]
    fewest, most = SIZES[0], SIZES[-1]
    grown = round(medians[most] / medians[fewest], 1)
    what = f"search, {most:,} units ÷ {fewest:,}, p50"
    # Slower growth than that of the units
    return [*results, Result(row="countries", what=what, unit="times as long", value=grown, aim=most / fewest)]


@dataclass(frozen=True, slots=True)
class Measured:
    """Milliseconds of searches and of areas, and the bytes of each process."""

    searches: list[float]
    areas: list[float]
    memory: dict[str, int]


async def _measured(stage: Stage, units: int) -> Measured:
    kafka, _ = await stage.servers()
    valkey = await stage.emptied()
    async with issuing(stage.scratch / f"countries-{units}") as callers:
        settings = unlimited(kafka, valkey, f"countries-{units}", callers)
        sent = sum((await fill(settings, opened(units))).values())
        sent = sum((await fill(settings, lived(units, int(units * _OCCUPIED)))).values()) + sent
        processor, api = (Service(name, settings, stage.logs / f"countries-{units}-{name}.log") for name in ("processor", "api"))
        async with running(processor):
            await reached(lambda: folded(settings), processor.child, sent, _PATIENCE_S)
            async with running(api), desks_of(callers, settings) as desks:
                searches = await open_loop_of(desks, _RATE, _SEARCHES, _WARM)
                areas = [await _areas(desks[number % len(desks)]) for number in range(_AREAS)]
                memory = {"the API": memory_of(api.pid) or 0, "the processor": memory_of(processor.pid) or 0}
                return Measured(searches, areas, memory | {"Redis": await _redis_memory(settings.redis)})


async def _areas(desk: Desk) -> float:
    """Ask for the areas; return milliseconds."""
    began = time.monotonic()
    status, found = await desk.connection.ask("GET", "/v1/areas", desk.token)
    if status != 200:
        raise RuntimeError(f"answered {status}: {found.get('type')}")
    return (time.monotonic() - began) * 1_000


async def _redis_memory(address: str) -> int:
    """Return the bytes that a Redis uses."""
    async with Redis.from_url(address) as redis:
        return int((await redis.info("memory"))["used_memory"])


def _result(what: str, milliseconds: float) -> Result:
    return Result(row="countries", what=what, unit="ms", value=round(milliseconds, 1), aim=None)
