"""A database for questions nobody thought of: what an analyst may see, in tables of its own, with nothing else within reach.

What it holds of a region and kind is how many, by the hour and a day late; no shelter, unit, stay, hold, search, fallback or entry. The
files it was made of can't be opened from it. Whole, it has the interval tables and the archive itself, for an operator.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import duckdb

from services.monitor.archive import files
from services.monitor.building import TOPICS
from services.monitor.columns import NEVER
from services.monitor.store import Store

_LATE_MS: Final = 86_400_000

# SHOW, DESCRIBE and SUMMARIZE are SELECTs to it; whatever else there is would seem to change what is only a copy
_ASKS: Final = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)
_HOUR: Final = "date_trunc('hour', make_timestamp({} // 1000))"
_KNOWN: Final = """
    FROM {table} JOIN (
        SELECT partition, max("offset") AS o FROM clocks WHERE topic = '{topic}' AND clock <= {late} GROUP BY partition
    ) USING (partition) WHERE since <= o AND until > o
"""

# How many there were from an hour to another: edges that are made even before anything is counted
_COUNTED: Final = """
    WITH edges AS (
        SELECT {by}, greatest(start, 0) AS t, 1 AS n, {sums_in} {known} AND start < {late} * 1000000
        UNION ALL
        SELECT {by}, "end", -1, {sums_out} {known} AND "end" < {late} * 1000000
    ), hours AS (SELECT {by}, {hour} AS from_hour, sum(n) AS n, {sums} FROM edges GROUP BY ALL)
    SELECT {by}, from_hour, lead(from_hour) OVER later AS to_hour, (sum(n) OVER later)::BIGINT AS {name}, {running}
    FROM hours WINDOW later AS (PARTITION BY {by} ORDER BY from_hour)
"""

TABLES: Final[dict[str, str]] = {
    "places": "units of a region by kind, overflow and state, from an hour to the next that changes it; with their beds and persons",
    "waiting": "open entries of waiting lists by region and kind, from an hour to the next that changes it",
    "stays_ended": "stays that ended, by hour, region, kind and destination; with the nights of all of them together",
    "holds": "requests to hold a place by hour, region, outcome and reason",
    "searches": "searches by hour, region and outcome",
    "fallbacks": "fallbacks by hour, region, accommodation, reason and outcome; with their adults and children",
}
"""What an analyst finds, and what stands in it."""


@contextmanager
def opened(store: Store, now: int, *, whole: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the database as it may be seen at `now` (ms); `whole` for an operator whose look has been noted."""
    with store.connect() as made:
        if whole:
            _whole(store, made)
            yield made
            return
        with duckdb.connect() as shown:
            for name, sql in _queries(now - _LATE_MS).items():
                shown.register("copied", made.sql(sql).to_arrow_table())
                shown.execute(f"CREATE TABLE {name} AS SELECT * FROM copied")  # noqa: S608  names of ours
                shown.unregister("copied")
            # From here on no file is opened and nothing of this is set otherwise, whatever is asked
            shown.execute("SET enable_external_access = false")
            shown.execute("SET lock_configuration = true")
            yield shown


def asked(database: duckdb.DuckDBPyConnection, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Ask, and return the names of the columns and the rows. duckdb.Error when it can't be answered, or is no question."""
    if any(said.type not in _ASKS for said in database.extract_statements(sql)):
        raise duckdb.NotSupportedError("Only questions are answered: SELECT, DESCRIBE or SHOW TABLES. Nothing here can be changed")
    answer = database.execute(sql)
    return [column[0] for column in answer.description or []], answer.fetchall()


def _whole(store: Store, made: duckdb.DuckDBPyConnection) -> None:
    """Add the archive to the interval tables, which are there by their names."""
    for topic in TOPICS:
        paths = ", ".join("'" + str(file.path).replace("'", "''") + "'" for file in files(store.directory.archive(topic)))
        if paths:
            made.execute(f"CREATE VIEW {topic}_log AS SELECT * FROM read_parquet([{paths}])")  # noqa: S608  paths of ours


def _queries(late: int) -> dict[str, str]:
    def known(table: str, topic: str) -> str:
        return _KNOWN.format(table=table, topic=topic, late=late)

    def hour(column: str) -> str:
        return _HOUR.format(column)

    beds, entries = known("units", "beds") + " AND region IS NOT NULL", known("entries", "demand")
    by = 'region, kind, overflow, "state"'
    ended = f'"end" < {late} * 1000000'
    region = f'(SELECT region FROM shelters s WHERE s.shelter = h.shelter AND s.until = {NEVER} AND s."end" = {NEVER})'  # noqa: S608  ours
    return {
        "places": _COUNTED.format(
            by=by,
            known=beds,
            late=late,
            hour=hour("t"),
            name="units",
            sums_in="beds, persons",
            sums_out="-beds, -persons",
            sums="sum(beds) AS beds, sum(persons) AS persons",
            running="(sum(beds) OVER later)::BIGINT AS beds, (sum(persons) OVER later)::BIGINT AS persons",
        ),
        "waiting": _COUNTED.format(
            by="region, kind",
            known=entries,
            late=late,
            hour=hour("t"),
            name="entries",
            sums_in="0 AS nothing",
            sums_out="0",
            sums="sum(nothing) AS nothing",
            running="NULL AS nothing",
        ).replace(", NULL AS nothing", ""),
        "stays_ended": f"""
            SELECT {hour('s."end"')} AS hour, u.region, u.kind, s.destination, count(*) AS stays,
                sum((s."end" - s.start) // 86400000000000)::BIGINT AS days
            FROM (SELECT * {known("stays", "beds")} AND {ended}) s LEFT JOIN (SELECT * {known("units", "beds")}) u
                ON u.shelter = s.shelter AND u.unit = s.unit AND u.start <= s."end" AND u."end" > s."end"
            GROUP BY ALL
        """,  # noqa: S608  ours
        "holds": f"""
            SELECT {hour("h.start * 1000000")} AS hour, {region} AS region, status, reason, count(*) AS holds
            FROM (SELECT * {known("holds", "beds")}) h GROUP BY ALL
        """,  # noqa: S608  ours
        "searches": f"""
            SELECT {hour("start")} AS hour, region, CASE WHEN {ended} THEN outcome END AS outcome, count(*) AS searches
            {known("searches", "demand")} GROUP BY ALL
        """,
        "fallbacks": f"""
            SELECT {hour("start")} AS hour, region, accommodation, reason, CASE WHEN {ended} THEN outcome END AS outcome,
                count(*) AS fallbacks, sum(adults)::BIGINT AS adults, sum(children)::BIGINT AS children
            {known("fallbacks", "demand")} AND start < {late} * 1000000 GROUP BY ALL
        """,
    }
