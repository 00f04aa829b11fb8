"""Lists the dead letters of the topic, and follows it."""

import asyncio
import json
from collections.abc import Callable, Mapping
from contextlib import aclosing, suppress
from typing import Final

import typer

from services.adapters.config.settings import Settings
from services.adapters.kafka.dead_letter_reader import Letter, latest, read_letter
from services.adapters.kafka.log_reader import Ends, Log
from services.adapters.kafka.topics import Topics
from services.cli.clients.connection import translate_outages

_LOOK_S: Final = 0.5


def list_dead_letters(settings: Settings, limit: int, *, follow: bool, as_json: bool, show_bytes: bool) -> None:
    """Print the latest dead letters, and with `follow` new ones until Ctrl-C. Raises UserError."""

    def show(letters: list[Letter]) -> None:
        for letter in letters:
            typer.echo(json.dumps(letter.document(with_bytes=show_bytes)) if as_json else letter.line(with_bytes=show_bytes))

    with translate_outages(), suppress(KeyboardInterrupt):
        shown = asyncio.run(_list(settings, limit, show, follow=follow))
        if not shown and not as_json:
            typer.echo("No dead letters")


async def _list(settings: Settings, limit: int, show: Callable[[list[Letter]], None], *, follow: bool) -> int:
    async with Log(settings.brokers, Topics(settings.prefix).dead_letters) as log:
        ends = await log.ends(range(settings.partitions))
        starts = {partition: max(bounds.start, bounds.end - limit) for partition, bounds in ends.items()}
        first = latest(await _read(log, starts, ends), limit)
        show(first)
        while follow:
            await asyncio.sleep(_LOOK_S)
            starts = {partition: bounds.end for partition, bounds in ends.items()}
            ends = await log.ends(range(settings.partitions))
            new = await _read(log, starts, ends)
            show(latest(new, len(new)))
        return len(first)


async def _read(log: Log, starts: Mapping[int, int], ends: Mapping[int, Ends]) -> list[Letter]:
    letters: list[Letter] = []
    for partition, bounds in ends.items():
        if starts[partition] < bounds.end:
            async with aclosing(log.read(partition, starts[partition], bounds.end)) as batches:
                async for records in batches:
                    letters += map(read_letter, records)
    return letters
