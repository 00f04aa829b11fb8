"""The monitor over a year of the country, and over ten: archived, folded into tables, asked; and the memory of all of its processes.

A year is so many events as the issue says, 200,000 of shelters and 100,000 of demand, and ten are ten times as many of one country that
lives on: its shelters grow as old as that. The simulated country says a little less a year, so it lives for 14 years and a half, and it
searches less, so each search is there again under other names. The year comes through Kafka. The ten are put into the archive by the
archive itself, past Kafka, which has no more to say of them than of the year: it is read so many records at a time.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from shutil import rmtree
from typing import Any

from services.adapters.codec.event_codec import encode, key_of
from services.adapters.config.kafka_connection import KafkaConnection
from services.adapters.kafka.clients import new_producer
from services.adapters.kafka.topics import PARTITIONS, Topics, create_topics, partition_of
from services.domain.events import catalog as e
from services.monitor.archive.parquet_log import ParquetLog
from services.monitor.archive.paths import MonitorPaths
from services.simulator.model.calendar import start_of_year
from services.simulator.model.context import LoggedEvent
from services.simulator.simulation import Simulation
from tests.bench.report import Result
from tests.bench.stage import Stage
from tests.monitor.records import MadeRecord

BEDS, DEMAND = 200_000, 100_000
YEARS = 10
_AT_ONCE = 2_000
# So many records of each topic are in hand before they are archived: some months
_ARCHIVED_AT_ONCE = 100_000
PREFIX = "sim-bench-monitor"
BEGINS, _ENDS = 2023, 2123
# Ten times the events, and a tenth for what grows with the logarithm of the years
_MOST_GROWTH = 11


async def measure(stage: Stage) -> list[Result]:
    """Have a process of its own archive a year, build its tables and ask every figure; then another build and ask ten years.

    A year's tables are built again after those of ten: their ratio is to the mean of before and after, as the machine may be shared.
    """
    kafka, _ = await stage.servers()
    await write(kafka.brokers, stage)
    archived, built, slowest, memory = await _alone(stage, stage.scratch / "year", kafka.bootstrap, PREFIX)
    ten = stage.scratch / "ten"
    await asyncio.to_thread(put_away, MonitorPaths(ten), stage)
    _, built_ten, slowest_ten, memory_ten = await _alone(stage, ten)
    rmtree(MonitorPaths(stage.scratch / "year").tables)
    _, built_again, *_ = await _alone(stage, stage.scratch / "year")
    growth = 2 * built_ten / (built + built_again)
    return [
        Result(row="monitor", what="year from Kafka into the archive", unit="s", value=archived, aim=30),
        Result(row="monitor", what="interval tables of the year", unit="s", value=built, aim=15),
        Result(row="monitor", what="slowest figure of the year", unit="s", value=slowest, aim=2),
        Result(row="monitor", what="memory of all processes", unit="MiB", value=memory, aim=500),
        Result(row="monitor", what="interval tables of ten years", unit="s", value=built_ten, aim=None),
        Result(row="monitor", what="interval tables of ten years ÷ of one", unit="times as long", value=growth, aim=_MOST_GROWTH),
        Result(row="monitor", what="slowest figure of ten years", unit="s", value=slowest_ten, aim=None),
        Result(row="monitor", what="memory of all processes, ten years", unit="MiB", value=memory_ten, aim=500),
    ]


async def _alone(stage: Stage, root: Path, *log: str) -> list[float]:
    argv = stage.module("tests.bench.monitor_alone", str(root), *log)
    process = await asyncio.create_subprocess_exec(*argv, stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError("the monitor ended in the middle of its benchmark")
    return [float(number) for number in out.split()]


async def write(brokers: KafkaConnection, stage: Stage) -> None:
    """Write a year to Kafka at the country's own clock."""
    began = time.monotonic()
    await create_topics(brokers, PREFIX)
    producer, topics = new_producer(brokers, linger_ms=5), Topics(PREFIX)
    await producer.start()
    try:
        records = said(BEDS, DEMAND)
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


def put_away(directory: MonitorPaths, stage: Stage) -> None:
    """Put ten years into the archive of a directory, in the partitions and at the offsets at which Kafka would have them."""
    began, records = time.monotonic(), said(YEARS * BEDS, YEARS * DEMAND)
    offsets: defaultdict[tuple[bool, int], int] = defaultdict(int)
    with ParquetLog(directory.archive("beds")) as beds, ParquetLog(directory.archive("demand")) as asked:
        while chunk := list(islice(records, _ARCHIVED_AT_ONCE)):
            of: defaultdict[tuple[bool, int], list[MadeRecord]] = defaultdict(list)
            for at, event in chunk:
                key = key_of(event).encode()
                place = isinstance(event.data, e.DEMAND_EVENTS), partition_of(key, PARTITIONS)
                of[place].append(MadeRecord(offsets[place], at, key, encode(event)))
                offsets[place] += 1
            for (demand, partition), made in of.items():
                (asked if demand else beds).append(partition, made)
    stage.say(f"{YEARS * (BEDS + DEMAND):,} events put away in {time.monotonic() - began:.0f} s")


def said(most_beds: int, most_demand: int) -> Iterator[tuple[int, e.Event]]:
    """Yield what a country says, and each of its searches again under other names, until there is enough of both."""
    beds, demand = 0, 0
    for logged in Simulation(7, start_of_year(BEGINS)).until(start_of_year(_ENDS)):
        if isinstance(logged.event.data, e.DEMAND_EVENTS):
            for copy in _copies(logged):
                if demand < most_demand:
                    demand += 1
                    yield logged.at, copy
        elif beds < most_beds:
            beds += 1
            yield logged.at, logged.event
        elif demand >= most_demand:
            return


def _copies(logged: LoggedEvent) -> Iterator[e.Event]:
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
