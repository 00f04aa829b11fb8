"""`plek verify`: every byte that is kept, against the log."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Annotated

import typer

from services.adapters.clock import seconds
from services.adapters.log_reader import Log
from services.adapters.settings import Settings
from services.adapters.topics import Topics
from services.adapters.view.keys import Keys, demand
from services.adapters.view.redis_fence import RedisFence
from services.adapters.view.redis_view import RedisDemandView, RedisView
from services.commands.bar import bar
from services.commands.data import Data, World, where
from services.commands.partitions import chosen
from services.commands.target import reaching, settings_of, wire_of
from services.processor.beds import BedFold
from services.processor.demand import DemandFold
from services.processor.partition import Fold
from services.processor.verify import Compared, Difference, Verifier

# One partition of a large country is read in one script
_LOAD_S = 60.0

Partitions = Annotated[list[int] | None, typer.Option("--partition", help="This one only; repeat for more.", show_default="all")]


def run(partition: Partitions = None, data: Data = None, world: World = None) -> None:
    """Fold the log anew in this process, of beds and of demand, and compare every byte that the view keeps; also while events arrive.

    Prints `0 differences`, or each of them with its key in Redis and exit code 1: ids and numbers only.
    """
    settings = settings_of(where(data, world), "kafka", "redis")
    numbers = chosen(settings, partition)
    began = seconds()
    with reaching():
        compared = asyncio.run(_compare(settings, numbers))
    for line in report(settings.prefix, compared, seconds() - began):
        typer.echo(line)
    if any(each.differences for each in compared):
        raise typer.Exit(1)


def report(prefix: str, compared: list[Compared], took_s: float) -> list[str]:
    """Write what came of it: a line for each difference, a line for what is worth saying, and one for all."""
    lines = [_told(_prefix(prefix, each), difference) for each in compared for difference in each.differences]
    what = f"{len(lines):,} difference{'' if len(lines) == 1 else 's'}"
    lines += [f"partition {each.partition} of {each.topic}: {each.note}" for each in compared if each.note]
    records = sum(each.records for each in compared)
    return [*lines, f"{what}: {records:,} records folded anew, {len(compared)} partitions compared, {took_s:.1f} s"]


def _prefix(prefix: str, compared: Compared) -> str:
    return demand(prefix) if compared.topic == "demand" else prefix


def _told(prefix: str, found: Difference) -> str:
    key = getattr(Keys(prefix, found.partition), found.where)
    return f"{key} {found.name}: {found.how}" if found.name else f"{key}: {found.how}"


async def _compare(settings: Settings, numbers: list[int]) -> list[Compared]:
    wire, place = wire_of(settings), (settings.redis, settings.prefix, settings.partitions, _LOAD_S)
    folds: list[tuple[Fold, RedisFence]] = [
        (BedFold(wire, settings.limits), RedisView(*place)),
        (DemandFold(wire), RedisDemandView(*place)),
    ]
    async with AsyncExitStack() as stack:
        verifiers = []
        for fold, view in folds:
            stack.push_async_callback(view.close)
            log = await stack.enter_async_context(Log(settings.brokers, Topics(settings.prefix).truth(fold.topic)))
            verifiers.append(Verifier(fold, view, log))
        total = sum([await _records(view, numbers) for _, view in folds])
        advance = stack.enter_context(bar("Folding the log", total))
        return [await replace(verifier, advance=advance).compare(number) for verifier in verifiers for number in numbers]


async def _records(view: RedisFence, numbers: list[int]) -> int:
    """Guess how many records there are to fold, for the bar: a log that does not begin at 0 has fewer."""
    return sum(position.offset + 1 for number, position in (await view.positions()).items() if number in numbers)
