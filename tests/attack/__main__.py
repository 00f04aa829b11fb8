"""`python -m tests.attack [FLIGHTS [SEED…]]`: prints what an insider's guesses are worth, in a month of each seed's country.

`--crowd N`, `--alike N`, `--searches N` and `--names N` ask what another setting would give away; `--flight N` plays one flight of each
seed alone, and its answers are those that it has among all.
"""

import argparse
import asyncio
import tempfile
from pathlib import Path

from rich.progress import MofNCompleteColumn, Progress, TimeElapsedColumn

from services.adapters.rates import USUAL, Rate
from services.domain.crowd import Least
from services.local.valkey import Valkey
from tests.attack.attack import Attacked, attack, ways
from tests.attack.insider import Budget
from tests.attack.served import LEAST

_DAYS = 30


async def _run(flights: int, seeds: list[int], least: Least, budget: Budget, only: int | None) -> None:
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
                    each, valkey.url, f"month-{seed}", seed, _DAYS, flights, ways([budget]), least, lambda: bar.advance(task), found, only
                )
                bar.print("\n".join(found.lines()))


def _patient(rate: Rate) -> list[int]:
    """Tell what he may who begins an hour early, and asks all he may in the hour before; and two hours later again."""
    hourly = rate.per_hour or rate.per_minute * 60
    return [rate.per_minute + hourly, min(rate.per_minute, 2 * hourly)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.attack")
    parser.add_argument("flights", nargs="?", type=int, default=34)
    parser.add_argument("seeds", nargs="*", type=int, default=[7, 8, 9])
    parser.add_argument("--crowd", type=int, default=LEAST.answer)
    parser.add_argument("--alike", type=int, default=LEAST.place)
    parser.add_argument("--searches", type=int, nargs=2, default=_patient(USUAL["search"]), metavar=("BEFORE", "AFTER"))
    parser.add_argument("--names", type=int, nargs=2, default=_patient(USUAL["name"]), metavar=("BEFORE", "AFTER"))
    parser.add_argument("--flight", type=int, help="the flight of this number alone, of each seed")
    given = parser.parse_args()
    before, after = zip(given.searches, given.names, strict=True)
    asyncio.run(_run(given.flights, given.seeds, Least(given.crowd, given.alike), Budget(*before, Budget(*after)), given.flight))
