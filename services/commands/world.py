"""`plek world`: which worlds there are beside the real country, and how one is removed."""

import asyncio
import json
import shutil
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from services.adapters import instants
from services.adapters.settings import Settings
from services.adapters.topic_admin import TopicsError
from services.adapters.topics import delete_topics, list_worlds
from services.adapters.view.port import Position
from services.adapters.view.redis_fence import RedisFence
from services.adapters.view.redis_view import RedisDemandView, RedisView
from services.adapters.view.world_view import latest
from services.commands.data import Data
from services.commands.history import History
from services.commands.target import reaching, settings_of
from services.local.instance import Instance
from services.local.running import find
from services.local.trouble import Trouble
from services.local.worlds import place


class Action(StrEnum):
    """What to do."""

    LIST = "list"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Listed:
    """One world: how many records its truth topics have, what its clock says, and its API where it runs."""

    name: str
    world: str
    records: int
    clock: str | None
    api: str | None


def run(
    action: Annotated[Action, typer.Argument(help="What to do.")] = Action.LIST,
    name: Annotated[str | None, typer.Argument(help="Which world, to remove it.")] = None,
    data: Data = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: the list.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
) -> None:
    """List the worlds beside the real country, or remove one: its log, its view and its directory, for good.

    The real country can't be removed. A world that runs is ended first, with `plek down --world NAME`.
    """
    settings = settings_of(data, "kafka", "redis")
    home = data or Settings().data
    with reaching():
        try:
            if action is Action.REMOVE:
                _remove(settings, home, name, yes=yes)
            else:
                _show(asyncio.run(_list(settings, home)), as_json=as_json)
        except TopicsError as wrong:
            raise Trouble(str(wrong)) from wrong


async def _list(settings: Settings, home: Path) -> list[Listed]:
    return [await _listed(settings.model_copy(update={"prefix": name}), home) for name in await list_worlds(settings.brokers)]


async def _listed(settings: Settings, home: Path) -> Listed:
    place_of = (settings.redis, settings.prefix, settings.partitions)
    clock = latest(*[await _stands(view) for view in (RedisView(*place_of), RedisDemandView(*place_of))])
    where = place(home, settings.prefix)
    return Listed(
        name=settings.prefix,
        world=settings.world,
        records=await History.of(settings).size(),
        clock=instants.show(clock * instants.NS_PER_MS) if clock else None,
        api=find(where).api if Instance(where).is_running() else None,
    )


async def _stands(view: RedisFence) -> dict[int, Position]:
    try:
        return await view.positions()
    finally:
        await view.close()


def _show(worlds: list[Listed], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps([asdict(each) for each in worlds]))
    elif not worlds:
        typer.echo("There is no world but the real country: `plek simulate --into sim-2023` makes one")
    else:
        table = Table("world", "is", "records", "its clock", "API", box=None, pad_edge=False)
        for each in worlds:
            table.add_row(each.name, each.world, f"{each.records:,}", each.clock or "not folded yet", each.api or "does not run")
        Console(highlight=False).print(table)


def _remove(settings: Settings, home: Path, name: str | None, *, yes: bool) -> None:
    if name is None:
        raise Trouble("Say which: plek world remove NAME", code=2)
    where = place(home, name)
    of_it = settings.model_copy(update={"prefix": name})
    if name not in asyncio.run(list_worlds(settings.brokers)) and not where.exists():
        raise Trouble(f"There is no world {name}: `plek world` lists them", code=2)
    if Instance(where).is_running():
        raise Trouble(f"{name} runs: end it with `plek down --world {name}`", code=2)
    if not yes:
        typer.confirm(f"The log of {name}, its view and its directory are deleted for good. Go on?", abort=True)
    asyncio.run(_forget(of_it))
    shutil.rmtree(where, ignore_errors=True)
    typer.echo(f"{name} is removed")


async def _forget(settings: Settings) -> None:
    await delete_topics(settings.brokers, settings.prefix)
    view = RedisView(settings.redis, settings.prefix, settings.partitions)
    try:
        await view.remove()
    finally:
        await view.close()
