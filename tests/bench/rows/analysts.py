"""Four analysts who ask a monitor for figures over HTTP at once, each one question after the other, and the memory that it then has."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from statistics import quantiles

import psutil

from services.adapters.clock import now_ms
from services.local.processes.memory_usage import memory_of
from services.monitor.figures.definitions import DEFINITIONS
from tests.bench.connection import Connection
from tests.bench.report import Result
from tests.bench.rows.monitor import BEGINS, PREFIX, write
from tests.bench.stage import Stage
from tests.issuing import issuing
from tests.servers import Service, running, settings_for
from tests.waiting import until

ANALYSTS = 4
_QUESTIONS = 30
# What an analyst asks for: the whole, and over what most figures can be divided
_BY = ("", "&by=province", "&by=kind")
_SAMPLE_S = 0.1
_FOUND = 200
# A year is built in one to three minutes, as busy as the machine is
_BUILT_S = 600
_MIB = 2**20


async def measure(stage: Stage) -> list[Result]:
    """Start a monitor on the year in Kafka and ask it."""
    kafka, _ = await stage.servers()
    await write(kafka.brokers, stage)
    slowest, memory = await _ask(stage, PREFIX, BEGINS)
    return [
        Result(row="analysts", what="99th percentile of a figure of a year, four at once", unit="s", value=slowest, aim=2),
        Result(row="analysts", what="memory of the monitor meanwhile", unit="MiB", value=memory, aim=500),
    ]


async def _ask(stage: Stage, prefix: str, year: int) -> tuple[float, float]:
    async with _monitored(stage, prefix) as (service, port, tokens):
        paths = [path for figure in DEFINITIONS for by in _BY if await _answered(port, tokens[0], path := _path(figure, year, by))]
        stage.say(f"monitor: {len(paths)} questions of {len(DEFINITIONS) * len(_BY)} can be asked about {year}")
        watching = asyncio.create_task(_highest(service.pid))
        try:
            times = await asyncio.gather(*(_asking(port, token, paths, number) for number, token in enumerate(tokens)))
        finally:
            watching.cancel()
        await asyncio.wait([watching])
    found = quantiles([each for of_analyst in times for each in of_analyst], n=100)
    return found[98], watching.result()


@asynccontextmanager
async def _monitored(stage: Stage, prefix: str) -> AsyncIterator[tuple[Service, int, list[str]]]:
    kafka, valkey = await stage.servers()
    async with issuing(stage.scratch / "analysts-issuer") as callers:
        settings = settings_for(kafka, valkey, prefix, issuer=callers.issuer, data=stage.scratch / "analysts", calls_per_minute=1_000_000)
        exp = now_ms() // 1_000 + 3_600
        tokens = [callers.signed(sub=f"analyst-{number}", role="analyst", exp=exp)["Authorization"] for number in range(ANALYSTS)]
        service = Service("monitor", settings, stage.logs / "analysts-monitor.log")
        service.ready_within_s = 300
        async with running(service):
            await _until_built(settings.monitor_port, tokens[0])
            yield service, settings.monitor_port, tokens


async def _until_built(port: int, token: str) -> None:
    """Wait until the first tables are built."""
    connection = await Connection.to(port)

    async def is_built() -> bool:
        return (await connection.ask("GET", _path("capacity", BEGINS, ""), token))[0] == _FOUND

    await until(is_built, patience_s=_BUILT_S)


def _path(figure: str, year: int, by: str) -> str:
    return f"/v1/monitor/figures?figure={figure}&year={year}{by}"


async def _answered(port: int, token: str, path: str) -> bool:
    """Return whether a question makes sense: some figures are of a moment or of a household, or can't be divided so."""
    connection = await Connection.to(port)
    try:
        status, _ = await connection.ask("GET", path, token)
    finally:
        connection.writer.close()
    return status == _FOUND


async def _asking(port: int, token: str, paths: list[str], first: int) -> list[float]:
    """Ask one question after the other, each analyst from another place of the list; return how many seconds each took."""
    connection, times = await Connection.to(port), list[float]()
    for number in range(_QUESTIONS):
        path = paths[(first * len(paths) // ANALYSTS + number) % len(paths)]
        began = time.monotonic()
        status, _ = await connection.ask("GET", path, token)
        times.append(time.monotonic() - began)
        if status != _FOUND:
            raise RuntimeError(f"answered {status}")
    return times


async def _highest(pid: int | None) -> float:
    """Return how many MiB a process and its children had at most, until this is cancelled."""
    most = 0
    try:
        while pid is not None:
            family = [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]
            most = max(most, sum(memory_of(each) or 0 for each in family))
            await asyncio.sleep(_SAMPLE_S)
    except asyncio.CancelledError:
        pass
    return most / _MIB
