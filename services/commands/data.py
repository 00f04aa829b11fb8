"""The options every verb has that looks at an instance, or at a world beside it."""

from pathlib import Path
from typing import Annotated

import typer

from services.adapters.settings import Settings
from services.local.worlds import place

Data = Annotated[Path | None, typer.Option("--data", help="Data directory of the instance; PLEK_DATA, else .plek.", show_default=False)]

World = Annotated[
    str | None, typer.Option("--world", metavar="NAME", help="A world beside the real country, such as sim-2023.", show_default=False)
]


def where(data: Path | None, world: str | None) -> Path | None:
    """Return the data directory of what is meant; None is that of the settings. Raises Trouble for what is no name of a world."""
    return data if world is None else place(data or Settings().data, world)
