"""A database for free SQL, for an operator: the interval tables and the archive itself, and nothing else within reach.

Guarantees: nothing in it can be changed, and no other file can be opened from it. An analyst asks for figures instead: rows of a table that
hold no small cell would have to be coarser than those (ADR 47).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import duckdb

from services.monitor.archive.parquet_log import files
from services.monitor.intervals.builder import TOPICS
from services.monitor.intervals.table_schemas import COLUMNS
from services.monitor.intervals.table_store import TableStore

# SHOW, DESCRIBE and SUMMARIZE are SELECTs to DuckDB. Any other statement would change what is only a view; EXPLAIN ANALYZE runs anything
_ALLOWED: Final = (duckdb.StatementType.SELECT,)

TABLES: Final = tuple(COLUMNS)
"""The tables of every data set; beside them there is `beds_log` and `demand_log`."""


@contextmanager
def open_database(store: TableStore) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the database, once that is in the audit log."""
    with store.connect() as database:
        for topic in TOPICS:
            if paths := [str(file.path) for file in files(store.directory.archive(topic))]:
                database.read_parquet(paths).create_view(f"{topic}_log")
        # The views read their files at each query, so those stay within reach, and nothing else
        database.execute("SET allowed_directories = [$1]", [str(store.directory.root)])
        database.execute("SET enable_external_access = false")
        database.execute("SET lock_configuration = true")
        yield database


def run_query(database: duckdb.DuckDBPyConnection, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Return the names of the columns and the rows; duckdb.Error when it can't be answered, or is no query."""
    if any(statement.type not in _ALLOWED for statement in database.extract_statements(sql)):
        raise duckdb.NotSupportedError("Only questions are answered: SELECT, DESCRIBE or SHOW TABLES. Nothing here can be changed")
    result = database.execute(sql)
    return [column[0] for column in result.description or []], result.fetchall()
