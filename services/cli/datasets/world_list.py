"""Lists the worlds beside the real country, and removes one."""

import asyncio
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import typer

from services.adapters import rfc3339
from services.adapters.config.settings import Settings
from services.adapters.kafka.topic_admin import TopicsError
from services.adapters.kafka.topics import delete_topics, list_worlds
from services.adapters.view.dataset_view import latest
from services.cli.clients.connection import settings_of, translate_outages
from services.cli.clients.views import open_views
from services.cli.datasets.dataset_writer import DatasetWriter
from services.cli.output.tables import plain_table, print_drawing
from services.local.dataset_directory import dataset_directory
from services.local.instance.data_directory import DataDirectory
from services.local.instance.discovery import find_running
from services.local.user_error import UserError


@dataclass(frozen=True, slots=True)
class WorldRow:
    """One world: the number of records in its truth topics, its clock, and its API where it runs."""

    name: str
    world: str
    records: int
    clock: str | None
    api: str | None


def print_worlds(data: Path | None, *, as_json: bool) -> None:
    """Print the worlds of an instance. Raises UserError."""
    with _instance(data) as (settings, home):
        worlds = asyncio.run(_list(settings, home))
    if as_json:
        typer.echo(json.dumps([asdict(row) for row in worlds]))
    elif not worlds:
        typer.echo("There is no world but the real country: `plek simulate --into sim-2023` makes one")
    else:
        table = plain_table("world", "is", "records", "its clock", "API")
        for row in worlds:
            table.add_row(row.name, row.world, f"{row.records:,}", row.clock or "not folded yet", row.api or "does not run")
        print_drawing(table)


def remove_world(data: Path | None, name: str, *, yes: bool) -> None:
    """Delete a world for good; without `yes` the user is asked first. Raises UserError."""
    with _instance(data) as (settings, home):
        directory = dataset_directory(home, name)
        if name not in asyncio.run(list_worlds(settings.brokers)) and not directory.exists():
            raise UserError(f"There is no world {name}: `plek world` lists them", code=2)
        if DataDirectory(directory).is_running():
            raise UserError(f"{name} runs: end it with `plek down --world {name}`", code=2)
        if not yes:
            typer.confirm(f"The log of {name}, its view and its directory are deleted for good. Go on?", abort=True)
        asyncio.run(_delete(settings.model_copy(update={"prefix": name})))
    shutil.rmtree(directory, ignore_errors=True)
    typer.echo(f"{name} is removed")


@contextmanager
def _instance(data: Path | None) -> Iterator[tuple[Settings, Path]]:
    """Yield the settings and the data directory of an instance. Raises UserError, also for errors of its Kafka and Redis."""
    settings = settings_of(data, "kafka", "redis")
    try:
        with translate_outages():
            yield settings, data or Settings().data
    except TopicsError as error:
        raise UserError(str(error)) from error


async def _list(settings: Settings, home: Path) -> list[WorldRow]:
    return [await _describe(settings.model_copy(update={"prefix": name}), home) for name in await list_worlds(settings.brokers)]


async def _describe(settings: Settings, home: Path) -> WorldRow:
    async with open_views(settings) as views:
        clock = latest(*[await view.positions() for view in views])
    directory = dataset_directory(home, settings.prefix)
    return WorldRow(
        name=settings.prefix,
        world=settings.world,
        records=await DatasetWriter.open(settings).count_records(),
        clock=rfc3339.show_ms(clock) if clock else None,
        api=find_running(directory).api if DataDirectory(directory).is_running() else None,
    )


async def _delete(settings: Settings) -> None:
    """Delete the topics of a world, and every key with its prefix: both views."""
    await delete_topics(settings.brokers, settings.prefix)
    async with open_views(settings) as (view, _):
        await view.remove()
