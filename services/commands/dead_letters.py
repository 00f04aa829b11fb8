"""`plek dead-letters`: what was refused, and why."""

import asyncio
import json
from collections.abc import Callable, Mapping
from contextlib import aclosing, suppress
from typing import Annotated

import typer

from services.adapters.log_reader import Ends, Log
from services.adapters.settings import Settings
from services.adapters.topics import Topics
from services.commands.data import Data, World, where
from services.commands.letters import Letter, latest, letter
from services.commands.target import reaching, settings_of

_LOOK_S = 0.5


def run(
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="The latest so many.")] = 20,
    data: Data = None,
    world: World = None,
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with those that come, until Ctrl-C.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: an object a line.")] = False,
    show_bytes: Annotated[
        bool, typer.Option("--show-bytes", help="Key and value too: they may hold anything, also what nobody should have written.")
    ] = False,
) -> None:
    """List what was refused: when, for which reason, and where it stands in its topic. Its bytes only when asked for."""
    settings = settings_of(where(data, world), "kafka")

    def show(letters: list[Letter]) -> None:
        for each in letters:
            written = json.dumps(each.document(with_bytes=show_bytes)) if as_json else each.line(with_bytes=show_bytes)
            typer.echo(written)

    with reaching(), suppress(KeyboardInterrupt):
        found = asyncio.run(_list(settings, limit, show, follow=follow))
        if not found and not as_json:
            typer.echo("No dead letters")


async def _list(settings: Settings, limit: int, show: Callable[[list[Letter]], None], *, follow: bool) -> int:
    async with Log(settings.brokers, Topics(settings.prefix).dead_letters) as log:
        ends = await log.ends(range(settings.partitions))
        since = {number: max(each.start, each.end - limit) for number, each in ends.items()}
        before = latest(await _between(log, since, ends), limit)
        show(before)
        while follow:
            await asyncio.sleep(_LOOK_S)
            since = {number: each.end for number, each in ends.items()}
            ends = await log.ends(range(settings.partitions))
            came = await _between(log, since, ends)
            show(latest(came, len(came)))
        return len(before)


async def _between(log: Log, since: Mapping[int, int], ends: Mapping[int, Ends]) -> list[Letter]:
    """Read what stands between these offsets and these ends."""
    found: list[Letter] = []
    for number, end in ends.items():
        if since[number] < end.end:
            async with aclosing(log.read(number, since[number], end.end)) as reading:
                async for records in reading:
                    found += map(letter, records)
    return found
