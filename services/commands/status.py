"""`plek status`: what runs, where, and what it costs."""

import json
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from services.adapters.worlds import told
from services.commands.data import Data, World, where
from services.local.instance import PartStatus
from services.local.memory import bytes_of, readable
from services.local.running import find


def run(data: Data = None, world: World = None, *, as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False) -> None:
    """Show address, process, memory and state of every part; exit code 1 when nothing runs."""
    running = find(where(data, world))
    parts = [_described(part) for part in running.status.parts]
    total = sum(part["memory"] or 0 for part in parts) + (bytes_of(running.status.pid) or 0)
    world_is = running.settings.world
    if as_json:
        addresses = {"gateway": running.gateway if world_is == "live" else None, "api": running.api, "monitor": running.monitor}
        typer.echo(json.dumps({"world": world_is, "pid": running.status.pid, **addresses, "memory": total, "parts": parts}))
    else:
        if world_is != "live":
            typer.echo(f"{running.settings.prefix}: {told(world_is)}")
        Console(highlight=False).print(_table(parts))
        typer.echo(f"Memory: {readable(total)} for all of it")


def _described(part: PartStatus) -> dict[str, Any]:
    return {**asdict(part), "memory": bytes_of(part.pid)}


def _table(parts: list[dict[str, Any]]) -> Table:
    table = Table("part", "state", "address", "process", "memory", "restarts", box=None, pad_edge=False)
    for part in parts:
        table.add_row(
            part["name"], part["state"], part["address"], str(part["pid"] or "-"), readable(part["memory"]), str(part["restarts"])
        )
    return table
