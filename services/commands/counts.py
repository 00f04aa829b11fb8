"""`plek counts`: how many places are free, of the nation and its regions, as it changes."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.live import Live
from rich.text import Text

from services.adapters.clock import now_ms
from services.adapters.regions import read_regions
from services.adapters.settings import Settings
from services.adapters.view.redis_view import RedisDemandView, RedisView
from services.adapters.view.world_view import WorldView
from services.adapters.worlds import World as Country
from services.commands.codes import check_regions
from services.commands.counting import Counted, of_looks, of_state
from services.commands.data import Data, World, where
from services.commands.picture import drawn, lived_in, tellable
from services.commands.state import address, state_from
from services.commands.target import reaching, settings_of
from services.local.running import find
from services.local.trouble import Trouble

_LOOK_S: Final = 1.0

Read = Callable[[], Awaitable[Counted]]


def run(  # noqa: PLR0913  each is an option
    region: Annotated[str | None, typer.Option(help="This region only, such as R07.", show_default="all")] = None,
    token: Annotated[str | None, typer.Option(help="Bearer token.", show_default="an operator's of the local issuer")] = None,
    api: Annotated[str | None, typer.Option(metavar="URL", help="API.", show_default="that of the instance")] = None,
    data: Data = None,
    world: World = None,
    *,
    redis: Annotated[bool, typer.Option("--redis", help="Straight from the view, past the API.")] = False,
    once: Annotated[bool, typer.Option("--once", help="Print it once and end.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: once, as JSON.")] = False,
) -> None:
    """Show how many places there are and how many are free, in the nation and its regions, until Ctrl-C.

    First how old the numbers are. No number is shown while the log is folded anew or when what is known is too old: exit code 1 then,
    with --once and --json.
    """
    if redis and (token or api):
        raise Trouble("--redis goes past the API: leave out --token and --api", code=2)
    data = where(data, world)
    settings = settings_of(data, "redis") if redis else Settings() if api and token else find(data).settings
    known = read_regions(settings.regions)
    check_regions([region] if region else [], known)

    lives = lived_in(settings, elsewhere=bool(api and token))

    async def work() -> None:
        async with AsyncExitStack() as stack:
            read = await _from_view(settings, stack) if redis else await _from_api(address(data, api, token), stack)
            if once or as_json:
                _print((await read()).of(lives).only(region), settings, as_json=as_json)
            else:
                await _live(read, region, settings, lives)

    with reaching(), suppress(KeyboardInterrupt):
        asyncio.run(work())


async def _from_view(settings: Settings, stack: AsyncExitStack) -> Read:
    place = (settings.redis, settings.prefix, settings.partitions)
    kept, demand = RedisView(*place), RedisDemandView(*place)
    for each in (kept, demand):
        stack.push_async_callback(each.close)
    view = WorldView(kept, demand)

    async def read() -> Counted:
        looks = [await view.look(number) for number in range(settings.partitions)]
        return of_looks(looks, now_ms(), settings.limits, settings.world, view.now())

    return read


async def _from_api(where: tuple[str, str], stack: AsyncExitStack) -> Read:
    ask = await state_from(where, stack)

    async def read() -> Counted:
        return of_state(await ask(), now_ms())

    return read


def _print(counted: Counted, settings: Settings, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(counted.document()))
    else:
        Console(highlight=False).print(drawn(counted, settings, read_regions(settings.regions)))
    if not tellable(counted, settings):
        raise typer.Exit(1)


async def _live(read: Read, region: str | None, settings: Settings, lives: Country) -> None:
    """Draw it every second; what is wrong for a while takes the place of the numbers."""
    regions = read_regions(settings.regions)
    with Live(console=Console(highlight=False), auto_refresh=False) as live:
        while True:
            try:
                live.update(drawn((await read()).of(lives).only(region), settings, regions), refresh=True)
            except Trouble as trouble:
                live.update(Text(str(trouble), style="bold red"), refresh=True)
            await asyncio.sleep(_LOOK_S)
