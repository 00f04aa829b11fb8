"""`plek up`: everything on this machine, one command, no container engine."""

import contextlib
from pathlib import Path
from typing import Annotated

import typer

from services.adapters.settings import Settings
from services.commands.data import World
from services.local.trouble import Trouble
from services.local.up import up
from services.local.worlds import up_world

_MOST_WORKERS = 64


def run(
    data: Annotated[
        Path | None, typer.Option("--data", help="Keep everything of this instance here; PLEK_DATA, else .plek.", show_default=False)
    ] = None,
    world: World = None,
    workers: Annotated[int, typer.Option(min=1, max=_MOST_WORKERS, help="How many processors share the partitions.")] = 1,
    *,
    demo: Annotated[bool, typer.Option("--demo", help="Let a simulated country live in it, a day a minute.")] = False,
) -> None:
    """Start Kafka, Valkey and every service on this machine, and stay until Ctrl-C.

    Ports are chosen free and kept from start to start; data stays in .plek. Several instances run side by side, each with its own --data.
    PLEK_KAFKA, PLEK_REDIS and PLEK_ISSUER name your own instead of starting one.

    With --world a country that is simulated or imported is started instead, beside the real one where that runs: it is read at its own
    clock, and nothing is sent to it.
    """
    settings = Settings() if data is None else Settings(data=data)
    if workers > settings.partitions:
        raise Trouble(f"{workers} workers can't share {settings.partitions} partitions: some would have nothing to do", code=2)
    if world is None:
        up(settings, workers, _say, demo=demo)
    elif demo:
        raise Trouble("--demo plays into the real country: leave out --world", code=2)
    else:
        up_world(settings, world, workers, _say)


def _say(line: str) -> None:
    # A reader that has gone away (`plek up | head`) or a full disk (`plek up > file`) is no reason to leave parts unwatched
    with contextlib.suppress(OSError):
        typer.echo(line)
