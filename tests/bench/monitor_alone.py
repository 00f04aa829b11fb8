"""Does what the monitor does with a year, in a process of its own, and prints seconds to archive, to build, to answer, and MiB at most.

`python -m tests.bench.monitor_alone BOOTSTRAP PREFIX ROOT`
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
from services.monitor.days import year
from services.monitor.directory import Directory
from services.monitor.figures import FINDS, answer
from services.monitor.question import Household, Question
from services.monitor.store import Store

_NEED = Need(kinds=(), features=(), men=0, oldest_son_age=None, security="open", services=(), languages=())
_HOUSEHOLD = Household(adults=1, children=2, need=_NEED)


async def archive(brokers: Brokers, prefix: str, directory: Directory) -> None:
    """Archive both topics."""
    for topic in TOPICS:
        async with Log(brokers, Topics(prefix).truth(topic)) as log:
            with Archive(directory.archive(topic)) as kept:
                await Archiver(log, kept, PARTITIONS).catch_up()


def main(bootstrap: str, prefix: str, root: str) -> None:
    """Do it all, and print."""
    directory, regions, marks = Directory(Path(root)), read_regions(), [time.monotonic()]
    asyncio.run(archive(Brokers(bootstrap), prefix, directory))
    marks.append(time.monotonic())
    build(directory, frozenset(regions))
    marks.append(time.monotonic())
    slowest = 0.0
    with Store(directory.root, regions, simulated=True) as store:
        for name in FINDS:
            began = time.monotonic()
            answer(store, Question(figures=(name,), period=year(2023), household=_HOUSEHOLD))
            slowest = max(slowest, time.monotonic() - began)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024
    sys.stdout.write(f"{marks[1] - marks[0]} {marks[2] - marks[1]} {slowest} {memory}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
