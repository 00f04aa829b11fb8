"""`plek rebuild`: the view of a partition is forgotten, and its processor folds the log anew."""

import asyncio
from typing import Annotated, Final

import typer

from services.adapters.settings import Settings
from services.adapters.view.port import Position
from services.adapters.view.redis_fence import RedisFence
from services.adapters.view.redis_view import RedisDemandView, RedisView
from services.commands.bar import Advance, bar
from services.commands.data import Data, World, where
from services.commands.partitions import chosen
from services.commands.target import reaching, settings_of
from services.local.trouble import Trouble

_LOOK_S: Final = 0.2
# A processor looks every second, and every ten at a partition that was halted
_BEGINS_S: Final = 30.0

Partitions = Annotated[list[int] | None, typer.Option("--partition", help="This one; repeat for more.", show_default=False)]


def run(
    partition: Partitions = None,
    data: Data = None,
    world: World = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Every partition.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
) -> None:
    """Forget the view of some partitions, or of all, so that their processor folds the log anew, of beds and of demand; wait for it.

    For a partition that stands still because its view does not fit its log. Meanwhile the API says that it is rebuilding, and names no
    number. Nothing is lost: the log is the truth. No dead letter is sent twice.
    """
    if everything == bool(partition):
        raise Trouble("Say which: --partition N, once or more, or --all", code=2)
    settings = settings_of(where(data, world), "redis")
    numbers = chosen(settings, partition)
    with reaching():
        asyncio.run(_rebuild(settings, numbers, yes=yes))


async def _rebuild(settings: Settings, numbers: list[int], *, yes: bool) -> None:
    place = (settings.redis, settings.prefix, settings.partitions)
    views: list[RedisFence] = [RedisView(*place), RedisDemandView(*place)]
    try:
        before = [await view.positions() for view in views]
        typer.echo(announced(numbers, *before))
        if not yes:
            typer.confirm("Go on?", abort=True)
        for view in views:
            for number in numbers:
                await view.forget(number)
        for view, positions in zip(views, before, strict=True):
            await _wait(view, numbers, positions)
        typer.echo(f"Rebuilt {_partitions(numbers)}: compare with `plek verify`")
    finally:
        for view in views:
            await view.close()


def announced(numbers: list[int], *before: dict[int, Position]) -> str:
    """Say what will happen to views that stand where they do."""
    offsets = [positions[number].offset + 1 for positions in before for number in numbers if number in positions]
    return (
        f"The view of {_partitions(numbers)} will be forgotten and folded anew from the log, up to offset {max(offsets, default=0):,}.\n"
        "Until that is done the API says that it is rebuilding, and nobody sees a number. Events go on to be taken in."
    )


async def _wait(view: RedisFence, numbers: list[int], before: dict[int, Position]) -> None:
    """Wait until every partition is at the end of its log that was seen when its rebuild began."""
    done, waited = 0, 0.0
    with bar("Rebuilding", sum(before[number].offset + 1 for number in numbers if number in before)) as advance:
        while not _all_done(positions := await view.positions(), numbers):
            done = _show(advance, positions, numbers, done)
            if not any(number in positions for number in numbers):
                waited += _LOOK_S
            if waited > _BEGINS_S:
                raise Trouble(f"No processor has taken up {_partitions(numbers)}: the rebuild begins when one runs")
            await asyncio.sleep(_LOOK_S)


def _all_done(positions: dict[int, Position], numbers: list[int]) -> bool:
    return all(number in positions and not positions[number].rebuilding for number in numbers)


def _show(advance: Advance, positions: dict[int, Position], numbers: list[int], done: int) -> int:
    now = sum(positions[number].offset + 1 for number in numbers if number in positions)
    advance(now - done)
    return now


def _partitions(numbers: list[int]) -> str:
    return f"partition {numbers[0]}" if len(numbers) == 1 else f"{len(numbers)} partitions"
