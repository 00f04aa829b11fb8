"""The monitor over a year of the country: archived from Kafka, folded into tables, asked; and the memory of a process that does it all."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

from services.adapters.brokers import Brokers
from services.adapters.kafka import new_producer
from services.adapters.topics import Topics, create_topics
from services.adapters.wire import encode, key_of
from services.domain import events as e
from services.simulator.country import Country
from services.simulator.hours import start_of_year
from services.simulator.world import Logged
from tests.bench.report import Result
from tests.bench.stage import Stage

# A year of the country, as the issue has it: 200,000 events of shelters and 100,000 of demand
BEDS, DEMAND = 200_000, 100_000
_AT_ONCE = 2_000
_PREFIX = "sim-bench-monitor"
_YEARS = 3


async def measure(stage: Stage) -> list[Result]:
    """Write the year, then have a process of its own archive it, build the tables and ask every figure."""
    kafka, _ = await stage.servers()
    await write(kafka.brokers, stage)
    argv = stage.module("tests.bench.monitor_alone", kafka.bootstrap, _PREFIX, str(stage.scratch / "monitor"))
    process = await asyncio.create_subprocess_exec(*argv, stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError("the monitor ended in the middle of its benchmark")
    archived, built, slowest, memory = map(float, out.split())
    return [
        Result(row="monitor", what="year from Kafka into the archive", unit="s", value=archived, aim=30),
        Result(row="monitor", what="interval tables of the year", unit="s", value=built, aim=15),
        Result(row="monitor", what="slowest figure of the year", unit="s", value=slowest, aim=2),
        Result(row="monitor", what="memory at its highest", unit="MiB", value=memory, aim=500),
    ]


async def write(brokers: Brokers, stage: Stage) -> None:
    """Let a country live until it has said so much, search more often than it does, and write all of it at its own clock."""
    began = time.monotonic()
    await create_topics(brokers, _PREFIX)
    producer, topics = new_producer(brokers, linger_ms=5), Topics(_PREFIX)
    await producer.start()
    try:
        records = said()
        while chunk := list(islice(records, _AT_ONCE)):
            sent = []
            for at, event in chunk:
                demand = isinstance(event.data, e.DEMAND_EVENTS)
                topic = topics.demand_events if demand else topics.bed_events
                sent.append(await producer.send(topic, encode(event), key_of(event).encode(), timestamp_ms=at))
            await asyncio.gather(*sent)
    finally:
        await producer.stop()
    stage.say(f"{BEDS + DEMAND:,} events written in {time.monotonic() - began:.0f} s")


def said() -> Iterator[tuple[int, e.Event]]:
    """Yield what a country says, and each of its searches again under other names until there are enough."""
    beds, demand, start = 0, 0, start_of_year(2023)
    for logged in Country(7, start).until(start_of_year(2023 + _YEARS)):
        if isinstance(logged.event.data, e.DEMAND_EVENTS):
            for copy in _copies(logged):
                if demand < DEMAND:
                    demand += 1
                    yield logged.at, copy
        elif beds < BEDS:
            beds += 1
            yield logged.at, logged.event
        elif demand >= DEMAND:
            return


def _copies(logged: Logged) -> Iterator[e.Event]:
    yield logged.event
    data = logged.event.data
    if isinstance(data, e.SearchMade | e.SearchEnded):
        for number in range(4):
            changes = {"search": f"{number}{data.search[1:]}"}
            if isinstance(data, e.SearchMade) and data.again_of:
                changes["again_of"] = f"{number}{data.again_of[1:]}"
            yield _named(logged.event, number, changes)


def _named(event: e.Event, number: int, changes: dict[str, str]) -> e.Event:
    data: Any = event.data
    return replace(event, id=f"{number}{event.id[1:]}", data=replace(data, **changes))
