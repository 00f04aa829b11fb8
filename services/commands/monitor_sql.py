"""`plek monitor sql`: a database of what an analyst may see, or for an operator, noted in the audit log, of all there is."""

import sys
from collections.abc import Iterator
from typing import Annotated

import duckdb
import typer
from rich.console import Console
from rich.table import Table

from services.adapters.clock import now_ms
from services.adapters.worlds import told
from services.commands.data import Data, World
from services.commands.noting import noted
from services.commands.opening import opened
from services.local.trouble import Trouble
from services.monitor import sql

Sql = Annotated[str | None, typer.Argument(metavar="SQL", help="One question; without it, each line that is typed.", show_default=False)]


def run(
    question: Sql = None,
    world: World = None,
    data: Data = None,
    *,
    whole: Annotated[bool, typer.Option("--whole", help="All there is, shelters too; noted in the audit log.")] = False,
) -> None:
    """Ask in SQL: how many by region and hour, a day late. No shelter, unit or stay is in it, and no way to a file: SHOW TABLES."""
    with opened(data, world) as of:
        if whole:
            noted(of.settings, "log-opened")
        if of.settings.world != "live":
            typer.echo(f"{of.settings.prefix}: {told(of.settings.world)}", err=True)
        now = now_ms() if of.settings.world == "live" else of.until
        with sql.opened(of.store, now, whole=whole) as database:
            for asked in [question] if question else _typed():
                _answer(database, asked, alone=question is not None)


def _answer(database: duckdb.DuckDBPyConnection, asked: str, *, alone: bool) -> None:
    try:
        columns, rows = sql.asked(database, asked)
    except duckdb.Error as wrong:
        told = str(wrong).partition("\n")[0]
        if alone:
            raise Trouble(told, code=2) from wrong
        typer.echo(told, err=True)
        return
    table = Table(*columns, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row))
    Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else 10_000).print(table)


def _typed() -> Iterator[str]:
    """Yield what is typed, a line each, until the end of the input."""
    if sys.stdin.isatty():
        typer.echo(f"Tables: {', '.join(sql.TABLES)}. Ctrl-D ends.", err=True)
    for line in sys.stdin:
        if line.strip():
            yield line
