"""Does what the monitor does with years, in a process of its own; prints seconds to archive, to build and to answer, and MiB at most.

`python -m tests.bench.monitor_alone ROOT [BOOTSTRAP PREFIX]`; without a log, with what is in the archive already.
"""

import asyncio
import resource
import sys
import time
from pathlib import Path

from services.adapters.checkpoints.truth_log import TruthLog
from services.adapters.config.kafka_connection import KafkaConnection
from services.adapters.kafka.topics import PARTITIONS, Topics
from services.adapters.regions import read_regions
from services.domain.events.catalog import Need
from services.monitor.archive.ingest import Archiver
from services.monitor.archive.parquet_log import ParquetLog
from services.monitor.archive.paths import MonitorPaths
from services.monitor.dutch_calendar import local, year
from services.monitor.figures.evaluate import CALCULATORS, answer
from services.monitor.intervals.builder import TOPICS, build
from services.monitor.intervals.manifest import Manifest
from services.monitor.intervals.table_store import TableStore
from services.monitor.query import Household, Period, Query

_NEED = Need(kinds=(), features=(), men=0, oldest_son_age=None, security="open", services=(), languages=())
_HOUSEHOLD = Household(adults=1, children=2, need=_NEED)
_KIB = 1_024


async def archive(brokers: KafkaConnection, prefix: str, directory: MonitorPaths) -> None:
    """Archive both topics."""
    for topic in TOPICS:
        async with TruthLog(brokers, Topics(prefix), topic) as log:
            with ParquetLog(directory.archive(topic)) as kept:
                await Archiver(log, kept, PARTITIONS).catch_up()


def main(root: str, *log: str) -> None:
    """Do it all, and print."""
    directory, regions, marks = MonitorPaths(Path(root)), read_regions(), [time.monotonic()]
    if log:
        asyncio.run(archive(KafkaConnection(log[0]), log[1], directory))
    marks.append(time.monotonic())
    made = build(directory, frozenset(regions))
    marks.append(time.monotonic())
    # Who helped to build is gone when the first question comes
    building = highest() + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / _KIB
    slowest = 0.0
    store = TableStore(directory.root, regions, simulated=True)
    for name in CALCULATORS:
        began = time.monotonic()
        answer(store, Query(figures=(name,), period=whole(made), household=_HOUSEHOLD))
        slowest = max(slowest, time.monotonic() - began)
    sys.stdout.write(f"{marks[1] - marks[0]} {marks[2] - marks[1]} {slowest} {max(building, highest())}\n")


def whole(made: Manifest) -> Period:
    """Return the period from the first to the last year of the tables."""
    parts = [part for of in made.parts.values() for part in of.values()]
    first, last = min(part.first_clock for part in parts), max(part.clock for part in parts)
    return Period(year(local(first).year).start, year(local(last).year).end)


def highest() -> float:
    """Return how many MiB this process had at its highest.

    Not by `getrusage`: it counts in what the process had that started this one, which holds ten years.
    """
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines())
    return int(status["VmHWM"].split()[0]) / _KIB


if __name__ == "__main__":
    main(*sys.argv[1:])
