"""`python -m tests.interleavings.planted`: plant each bug of `found_bugs.toml` in a copy of the code, and find the first seed that sees it.

The bugs are those of tests/faults/planted, by their laws. Only runs of the kind that a bug is of are made, and counted.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from tests.faults.planted.planted_bugs import ROOT, PlantedBug, planted_bugs

_COPIED: Final = ("services", "tests", "schemas", "docs", "deploy")
_PARTS: Final = {
    "processor/": "folding",
    "client/": "sending",
    "gateway/": "intake",
    "adapters/outbox": "queueing",
    "adapters/disk_queue": "queueing",
    "adapters/durable_log": "queueing",
    "": "desks",
}
_RUNS: Final = re.compile(r"^(\d+) interleavings", re.MULTILINE)


class Found(NamedTuple):
    """The seed that notices a bug first, of how many runs, with what was wrong; None where none of them does."""

    runs: int
    why: str | None


def bugs() -> dict[str, int]:
    """Read the laws whose bugs are found, each with the seed that does."""
    table = tomllib.loads((Path(__file__).parent / "found_bugs.toml").read_text("utf-8"))
    return {bug["law"]: bug["seed"] for bug in table["bug"]}


def _kind_for(bug: PlantedBug) -> str:
    """Return the kind of run that the file of a bug is part of."""
    return next(kind for part, kind in _PARTS.items() if bug.file.startswith(f"services/{part}"))


@contextmanager
def copy_of_the_code() -> Iterator[Path]:
    """Yield a copy of the code, to plant bugs in."""
    with tempfile.TemporaryDirectory(prefix="planted-") as folder:
        for name in _COPIED:
            shutil.copytree(ROOT / name, Path(folder, name), symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
        for path in ROOT.glob("*.*"):
            if path.is_file():
                shutil.copy2(path, folder)
        yield Path(folder)


def found(bug: PlantedBug, copy: Path, first: int, runs: int) -> Found:
    """Plant a bug in a copy, run seeds until one notices it, and take the bug out again."""
    path = copy / bug.file
    whole = path.read_text("utf-8")
    path.write_text(bug.planted(whole), "utf-8")
    command = [sys.executable, "-m", "tests.interleavings", "--from", str(first), "--runs", str(runs), "--until-wrong"]
    command += ["--kind", _kind_for(bug)]
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(copy)}
    try:
        done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)
    finally:
        path.write_text(whole, "utf-8")
    ran = _RUNS.search(done.stdout)
    if ran is None:
        raise RuntimeError(done.stderr[-2_000:])
    return Found(int(ran[1]), done.stdout.splitlines()[0] if done.returncode else None)


def main() -> int:
    """Find the first seed for each bug; return how many are not found."""
    parser = argparse.ArgumentParser(prog="python -m tests.interleavings.planted", description=__doc__)
    parser.add_argument("--runs", type=int, default=400, help="how many runs at most")
    parser.add_argument("--law", help="only those whose law has this in it, also of bugs that are not listed")
    asked = parser.parse_args()
    listed, missed = bugs(), 0
    with copy_of_the_code() as copy:
        for bug in planted_bugs():
            if asked.law in bug.law if asked.law else bug.law in listed:
                started = time.monotonic()
                noticed = found(bug, copy, 0, asked.runs)
                missed += noticed.why is None
                took = f"{noticed.runs:4} runs, {time.monotonic() - started:5.1f} s"
                print(f"{'ok' if noticed.why else 'MISSED':6} {took}  {bug.law}\n{'':8}{noticed.why or bug.file}", flush=True)  # noqa: T201
    return missed


if __name__ == "__main__":
    sys.exit(min(main(), 1))
