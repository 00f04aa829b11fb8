"""`python -m tests.bench [ROW …]`: rates and latencies on this machine, as one table and one JSON file. Ratios within one run."""

import argparse
import asyncio
import json
import os
import platform
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from services.adapters.settings import Settings
from services.local.kafka import Kafka
from services.local.valkey import Valkey
from tests.bench import contest, report, rows, visible
from tests.bench.bed_log import fill
from tests.servers import settings_for

EVENTS = 500_000
ROUNDS = 3
_WIDTH = 130
ALL = (*rows.CONTESTS, "visible")


def main() -> int:
    """Run the rows that were asked for; 0 whether or not an aim is reached: a benchmark tells, it does not judge."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"one or more of {', '.join(ALL)}; all of them by default")
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--out", type=Path, default=Path(".plek-bench/results.json"))
    asked = parser.parse_args()
    if unknown := set(asked.rows) - set(ALL):
        parser.error(f"no such row: {', '.join(sorted(unknown))}")
    console = Console(stderr=True)
    results = asyncio.run(measure(asked.rows or list(ALL), asked, console))
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    asked.out.write_text(json.dumps({"machine": _machine(), "rows": [result.as_json() for result in results]}, indent=1) + "\n")
    Console(width=max(Console().width, _WIDTH)).print(report.table(results))
    console.print(f"Written to {asked.out}")
    return 0


async def measure(names: list[str], asked: argparse.Namespace, console: Console) -> list[report.Result]:
    """Start the servers, run the rows, stop the servers."""
    folder = asked.out.parent.absolute()
    results: list[report.Result] = []
    with tempfile.TemporaryDirectory(prefix="plek-bench-") as scratch:
        at = Path(scratch)
        async with Kafka(at / "kafka", Settings().cache) as kafka, Valkey(at / "valkey") as valkey:
            settings = settings_for(kafka, valkey, "bench", data=at)
            stage = rows.Stage(settings, asked.events, folder)
            contests = [rows.CONTESTS[name](stage) for name in names if name in rows.CONTESTS]
            if contests:
                started = time.monotonic()
                await fill(settings, asked.events)
                console.print(f"{asked.events:,} events written in {time.monotonic() - started:.0f} s")
            for each in contests:
                await contest.run(each, asked.rounds, valkey, folder / "logs", console.print)
                results += report.ratios(each)
            if "visible" in names:
                await valkey.wipe()
                await valkey.start()
                results += await visible.measure(kafka, valkey, folder / "logs", console.print)
    return results


def _machine() -> dict[str, Any]:
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }


if __name__ == "__main__":
    sys.exit(main())
