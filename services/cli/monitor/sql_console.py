"""Questions in SQL to a database of all there is, for an operator of this machine.

Opening it is an audit entry. A simulated country has no person to protect, and no entry.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import typer
from rich.console import Console

from services.adapters.datasets import dataset_label
from services.cli.monitor.figure_source import open_figures
from services.cli.output.tables import plain_table
from services.local.user_error import UserError
from services.monitor import sql_database


def answer_questions(data: Path | None, world: str | None, question: str | None) -> None:
    """Print the answer to a question, or to each line that is typed. Raises UserError for one question that can't be answered."""
    with open_figures(data, world, happening="log-opened") as source:
        settings = source.settings
        if settings.world != "live":
            typer.echo(f"{settings.prefix}: {dataset_label(settings.world)}", err=True)
        with sql_database.open_database(source.store) as database:
            for sql in [question] if question else _typed_lines():
                _answer(database, sql, is_only=question is not None)


def _answer(database: duckdb.DuckDBPyConnection, sql: str, *, is_only: bool) -> None:
    try:
        columns, rows = sql_database.run_query(database, sql)
    except duckdb.Error as error:
        message = str(error).partition("\n")[0]
        if is_only:
            raise UserError(message, code=2) from error
        typer.echo(message, err=True)
        return
    table = plain_table(*columns)
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row))
    Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else 10_000).print(table)


def _typed_lines() -> Iterator[str]:
    """Yield each line of the input that is not empty."""
    if sys.stdin.isatty():
        typer.echo(f"Tables: {', '.join(sql_database.TABLES)}. Ctrl-D ends.", err=True)
    yield from (line for line in sys.stdin if line.strip())
