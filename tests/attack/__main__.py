"""`python -m tests.attack [FLIGHTS [SEED…]]`: prints what guesses are worth, the curve of alarms, and what honest workers lose.

Of each seed a simulated month is played; FLIGHTS flights of it are guessed by each attacker. Seeds run side by side. `--days` shortens the
month, `--only TEXT` plays the attackers with that text in their names.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.attack import alarms, losses
from tests.attack.attack import Attacked, Attempt, attack, compared
from tests.attack.attempts import INSIDER, attempts
from tests.attack.guesses import rows
from tests.attack.roles import roles
from tests.attack.variants import DESIGNED
from tests.attack.workers import Worked

_CORES = 2
# More households than the simulator's country has: the alarm must not wake a coordinator in a bad month either
_LOAD = 2.0


def _play(attempt: Attempt, seed: int, days: int, number: int) -> Attacked:
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(attack(Path(folder), seed, days, number, attempt))


def _compare(seed: int, days: int, number: int) -> Attacked:
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(compared(Path(folder, "api"), seed, days, number))
        found.join(roles(Path(folder, "monitor"), seed, days, number))
        return found


def _run(flights: int, seeds: Sequence[int], days: int, only: str) -> None:
    played = [attempt for attempt in attempts() if only in attempt.name]
    with ProcessPoolExecutor(_CORES) as pool:
        honest = [[pool.submit(losses.worked, seed, days, load) for seed in seeds] for load in (1.0, _LOAD)]
        jobs = [pool.submit(_compare, seed, days, flights) for seed in seeds]
        jobs += [pool.submit(_play, attempt, seed, days, flights) for attempt in played for seed in seeds]
        usual, busy = ([job.result() for job in each] for each in honest)
        found = Attacked()
        for number, job in enumerate(jobs, start=1):
            found.join(job.result())
            if number % len(seeds) == 0:  # a row is worth having before the last one is there
                sys.stderr.write("\n".join(rows(found.guesses)) + "\n")
    _print(f"{found.shelters} shelters, {days} days of seeds {' '.join(map(str, seeds))}", *rows(found.guesses), found.timing())
    months = {name: _joined([each[name] for each in usual]) for name in usual[0]}
    weeks, asked = losses.weeks(len(seeds), days), found.asked.get(INSIDER, [])
    _print("", f"alarms, beside {len(asked)} flights of: {INSIDER}")
    _print(*alarms.rows(losses.watched(months[DESIGNED.name]), weeks, asked))
    _print("", f"the same with {_LOAD:g} times as many households")
    _print(*alarms.rows(losses.watched(_joined([each[DESIGNED.name] for each in busy])), weeks, asked))
    _print("", *losses.rows(months))


def _joined(months: Sequence[Worked]) -> Worked:
    found = Worked()
    for each in months:
        found.join(each, "")
    return found


def _print(*lines: str) -> None:
    print("\n".join(lines), flush=True)  # noqa: T201  this is what the program is for


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.attack")
    parser.add_argument("flights", nargs="?", type=int, default=10)
    parser.add_argument("seeds", nargs="*", type=int, default=[7, 8, 9])
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--only", default="")
    given = parser.parse_args()
    _run(given.flights, given.seeds, given.days, given.only)
