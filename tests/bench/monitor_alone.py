"""Does what the monitor does with years, in a process of its own; prints seconds to archive, to build and to answer, and MiB at most.

`python -m tests.bench.monitor_alone ROOT [BOOTSTRAP PREFIX]`; without a log, with what is in the archive already.
"""

import asyncio
import resource
import sys
import time
from pathlib import Path

from services.adapters.brokers import Brokers
from services.adapters.log_reader import Log
from services.adapters.regions import read_regions
from services.adapters.topics import PARTITIONS, Topics
from services.domain.events import Need
from services.monitor.archive import Archive
from services.monitor.archiving import Archiver
from services.monitor.building import TOPICS, build
from services.monitor.days import local, year
from services.monitor.directory import Directory
from services.monitor.figures import FINDS, answer
from services.monitor.manifest import Manifest
from services.monitor.question import Household, Period, Question
from services.monitor.store import Store

_NEED = Need(kinds=(), features=(), men=0, oldest_son_age=None, security="open", services=(), languages=())
_HOUSEHOLD = Household(adults=1, children=2, need=_NEED)
_KIB = 1_024


async def archive(brokers: Brokers, prefix: str, directory: Directory) -> None:
    """Archive both topics."""
    for topic in TOPICS:
        async with Log(brokers, Topics(prefix).truth(topic)) as log:
            with Archive(directory.archive(topic)) as kept:
                await Archiver(log, kept, PARTITIONS).catch_up()


def main(root: str, *log: str) -> None:
    """Do it all, and print."""
    directory, regions, marks = Directory(Path(root)), read_regions(), [time.monotonic()]
    if log:
        asyncio.run(archive(Brokers(log[0]), log[1], directory))
    marks.append(time.monotonic())
    made = build(directory, frozenset(regions))
    marks.append(time.monotonic())
    # Who helped to build is gone when the first question comes
    building = highest() + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / _KIB
    slowest = 0.0
    with Store(directory.root, regions, simulated=True) as store:
        for name in FINDS:
            began = time.monotonic()
            answer(store, Question(figures=(name,), period=whole(made), household=_HOUSEHOLD))
            slowest = max(slowest, time.monotonic() - began)
    sys.stdout.write(f"{marks[1] - marks[0]} {marks[2] - marks[1]} {slowest} {max(building, highest())}\n")


def whole(made: Manifest) -> Period:
    """Tell from the first year to the last of what there is."""
    parts = [part for of in made.parts.values() for part in of.values()]
    first, last = min(part.first_clock for part in parts), max(part.clock for part in parts)
    return Period(year(local(first).year).start, year(local(last).year).end)


def highest() -> float:
    """Tell how many MiB this process had at its highest.

    Not by `getrusage`: it hands on what the process had that started this one, which has ten years in hand.
    """
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines())
    return int(status["VmHWM"].split()[0]) / _KIB


if __name__ == "__main__":
    main(*sys.argv[1:])
