"""`python -m tests.attack [FLIGHTS [SEED…]]`: prints what an insider's guesses are worth, in a month of each seed's country.

`--crowd N` and `--searches N` ask what another setting would give away.
"""

import argparse
import asyncio
import tempfile
from pathlib import Path

from rich.progress import MofNCompleteColumn, Progress, TimeElapsedColumn

from services.adapters.rates import USUAL
from services.adapters.settings import Settings
from services.local.valkey import Valkey
from tests.attack.attack import Attacked, attack, ways
from tests.attack.insider import Budget

_DAYS = 30


async def _run(flights: int, seeds: list[int], crowd: int, budget: Budget) -> None:
    found = Attacked()
    with (
        tempfile.TemporaryDirectory() as folder,
        Progress(*Progress.get_default_columns(), MofNCompleteColumn(), TimeElapsedColumn()) as bar,
    ):
        task = bar.add_task("flights", total=flights * len(seeds))
        async with Valkey(Path(folder, "valkey")) as valkey:
            for seed in seeds:
                each = Path(folder, str(seed))
                await attack(
                    each, valkey.url, f"month-{seed}", seed, _DAYS, flights, ways([budget]), crowd, lambda: bar.advance(task), found
                )
                bar.print("\n".join(found.lines()))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.attack")
    parser.add_argument("flights", nargs="?", type=int, default=34)
    parser.add_argument("seeds", nargs="*", type=int, default=[7, 8, 9])
    parser.add_argument("--crowd", type=int, default=Settings.model_fields["crowd_shelters"].default)
    # All that he may at once; two hours later he may as much again
    parser.add_argument("--searches", type=int, default=USUAL["search"].per_minute)
    parser.add_argument("--names", type=int, default=USUAL["name"].per_minute)
    given = parser.parse_args()
    asyncio.run(_run(given.flights, given.seeds, given.crowd, Budget(given.searches, given.names)))
