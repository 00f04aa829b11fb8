"""`plek watch`: the country at a glance, as it lives."""

import asyncio
from contextlib import AsyncExitStack, suppress
from typing import Annotated, Final

import typer
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

from services.adapters.clock import now_ms
from services.adapters.log_port import LogUnavailableError
from services.adapters.regions import read_regions
from services.adapters.settings import Settings
from services.adapters.worlds import World as Country
from services.commands.counting import of_state
from services.commands.data import Data, World, where
from services.commands.picture import lived_in, named, tellable
from services.commands.scene import scene
from services.commands.state import ReadState, address, state_from
from services.commands.tail import Tail
from services.commands.target import reaching, settings_of
from services.local.trouble import Trouble

_LOOK_S: Final = 1.0


def run(
    token: Annotated[str | None, typer.Option(help="Bearer token.", show_default="an operator's of the local issuer")] = None,
    api: Annotated[str | None, typer.Option(metavar="URL", help="API.", show_default="that of the instance")] = None,
    data: Data = None,
    world: World = None,
    *,
    once: Annotated[bool, typer.Option("--once", help="Draw it once and end.")] = False,
) -> None:
    """Watch the areas, what is free and held in them, and what is logged, until Ctrl-C.

    First how old it is and how far behind the log. For operators: it shows shelters, as no worker may see them. With --once the exit
    code is 1 when no number may be told: while the log is folded anew, or when what is known is too old.
    """
    data = where(data, world)
    settings = settings_of(data, "kafka")
    lives = lived_in(settings, elsewhere=bool(api and token))
    with reaching(), suppress(KeyboardInterrupt):
        asyncio.run(_watch(settings, address(data, api, token), lives, once=once))


async def _watch(settings: Settings, api: tuple[str, str], lives: Country, *, once: bool) -> None:
    async with AsyncExitStack() as stack:
        watched = Watched(settings, await state_from(api, stack), stack, lives)
        if once:
            Console(highlight=False).print(await watched.look())
            if not watched.told:
                raise typer.Exit(1)
            return
        with Live(console=Console(highlight=False), auto_refresh=False) as live:
            while True:
                live.update(await watched.glance(), refresh=True)
                await asyncio.sleep(_LOOK_S)


class Watched:
    """One instance, looked at again and again. `told` says whether the last look showed numbers."""

    def __init__(self, settings: Settings, read: ReadState, stack: AsyncExitStack, lives: Country) -> None:
        self.told, self._lives = False, lives
        self._settings, self._read, self._stack = settings, read, stack
        self._regions = read_regions(settings.regions)
        self._tail: Tail | None = None

    async def glance(self) -> RenderableType:
        """Look; what is wrong for a while takes the place of the picture."""
        try:
            return await self.look()
        except Trouble as trouble:
            return Text(str(trouble), style="bold red")

    async def look(self) -> RenderableType:
        """Draw what is seen now. Raises Trouble when the API tells nothing."""
        tail = await self._followed()  # before the state, or what comes in between would count as lag
        state = await self._read()
        counted = of_state(state, now_ms()).of(self._lives)
        self.told = tellable(counted, self._settings)
        return Group(*named(counted), scene(state, counted, tail, self._settings, self._regions))

    async def _followed(self) -> Tail | None:
        """Return the end of the log, None while Kafka is away: the numbers are shown all the same."""
        try:
            if self._tail is None:
                self._tail = await Tail.of(self._settings, self._stack)
            await self._tail.look()
        except LogUnavailableError:
            return None
        return self._tail
