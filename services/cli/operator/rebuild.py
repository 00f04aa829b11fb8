"""Deletes the view of partitions, and waits until their processor has folded the log anew."""

import asyncio
from typing import Final

import typer

from services.adapters.config.settings import Settings
from services.adapters.view.ports import Position
from services.adapters.view.redis_writer import RedisWriter
from services.cli.clients.connection import translate_outages
from services.cli.clients.views import open_views
from services.cli.output.progress import progress_bar
from services.local.user_error import UserError

_LOOK_S: Final = 0.2
# A processor looks every second, and every ten at a partition that was halted
_BEGINS_S: Final = 30.0

Positions = dict[int, Position]


def rebuild_views(settings: Settings, partitions: list[int], *, yes: bool) -> None:
    """Rebuild the views of beds and of demand; without `yes` the user is asked first. Raises UserError."""
    with translate_outages():
        asyncio.run(_rebuild(settings, partitions, yes=yes))


async def _rebuild(settings: Settings, partitions: list[int], *, yes: bool) -> None:
    async with open_views(settings) as views:
        before: list[tuple[RedisWriter, Positions]] = [(view, await view.positions()) for view in views]
        typer.echo(announcement(partitions, *(positions for _, positions in before)))
        if not yes:
            typer.confirm("Go on?", abort=True)
        for view, _ in before:
            for partition in partitions:
                await view.forget(partition)
        for view, positions in before:
            await _wait(view, partitions, positions)
        typer.echo(f"Rebuilt {_count(partitions)}: compare with `plek verify`")


def announcement(partitions: list[int], *before: Positions) -> str:
    """Return what will happen to views that have these positions."""
    offsets = [positions[partition].offset + 1 for positions in before for partition in partitions if partition in positions]
    return (
        f"The view of {_count(partitions)} will be deleted and folded anew from the log, up to offset {max(offsets, default=0):,}.\n"
        "Until that is done the API answers that it is rebuilding, and shows no number. New events are still accepted."
    )


async def _wait(view: RedisWriter, partitions: list[int], before: Positions) -> None:
    """Wait until every partition is at the end that its log had when the rebuild began."""
    done, waited = 0, 0.0
    with progress_bar("Rebuilding", _records(before, partitions)) as advance:
        while True:
            positions = await view.positions()
            if all(partition in positions and not positions[partition].rebuilding for partition in partitions):
                return
            advance(_records(positions, partitions) - done)
            done = _records(positions, partitions)
            if not any(partition in positions for partition in partitions):
                waited += _LOOK_S
            if waited > _BEGINS_S:
                raise UserError(f"No processor has begun with {_count(partitions)}: the rebuild begins when one runs")
            await asyncio.sleep(_LOOK_S)


def _records(positions: Positions, partitions: list[int]) -> int:
    return sum(positions[partition].offset + 1 for partition in partitions if partition in positions)


def _count(partitions: list[int]) -> str:
    return f"partition {partitions[0]}" if len(partitions) == 1 else f"{len(partitions)} partitions"
