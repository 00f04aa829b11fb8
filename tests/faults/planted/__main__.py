"""`make planted`: plant each bug in a copy of the code, run the fast tests of its room, and print which test noticed it, and when.

Ends with 1 where a bug was not noticed. `make planted ROOM=gateway` plants those of one room, `WITHIN=200` waits longer than a minute, on a
machine that does something else beside it.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Final

from tests.faults.planted.planted_bugs import ROOT, PlantedBug, planted_bugs

_MINUTE_S: Final = 60.0
_AT_ONCE: Final = 2
_COPIED: Final = ("services", "tests", "schemas", "docs", "deploy")
_NOTICED: Final = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)
# pytest: some tests failed, or could not be collected
_FAILED: Final = frozenset({1, 2})


@contextmanager
def _copies(number: int) -> Iterator["SimpleQueue[Path]"]:
    """Yield so many copies of the code."""
    free: SimpleQueue[Path] = SimpleQueue()
    with tempfile.TemporaryDirectory(prefix="planted-") as folder:
        for each in range(number):
            copy = Path(folder, str(each))
            copy.mkdir()
            for name in _COPIED:
                shutil.copytree(ROOT / name, copy / name, symlinks=True)
            for path in ROOT.glob("*.*"):
                if path.is_file():
                    shutil.copy2(path, copy / path.name)
            free.put(copy)
        yield free


def _noticed(bug: PlantedBug, copy: Path, within_s: float) -> tuple[str | None, float]:
    """Plant a bug in a copy and take it out again; return the test that noticed it, or None, and how long that took."""
    path = copy / bug.file
    whole = path.read_bytes()
    path.write_text(bug.planted(whole.decode()), "utf-8")
    # No bytecode of a planted bug may be left for the next one
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(copy)}
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--no-header", "--tb=no", "-p", "no:cacheprovider", "-m", "not e2e and not long"]
    started = time.monotonic()
    try:
        tests = [f"tests/{each}" for each in bug.tests]
        done = subprocess.run([*command, *tests], cwd=copy, env=environment, capture_output=True, text=True, timeout=within_s, check=False)
    except subprocess.TimeoutExpired:
        return None, time.monotonic() - started
    finally:
        shutil.copy2(ROOT / bug.file, path)
    first = _NOTICED.search(done.stdout)
    return (first[1] if first else "the run") if done.returncode in _FAILED else None, time.monotonic() - started


def main(room: str, within_s: float) -> int:
    """Plant every bug, or those of a room; return how many were not noticed."""
    bugs = [bug for bug in planted_bugs() if not room or bug.room == room]
    missed = 0
    with _copies(_AT_ONCE) as free, ThreadPoolExecutor(_AT_ONCE) as pool:

        def run(bug: PlantedBug) -> tuple[str | None, float]:
            copy = free.get()
            try:
                return _noticed(bug, copy, within_s)
            finally:
                free.put(copy)

        for bug, (test, took) in zip(bugs, pool.map(run, bugs), strict=True):
            missed += test is None
            print(f"{'ok' if test else 'MISSED':6} {took:5.1f} s  {bug.room:9}  {bug.law}\n{'':18}{test or bug.file}", flush=True)  # noqa: T201
    print(f"{len(bugs)} planted, {len(bugs) - missed} noticed, {missed} missed")  # noqa: T201
    return missed


if __name__ == "__main__":
    sys.exit(min(main(os.environ.get("ROOM", ""), float(os.environ.get("WITHIN") or _MINUTE_S)), 1))
