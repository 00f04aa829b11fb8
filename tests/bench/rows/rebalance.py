"""A processor comes, goes and is killed while events come in: how many partitions change hands, and how long an event waits at most.

Law: an event waits from when the log has it until the view has it. Each partition gets one every fifth of a second, so none is missed.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import count
from statistics import median
from typing import Any, Final

import orjson

from services.adapters.config.settings import Settings
from services.adapters.kafka.clients import new_producer
from services.adapters.kafka.topics import Topics, partition_of
from services.adapters.view.redis_reader import RedisReader
from tests.bench.bed_log import fill
from tests.bench.country import Sent
from tests.bench.fleet import divided, held_by
from tests.bench.report import Result
from tests.bench.stage import Stage
from tests.free_ports import free_ports
from tests.sent import admitted, declared, event, registered, uuid
from tests.servers import Service, settings_for
from tests.waiting import until

_EVERY_S: Final = 0.2
# What a planned change may hold up, and what the death of a worker may
_PLANNED_MS: Final = 3_000.0
_KILLED_MS: Final = 10_000.0
# Longer than it takes until each event that was sent before is in the view
_QUIET_S: Final = 3.0


@dataclass(slots=True)
class Stream:
    """One shelter a partition, to which a household comes and goes; `waits` has the milliseconds that each event has waited."""

    settings: Settings
    waits: list[float] = field(default_factory=list)
    _waiting: dict[int, list[tuple[int, float]]] = field(default_factory=dict)

    def shelters(self) -> dict[int, str]:
        """Return a shelter of each partition."""
        found: dict[int, str] = {}
        for number in count():
            found.setdefault(partition_of(f"s-{number}".encode(), self.settings.partitions), f"s-{number}")
            if len(found) == self.settings.partitions:
                return found
        raise AssertionError

    async def send(self) -> None:
        """Send to every partition in turn, until cancelled."""
        producer: Any = new_producer(self.settings.brokers)
        await producer.start()
        try:
            for turn in count():
                await asyncio.gather(*(self._one(producer, shelter, turn) for shelter in self.shelters().values()), asyncio.sleep(_EVERY_S))
        finally:
            await producer.stop()

    async def _one(self, producer: Any, shelter: str, turn: int) -> None:
        stay, odd = divmod(turn, 2)
        made = (
            event("discharge", shelter, stay=uuid(stay), destination="home", number=stay) if odd else admitted(shelter=shelter, stay=stay)
        )
        sent = await producer.send_and_wait(Topics(self.settings.prefix).bed_events, orjson.dumps(made), shelter.encode())
        self._waiting.setdefault(sent.partition, []).append((sent.offset, time.monotonic()))

    async def watch(self, view: RedisReader) -> None:
        """Note when the view has each event, until cancelled."""
        async for partition, reached in view.subscribe():
            now, waiting = time.monotonic(), self._waiting.get(partition, [])
            while waiting and waiting[0][0] <= reached:
                self.waits.append((now - waiting.pop(0)[1]) * 1_000)

    def oldest_ms(self) -> float:
        """Return how long the event has waited that waits longest."""
        return max(((time.monotonic() - waiting[0][1]) * 1_000 for waiting in self._waiting.values() if waiting), default=0.0)


@dataclass(frozen=True, slots=True)
class Change:
    """What a change of the workers has moved, and the longest that an event waited, in milliseconds."""

    moved: int
    longest_ms: float


async def measure(stage: Stage) -> list[Result]:
    """Add a third worker, stop one, and kill one, again and again."""
    found: dict[str, list[Change]] = {}
    for turn in range(stage.rounds):
        for what, change in (await _round(stage, turn)).items():
            found.setdefault(what, []).append(change)
            stage.say(f"rebalance {turn + 1}/{stage.rounds}: {what}: {change.moved} partitions, {change.longest_ms:,.0f} ms at most")
    aims = {what: _KILLED_MS if "killed" in what else _PLANNED_MS for what in found}
    return [
        result
        for what, changes in found.items()
        for result in (
            Result(
                row="rebalance",
                what=f"{what}: longest wait of an event",
                unit="ms",
                value=round(max(change.longest_ms for change in changes)),
                aim=aims[what],
                rounds=[round(change.longest_ms) for change in changes],
            ),
            Result(
                row="rebalance",
                what=f"{what}: partitions that change hands",
                unit="partitions",
                value=median(change.moved for change in changes),
                aim=None,
                rounds=[change.moved for change in changes],
            ),
        )
    ]


async def _round(stage: Stage, turn: int) -> dict[str, Change]:
    kafka, valkey = await stage.servers()
    settings = settings_for(kafka, valkey, f"rebalance-{turn}")
    workers = [
        Service("processor", settings.model_copy(update={"processor_port": port}), stage.logs / f"rebalance-{turn}-{number}.log")
        for number, port in enumerate(free_ports(3))
    ]
    stream, view = Stream(settings), RedisReader(settings.redis, settings.prefix, settings.partitions)
    opened = [each for shelter in stream.shelters().values() for each in (registered(shelter), declared("u1", shelter))]
    await fill(settings, [Sent(str(each["subject"]).encode(), orjson.dumps(each)) for each in opened])
    try:
        for worker in workers[:2]:
            worker.child.start()
        await until(lambda: divided(workers[:2], settings.partitions))
        tasks = [asyncio.create_task(stream.watch(view)), asyncio.create_task(stream.send())]
        try:
            await until(lambda: len(stream.waits) > settings.partitions)
            return {
                "a third worker comes": await _change(stream, workers[:2], workers, _started(workers[2])),
                "one of three workers stops": await _change(stream, workers, workers[:2], workers[2].child.stop),
                "one of two workers is killed": await _change(stream, workers[:2], workers[:1], workers[1].kill),
            }
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
    finally:
        await asyncio.gather(*(worker.child.stop() for worker in workers), view.close())


def _started(worker: Service) -> Callable[[], Awaitable[None]]:
    async def start() -> None:
        worker.child.start()

    return start


async def _change(stream: Stream, before: list[Service], after: list[Service], change: Callable[[], Awaitable[Any]]) -> Change:
    """Change the workers; return what moved once the partitions are divided among those that are left and nothing waits."""
    held = {worker: await held_by(worker) for worker in before}
    stream.waits.clear()
    await change()
    await until(lambda: divided(after, stream.settings.partitions))
    quiet = time.monotonic() + _QUIET_S
    await until(lambda: time.monotonic() > quiet and stream.oldest_ms() < _EVERY_S * 1_000)
    now = {worker: await held_by(worker) for worker in after}
    moved = sum(len(partitions - held.get(worker, set())) for worker, partitions in now.items())
    return Change(moved, max(stream.waits))
