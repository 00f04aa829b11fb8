"""Options that say which instance, which world beside it, and which partitions a verb is about."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.local.user_error import UserError

if TYPE_CHECKING:
    from services.adapters.config.settings import Settings

Data = Annotated[
    Path | None, typer.Option("--data", is_eager=True, help="Data directory of the instance; PLEK_DATA, else .plek.", show_default=False)
]
World = Annotated[
    str | None, typer.Option("--world", metavar="NAME", help="A world beside the real country, such as sim-2023.", show_default=False)
]


def data_directory(data: Path | None, world: str | None) -> Path | None:
    """Return the data directory of the instance or of its world; None means that of the settings. Raises UserError for a wrong name."""
    from services.adapters.config.settings import Settings
    from services.local.dataset_directory import dataset_directory

    return data if world is None else dataset_directory(data or Settings().data, world)


def choose_partitions(settings: Settings, wanted: list[int] | None) -> list[int]:
    """Return the partitions that were asked for, in order; all of them when none was. Raises UserError for one that does not exist."""
    partitions = range(settings.partitions)
    missing = [partition for partition in wanted or () if partition not in partitions]
    if missing:
        raise UserError(f"There is no partition {missing[0]}: they are numbered 0 to {settings.partitions - 1}", code=2)
    return sorted(set(wanted)) if wanted else list(partitions)
