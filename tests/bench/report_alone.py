"""Makes a first year report as `plek monitor report` does, in a process of its own; prints seconds and MiB at most.

`python -m tests.bench.report_alone ROOT BOOTSTRAP PREFIX YEAR`: from the log in Kafka to the page, with nothing there before.
"""

import asyncio
import resource
import sys
import time
from pathlib import Path

from services.adapters.config.kafka_connection import KafkaConnection
from services.adapters.regions import read_regions
from services.monitor.archive.paths import MonitorPaths
from services.monitor.figures.evaluate import answer
from services.monitor.intervals.builder import build
from services.monitor.intervals.table_store import TableStore
from services.monitor.report.html_page import page
from services.monitor.report.queries import ask_all
from tests.bench.monitor_alone import archive, highest

_KIB = 1_024


def main(root: str, bootstrap: str, prefix: str, year: str) -> None:
    """Do it all, and print."""
    began, directory, regions = time.monotonic(), MonitorPaths(Path(root)), read_regions()
    asyncio.run(archive(KafkaConnection(bootstrap), prefix, directory))
    build(directory, frozenset(regions))
    # Who helped to build is gone when the first question comes
    building = highest() + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / _KIB
    store = TableStore(directory.root, regions, simulated=True)
    (directory.root / "report.html").write_text(page(ask_all(lambda query: answer(store, query), int(year)), regions, int(year)), "utf-8")
    processor = sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    sys.stdout.write(f"{time.monotonic() - began} {processor} {max(building, highest())}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
