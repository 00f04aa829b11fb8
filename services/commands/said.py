"""Says something of demand to the API for a worker, and tells whether it is in the log or waits for it on disk."""

import json
from dataclasses import dataclass
from typing import Annotated, Any, Final
from uuid import uuid4

import typer

from services.adapters.regions import read_regions
from services.adapters.settings import Settings
from services.commands import desk
from services.commands.desk import Speaker
from services.local.tokens import Person

Key = Annotated[str | None, typer.Option(help="Of the same command that had no answer.", show_default="a new one")]
Region = Annotated[str | None, typer.Option(metavar="R07", help="Region of your desk.", show_default="the first of the region file")]
Json = Annotated[bool, typer.Option("--json", help="For programs: as JSON.")]

_STANDS: Final = {
    "logged": "Logged",
    "queued": "Queued: the log is away, it goes there by itself",
    "unchanged": "Nothing has changed, it had ended already",
}


@dataclass(frozen=True, kw_only=True)
class Sayer(Speaker):
    """A worker who says something of demand, and how it is told that it was taken."""

    key: Key = None
    as_json: Json = False


def worker(by: Speaker, region: str | None = None) -> Person:
    """Return the worker of a desk: of this region, or of all where none is said."""
    return desk.worker(by, *((region,) if region else sorted(read_regions(Settings().regions))))


def home(region: str | None, by: Speaker) -> str | None:
    """Return the region a worker speaks for; None where her token says it."""
    return region or (None if by.token else min(read_regions(Settings().regions)))


def say(by: Sayer, name: str, path: str, body: dict[str, Any], region: str | None = None, taken: str | None = None) -> None:
    """Say it, once for each key, and tell where the case of this name stands, and what was taken for granted. Raises Trouble."""
    key = by.key or str(uuid4())
    again = f"the same command with --key {key} logs it once"
    with desk.desk(by, worker(by, region)) as speaking:
        answer = speaking.ask("POST", path, body, key=key, expected=(200, 201, 202), again=again).body
    if by.as_json:
        typer.echo(json.dumps(answer))
        return
    typer.echo(f"{_STANDS[answer['status']]}: {name} {answer[name]}")
    if answer.get("evidence") == "unavailable":
        typer.echo("What was free at that instant could not be known")
    if taken:
        typer.echo(taken, err=True)
