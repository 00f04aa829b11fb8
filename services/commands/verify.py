"""`plek verify`: every byte that is kept, against the log."""

import asyncio
from typing import Annotated

import typer

from services.adapters.clock import seconds
from services.adapters.log_reader import Log
from services.adapters.settings import Settings
from services.adapters.topics import Topics
from services.adapters.view.keys import Keys
from services.adapters.view.redis_view import RedisView
from services.commands.bar import bar
from services.commands.data import Data
from services.commands.partitions import chosen
from services.commands.target import reaching, settings_of, wire_of
from services.processor.verify import Compared, Difference, Verifier

# One partition of a large country is read in one script
_LOAD_S = 60.0

Partitions = Annotated[list[int] | None, typer.Option("--partition", help="This one only; repeat for more.", show_default="all")]


def run(partition: Partitions = None, data: Data = None) -> None:
    """Fold the log anew in this process, and compare every byte that the view keeps with it; also while events arrive.

    Prints `0 differences`, or each of them with its key in Redis and exit code 1: ids and numbers only.
    """
    settings = settings_of(data, "kafka", "redis")
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
    found = [difference for each in compared for difference in each.differences]
    lines = [_told(prefix, difference) for difference in found]
    lines += [f"partition {each.partition}: {each.note}" for each in compared if each.note]
    records = sum(each.records for each in compared)
    what = f"{len(found):,} difference{'' if len(found) == 1 else 's'}"
    return [*lines, f"{what}: {records:,} records folded anew, {len(compared)} partitions compared, {took_s:.1f} s"]


def _told(prefix: str, found: Difference) -> str:
    key = getattr(Keys(prefix, found.partition), found.where)
    return f"{key} {found.name}: {found.how}" if found.name else f"{key}: {found.how}"


async def _compare(settings: Settings, numbers: list[int]) -> list[Compared]:
    view = RedisView(settings.redis, settings.prefix, settings.partitions, timeout=_LOAD_S)
    try:
        async with Log(settings.brokers, Topics(settings.prefix).bed_events) as log:
            total = await _records(view, numbers)
            with bar("Folding the log", total) as advance:
                verifier = Verifier(wire_of(settings), settings.limits, view, log, advance)
                return [await verifier.compare(number) for number in numbers]
    finally:
        await view.close()


async def _records(view: RedisView, numbers: list[int]) -> int:
    """Guess how many records there are to fold, for the bar: a log that does not begin at 0 has fewer."""
    return sum(position.offset + 1 for number, position in (await view.positions()).items() if number in numbers)
