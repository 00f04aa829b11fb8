"""Says something of demand to the API for a worker, and tells whether it is in the log or waits for it on disk."""

from typing import Annotated, Any, Final
from uuid import uuid4

import typer

from services.adapters.regions import read_regions
from services.adapters.settings import Settings
from services.commands.desk import Desk
from services.commands.hold import DESK
from services.local.tokens import Person, Role

Key = Annotated[str | None, typer.Option(help="Of the same command that had no answer.", show_default="a new one")]
Region = Annotated[str | None, typer.Option(metavar="R07", help="Region of your desk.", show_default="the first of the region file")]
Json = Annotated[bool, typer.Option("--json", help="For programs: as JSON.")]

_STANDS: Final = {"logged": "Logged", "queued": "Queued: the log is away, it goes there by itself"}


def worker(who: str, region: str | None = None) -> Person:
    """Return the worker of a desk: of this region, or of all where none is said."""
    regions = (region,) if region else tuple(sorted(read_regions(Settings().regions)))
    return Person(role=Role.WORKER, subject=who, desk=DESK, regions=regions)


def home(region: str | None, token: str | None) -> str | None:
    """Return the region a worker speaks for; None where her token says it."""
    return region or (None if token else min(read_regions(Settings().regions)))


def say(speaking: Desk, path: str, body: dict[str, Any], key: str | None) -> dict[str, Any]:
    """Say it, once for each key. Raises Trouble."""
    key = key or str(uuid4())
    again = f"the same command with --key {key} logs it once"
    return speaking.ask("POST", path, body, key=key, expected=(200, 201, 202), again=again).body


def stands(answer: dict[str, Any], name: str) -> str:
    """Write where it stands, and its id."""
    return f"{_STANDS[answer['status']]}: {name} {answer[name]}"
