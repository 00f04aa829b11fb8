"""`python -m tests.faults.programme`: run the programme of faults, and print its report; 1 when a violation was found."""

import argparse
import asyncio
import secrets
import sys
import tempfile
from pathlib import Path

from tests.faults.programme.run import Plan, run
from tests.faults.programme.schedule import longest_freeze, make_schedule


def main() -> int:
    """Run, print, and return 1 where something was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.programme", description=__doc__)
    parser.add_argument("--minutes", type=float, default=15.0)
    parser.add_argument("--seed", type=int, default=None, help="the same seed makes the same schedule; by default one by chance")
    parser.add_argument("--rate", type=float, default=40.0, help="events a second of the senders without an outbox")
    parser.add_argument("--keep", type=Path, default=None, help="a folder for the files and logs of the run, kept afterwards")
    parser.add_argument("--schedule", action="store_true", help="print the faults, and break nothing")
    asked = parser.parse_args()
    plan = Plan(secrets.randbelow(1_000_000) if asked.seed is None else asked.seed, asked.minutes, asked.rate)
    if asked.schedule:
        seconds = plan.minutes * 60
        lines = [f"{fault}\n" for fault in make_schedule(plan.seed, seconds, longest_freeze(seconds))]
        sys.stdout.write("".join(lines))
        return 0
    sys.stdout.write(f"seed {plan.seed}: make faults SEED={plan.seed} MINUTES={plan.minutes:g} gives this schedule again\n")
    with tempfile.TemporaryDirectory(prefix="plek-faults-") as folder:
        report = asyncio.run(run(plan, asked.keep or Path(folder)))
    sys.stdout.write(report.text() + "\n")
    return 0 if report.right else 1


if __name__ == "__main__":
    sys.exit(main())
