"""Two processors beside one: the partitions are divided among them before the first event is there.

They are frozen while the log is written, so that writing it costs them nothing, and both begin at the same moment.
"""

import asyncio
import os
import signal
import time
from collections.abc import Sequence
from statistics import median

import httpx
import psutil

from services.adapters.kafka.topics import create_topics
from tests.bench.bed_log import fill
from tests.bench.country import country
from tests.bench.pace import START_S, reached
from tests.bench.report import Result
from tests.bench.stage import Stage
from tests.bench.views import folded
from tests.free_ports import free_ports
from tests.servers import Service, settings_for
from tests.waiting import until

# Where two cores are free for them
_AIM = 1.7
_PATIENCE_S = 300.0
_EVENTS = 200_000
# Longer than the log takes to be written: a frozen worker keeps its partitions
_FROZEN_S = 120.0


async def measure(stage: Stage) -> list[Result]:
    """Measure one and two workers in turn, from when every partition is assigned, and what the servers leave of the machine."""
    rates: dict[int, list[float]] = {1: [], 2: []}
    shares: list[float] = []
    for turn in range(stage.rounds):
        for workers, found in rates.items():
            rate, share = await _rate(stage, workers, turn)
            found.append(rate)
            if workers == 1:
                shares.append(share)
            stage.say(f"workers {turn + 1}/{stage.rounds}: {workers} {rate:,.0f} events/s")
    ratios = [two / one for one, two in zip(rates[1], rates[2], strict=True)]
    cores, most = os.cpu_count() or 1, median(shares)
    return [
        Result(
            row="workers",
            what="two workers ÷ one",
            unit="times",
            value=round(median(ratios), 2),
            aim=_AIM,
            rounds=[round(ratio, 2) for ratio in ratios],
            rates={f"{workers} worker{'s' * (workers > 1)}": [round(rate) for rate in found] for workers, found in rates.items()},
        ),
        Result(
            row="workers",
            what=f"the most that {cores} cores allow: theirs ÷ what one worker and its share of Kafka and Valkey use",
            unit="times",
            value=round(min(2.0, cores * most), 2),
            aim=None,
        ),
    ]


async def _rate(stage: Stage, workers: int, turn: int) -> tuple[float, float]:
    """Return events a second, and which part of all that was computed the workers did."""
    kafka, valkey = await stage.servers()
    settings = settings_for(kafka, valkey, f"workers-{workers}-{turn}", session_timeout_s=_FROZEN_S)
    await create_topics(settings.brokers, settings.prefix, settings.partitions)
    services = [
        Service("processor", settings.model_copy(update={"processor_port": port}), stage.logs / f"workers-{workers}-{turn}-{number}.log")
        for number, port in enumerate(free_ports(workers))
    ]
    for service in services:
        service.child.start()
    try:
        await until(lambda: _divided(services, settings.partitions), START_S)
        _send(services, signal.SIGSTOP)
        await fill(settings, country(_EVENTS))
        servers = [pid for pid in (kafka.child.pid, valkey.child.pid) if pid]
        own = [service.pid for service in services if service.pid]
        before, began = (_computed(own), _computed(servers)), time.monotonic()
        _send(services, signal.SIGCONT)
        ended, done = await reached(lambda: folded(settings), services[0].child, _EVENTS, _PATIENCE_S)
        used, beside = _computed(own) - before[0], _computed(servers) - before[1]
        return done / (ended - began), used / (used + beside)
    finally:
        _send(services, signal.SIGCONT)
        await asyncio.gather(*(service.stop() for service in services))


def _send(services: Sequence[Service], number: signal.Signals) -> None:
    for service in services:
        service.child.send_signal(number)


async def _divided(services: Sequence[Service], partitions: int) -> bool:
    """Return whether every partition is assigned, and every worker has some."""
    async with httpx.AsyncClient() as client:
        try:
            held = [len((await client.get(f"{service.url}/readyz")).json()["beds"]["partitions"]) for service in services]
        except httpx.TransportError:
            return False
    return sum(held) == partitions and all(held)


def _computed(pids: Sequence[int]) -> float:
    """Seconds of processor time."""
    times = [psutil.Process(pid).cpu_times() for pid in pids]
    return sum(each.user + each.system for each in times)
