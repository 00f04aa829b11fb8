"""A database for free SQL: what an analyst may see, in tables of its own, with nothing else within reach.

Guarantees: of a region and kind it has counts, by the hour and a day late; no shelter, unit, stay, hold, search, fallback or entry. The
files it was made of can't be opened from it. The whole database has the interval tables and the archive itself, for an operator.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import duckdb

from services.domain.durations import DAY_MS
from services.monitor.archive.parquet_log import files
from services.monitor.intervals.builder import TOPICS
from services.monitor.intervals.table_store import TableStore
from services.monitor.sql_files import statements

_DELAY_MS: Final = DAY_MS

# SHOW, DESCRIBE and SUMMARIZE are SELECTs to DuckDB. Any other statement would change what is only a copy; EXPLAIN ANALYZE runs anything
_ALLOWED: Final = (duckdb.StatementType.SELECT,)
_SQL: Final = statements(__name__)

TABLES: Final[dict[str, str]] = {
    "places": "units of a region by kind, overflow and state, from an hour to the next that changes it; with their beds and persons",
    "waiting": "open entries of waiting lists by region and kind, from an hour to the next that changes it",
    "stays_ended": "stays that ended, by hour, region, kind and destination; with the nights of all of them together",
    "holds": "requests to hold a place by hour, region, outcome and reason",
    "searches": "searches by hour, region and outcome",
    "fallbacks": "fallbacks by hour, region, accommodation, reason and outcome; with their adults and children",
}
"""The tables of an analyst, and what is in them."""


def tables_named(sql: str) -> tuple[str, ...]:
    """Return which of an analyst's tables a statement names: what the audit log records of it."""
    words = set(re.findall("[a-z_]+", sql.lower()))
    return tuple(sorted(words & TABLES.keys()))


@contextmanager
def open_database(store: TableStore, now: int, *, whole: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the database as it may be seen at `now` (ms); `whole` for an operator, once that is in the audit log."""
    with store.connect() as database:
        if whole:
            _add_archive(store, database)
            # The views read their files at each query, so those stay within reach, and nothing else
            database.execute("SET allowed_directories = [$1]", [str(store.directory.root)])
            _lock(database)
            yield database
            return
        database.execute(_SQL["last_offsets"])
        with duckdb.connect() as copy:
            for name in TABLES:
                table = database.sql(_SQL[name], params={"late": now - _DELAY_MS}).to_arrow_table()
                copy.from_arrow(table).create(name)
            _lock(copy)
            yield copy


def _lock(database: duckdb.DuckDBPyConnection) -> None:
    """Forbid any other file, and any change of a setting."""
    database.execute("SET enable_external_access = false")
    database.execute("SET lock_configuration = true")


def _add_archive(store: TableStore, database: duckdb.DuckDBPyConnection) -> None:
    for topic in TOPICS:
        if paths := [str(file.path) for file in files(store.directory.archive(topic))]:
            database.read_parquet(paths).create_view(f"{topic}_log")


def run_query(database: duckdb.DuckDBPyConnection, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Return the names of the columns and the rows; duckdb.Error when it can't be answered, or is no query."""
    if any(statement.type not in _ALLOWED for statement in database.extract_statements(sql)):
        raise duckdb.NotSupportedError("Only questions are answered: SELECT, DESCRIBE or SHOW TABLES. Nothing here can be changed")
    result = database.execute(sql)
    return [column[0] for column in result.description or []], result.fetchall()
