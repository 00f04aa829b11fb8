"""`python -m tests.bench [ROW …]`: rates and latencies on this machine, as one table and one JSON file. Ratios within one run.

A row that is measured alone takes its place among the others in the file.
"""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from services.adapters.clock import now_ms
from services.adapters.observability.gc_tuning import freeze_gc
from tests.bench import report
from tests.bench.menu import ROWS
from tests.bench.results import Results
from tests.bench.stage import staged
from tests.servers import Service

EVENTS = 500_000
ROUNDS = 3
_WIDTH = 130


def main() -> int:
    """Run the rows that were asked for; 0 whether or not an aim is reached: a benchmark measures and does not judge."""
    Service.forks = False
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"one or more of {', '.join(ROWS)}; all of them by default")
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--out", type=Path, default=Path(".plek-bench/results.json"))
    parser.add_argument("--note", default="", help="what must be known of how it was measured")
    parser.add_argument("--page", type=Path, metavar="FOLDER", help="keep what stands in the file there too, and as a page")
    asked = parser.parse_args()
    if unknown := set(asked.rows) - set(ROWS):
        parser.error(f"no such row: {', '.join(sorted(unknown))}")
    console = Console(stderr=True)
    freeze_gc()  # a pause of the one who measures would be taken for one of what is measured
    found = asyncio.run(measure(asked.rows or list(ROWS), asked, console))
    Console(width=max(Console().width, _WIDTH)).print(report.table(found))
    console.print(f"Written to {asked.out}")
    return 0


async def measure(names: list[str], asked: argparse.Namespace, console: Console) -> list[report.Result]:
    """Run the rows, and write down each when it is done."""
    folder, found = asked.out.parent.absolute(), list[report.Result]()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="plek-bench-") as scratch:
        stage = {"events": asked.events, "rounds": asked.rounds, "folder": folder, "scratch": Path(scratch), "say": console.print}
        for name in names:
            # Each row has servers of its own: what one leaves behind is no burden to the next
            async with staged(**stage) as made:
                results = await ROWS[name](made)
            found += results
            written = Results.read(asked.out).put(name, now_ms(), results, asked.note)
            written.write(asked.out)
            if asked.page:
                written.publish(asked.page)
    return found


if __name__ == "__main__":
    sys.exit(main())
