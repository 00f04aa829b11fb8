"""Several processors that fold one log: the partitions are divided among them before the first event is there, and all begin at once.

They are frozen while the log is written, so that writing it costs them nothing.
"""

import asyncio
import signal
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import httpx
import psutil
from redis.asyncio import Redis

from services.adapters.kafka.topics import create_topics
from tests.bench.bed_log import fill
from tests.bench.country import Sent
from tests.bench.pace import START_S, reached
from tests.bench.stage import Stage
from tests.bench.views import folded
from tests.free_ports import free_ports
from tests.servers import Service, settings_for
from tests.waiting import until

_PATIENCE_S: Final = 300.0
# Longer than the log takes to be written: a frozen worker keeps its partitions
_FROZEN_S: Final = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a log took to be folded: seconds, seconds of processor time by process, writes of the view, and bytes sent to Redis."""

    events: int
    seconds: float
    workers_s: float
    kafka_s: float
    redis_s: float
    writes: int
    redis_bytes: int

    @property
    def rate(self) -> float:
        """Events a second."""
        return self.events / self.seconds

    @property
    def event_us(self) -> float:
        """Microseconds of processor time an event, over all processes."""
        return (self.workers_s + self.kafka_s + self.redis_s) / self.events * 1e6

    @property
    def share(self) -> float:
        """Which part of all that was computed the workers did."""
        return self.workers_s / (self.workers_s + self.kafka_s + self.redis_s)


async def fold(stage: Stage, name: str, workers: int, records: Iterable[Sent], events: int) -> Cost:
    """Have so many workers fold records, from when every partition is assigned; RuntimeError when one ends."""
    kafka, valkey = await stage.servers()
    settings = settings_for(kafka, valkey, name, session_timeout_s=_FROZEN_S)
    await create_topics(settings.brokers, settings.prefix, settings.partitions)
    services = [
        Service("processor", settings.model_copy(update={"processor_port": port}), stage.logs / f"{name}-{number}.log")
        for number, port in enumerate(free_ports(workers))
    ]
    for service in services:
        service.child.start()
    try:
        await until(lambda: divided(services, settings.partitions), START_S)
        _send(services, signal.SIGSTOP)
        await fill(settings, records)
        own = [service.pid for service in services]
        async with Redis.from_url(settings.redis) as redis:
            before = (_computed(own), _computed([kafka.child.pid]), _computed([valkey.child.pid]), *await _written(redis))
            began = time.monotonic()
            _send(services, signal.SIGCONT)
            ended, done = await reached(lambda: folded(settings), services[0].child, events, _PATIENCE_S)
            after = (_computed(own), _computed([kafka.child.pid]), _computed([valkey.child.pid]), *await _written(redis))
        workers_s, kafka_s, redis_s, writes, sent = (now - then for now, then in zip(after, before, strict=True))
        return Cost(
            events=done,
            seconds=ended - began,
            workers_s=workers_s,
            kafka_s=kafka_s,
            redis_s=redis_s,
            writes=int(writes),
            redis_bytes=int(sent),
        )
    finally:
        _send(services, signal.SIGCONT)
        await asyncio.gather(*(service.stop() for service in services))


async def held_by(service: Service) -> set[int]:
    """Return the partitions of the beds that a worker has; none while it can't be asked."""
    async with httpx.AsyncClient() as client:
        try:
            return set((await client.get(f"{service.url}/readyz")).json()["beds"]["partitions"])
        except httpx.TransportError:
            return set()


async def divided(services: Sequence[Service], partitions: int) -> bool:
    """Return whether every partition is assigned once, and every worker has some."""
    held = [await held_by(service) for service in services]
    return all(held) and sum(map(len, held)) == partitions == len(set.union(*held))


def _send(services: Sequence[Service], number: signal.Signals) -> None:
    for service in services:
        service.child.send_signal(number)


def _computed(pids: Iterable[int | None]) -> float:
    """Return seconds of processor time."""
    times = [psutil.Process(pid).cpu_times() for pid in pids]
    return sum(each.user + each.system for each in times)


async def _written(redis: "Redis") -> tuple[int, int]:
    """Return how often a script was called, and how many bytes were received."""
    calls = (await redis.info("commandstats")).get("cmdstat_evalsha", {"calls": 0})["calls"]
    return calls, (await redis.info("stats"))["total_net_input_bytes"]
