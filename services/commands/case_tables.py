"""Open cases of demand as a table: how old the list is stands first, and each with how long it is open."""

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

import typer
from rich.console import Console
from rich.table import Column, Table

from services.adapters.clock import now_ms
from services.adapters.worlds import told
from services.commands.data import where
from services.commands.desk import Onlooker, desk
from services.commands.offer_tables import clock
from services.commands.said import worker

console = Console(highlight=False)


def listed(by: Onlooker, region: str | None, path: str, name: str, columns: tuple[str, ...], *, as_json: bool) -> None:
    """Ask for the open cases of a worker's regions, or of one, and draw them. Raises Trouble."""
    with desk(replace(by, data=where(by.data, by.world)), worker(by, region)) as speaking:
        found = speaking.ask("GET", path).body
    if as_json:
        typer.echo(json.dumps(found))
    else:
        show(found, name, columns)


def show(found: dict[str, Any], name: str, columns: tuple[str, ...]) -> None:
    """Draw the cases of an answer."""
    cases = found[name]
    if world := found.get("world"):
        console.print(", at ".join(filter(None, (told(world.upper()), found["clock"]))), style="bold magenta")
    age = f"as of {clock(found['as_of'])}" if found["as_of"] else "of unknown age"
    console.print(f"{len(cases)} open, {age}{', DEGRADED: this is older than it should be' if found['degraded'] else ''}")
    if not cases:
        return
    identity = Column(columns[0], no_wrap=True)  # it is typed over into the next command: never cut off, however narrow the terminal
    others = [Column(name, overflow="fold") for name in (*columns[1:], "household", "for")]
    table = Table(identity, *others, box=None, pad_edge=False, collapse_padding=True)
    for case in cases:
        household = f"{case['adults']}+{case['children']}" if "adults" in case else ""
        table.add_row(*(str(case.get(column, "")) for column in columns), household, _for(case["occurred_at"], found.get("clock")))
    console.print(table)


def _for(instant: str | None, clock: str | None) -> str:
    """Tell how long ago an instant was, by the clock of its country."""
    if instant is None:
        return ""
    now = datetime.fromisoformat(clock).timestamp() if clock else now_ms() / 1_000
    minutes = max(0, int((now - datetime.fromisoformat(instant).timestamp()) / 60))
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h" if minutes < 2_880 else f"{minutes // 1_440} d"
