"""The database of an analyst: counts by region and hour, a day late, and no way to anything else."""

from collections import Counter

import duckdb
import pytest

from services.domain.durations import DAY_MS
from services.monitor.analyst_database import TABLES, open_database, run_query
from services.monitor.query import Query
from tests.monitor.comparison import BuiltCountry, archive_and_build
from tests.monitor.logged_countries import START, simulate, to_records
from tests.monitor.records import HOUR
from tests.reference.parse import Event, parse

NOW = START + 10 * DAY_MS


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> BuiltCountry:
    """Build ten days of a country."""
    return archive_and_build(tmp_path_factory.mktemp("country"), *to_records(simulate(7, 10)))


def ids(country: BuiltCountry) -> set[str]:
    """Return every id of the log: of shelters, units, stays, holds, searches, fallbacks, entries, organisations and desks."""
    found = set[str]()
    for topic, records in (("beds", country.beds), ("demand", country.demand)):
        for record in records:
            event = parse(record.value, record.key, topic)
            assert isinstance(event, Event)
            names = ("shelter", "unit", "to_unit", "stay", "hold", "search", "fallback", "entry", "organisation", "desk", "asked_by")
            found |= {str(event.data[name]) for name in names if event.data.get(name)}
    return found


def test_no_id_is_shown(country: BuiltCountry) -> None:
    """No value of any table of an analyst is an id; every time is a full hour, at least a day ago."""
    secret = ids(country)
    with open_database(country.store, NOW) as database:
        for table in TABLES:
            _, rows = run_query(database, f"FROM {table}")
            assert rows
            for value in (value for row in rows for value in row):
                assert str(value) not in secret
                if hasattr(value, "timestamp"):
                    assert (value.minute, value.second, value.microsecond) == (0, 0, 0)
                    assert value.timestamp() < (NOW - DAY_MS) / 1_000


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_parquet('{tables}/units-*.parquet')",
        "SELECT * FROM '{tables}/manifest.json'",
        "COPY places TO '{tables}/out.csv'",
        "ATTACH '{tables}/other.db'",
        "INSTALL httpfs",
        "SET enable_external_access = true",
        "SELECT * FROM units",
        "SELECT * FROM clocks",
    ],
)
def test_nothing_else_is_within_reach(sql: str, country: BuiltCountry) -> None:
    """From an analyst's database no file can be read or written, nothing loaded, no setting changed; it has no interval tables."""
    with open_database(country.store, NOW) as database, pytest.raises(duckdb.Error):
        database.execute(sql.format(tables=country.store.directory.tables))


_NO_QUERIES = [
    "DROP TABLE places",
    "CREATE TABLE x AS SELECT 1",
    "SET threads = 1",
    "SELECT 1; DELETE FROM places",
    "EXPLAIN ANALYZE DROP TABLE places",
    "EXPLAIN ANALYZE SELECT 1",
    "EXPLAIN SELECT 1",
    "EXPLAIN ANALYZE COPY (SELECT 1) TO 'x.csv'",
    "PRAGMA database_list",
    "CALL duckdb_settings()",
    "PREPARE a AS SELECT 1",
    "EXECUTE a",
]


@pytest.mark.parametrize("sql", _NO_QUERIES)
@pytest.mark.parametrize("whole", [False, True])
def test_what_is_no_query_is_refused(sql: str, whole: bool, country: BuiltCountry) -> None:  # noqa: FBT001
    """F12: a statement that changes, writes or executes is refused, also inside an EXPLAIN, also of the whole database."""
    with open_database(country.store, NOW, whole=whole) as database, pytest.raises(duckdb.Error, match="Only questions are answered"):
        run_query(database, sql)


@pytest.mark.parametrize("sql", ["SHOW TABLES", "DESCRIBE places", "SUMMARIZE places", "FROM places", "WITH n AS (SELECT 1) FROM n"])
def test_every_query_is_answered(sql: str, country: BuiltCountry) -> None:
    """A query is answered whichever keyword it begins with."""
    with open_database(country.store, NOW) as database:
        assert run_query(database, sql)[0]


@pytest.mark.parametrize("function", ["read_text", "read_csv", "read_blob", "glob"])
@pytest.mark.parametrize("whole", [False, True])
def test_f12_no_other_file_is_within_reach(function: str, whole: bool, country: BuiltCountry) -> None:  # noqa: FBT001
    """F12: a key file beside the figures can't be read, not even from the whole database; the figures can."""
    secret = country.store.directory.root.with_name("pseudonym.key")
    secret.write_text("secret")
    with open_database(country.store, NOW, whole=whole) as database:
        with pytest.raises(duckdb.Error):
            run_query(database, f"FROM {function}('{secret}')")
        assert run_query(database, "FROM units" if whole else "FROM places")[1]


def test_the_hours_add_up(country: BuiltCountry) -> None:
    """At a full hour some days ago the table of places has the counts of the figures."""
    then = NOW - 3 * DAY_MS
    with open_database(country.store, NOW) as database:
        rows = database.execute(
            """
            SELECT "state", sum(units) FROM places WHERE NOT overflow AND from_hour <= make_timestamp($1 * 1000)
            AND coalesce(to_hour, 'infinity') > make_timestamp($1 * 1000) GROUP BY ALL
            """,
            [then],
        ).fetchall()
    query = Query(figures=("units-by-state",), at=then + HOUR - 1, as_known_at=NOW - DAY_MS)
    figure = {row.part["state"]: row.value for row in country.ask(query)["units-by-state"].rows if row.part}
    assert {state: count for state, count in rows if count} == {state: count for state, count in figure.items() if count}


def test_an_operator_sees_all_of_it(country: BuiltCountry) -> None:
    """The whole database has the interval tables and each record of the archive."""
    with open_database(country.store, NOW, whole=True) as database:
        _, logged = run_query(database, "SELECT key FROM beds_log")
        assert Counter(bytes(key) for (key,) in logged) == Counter(record.key for record in country.beds)
        columns, rows = run_query(database, "SELECT DISTINCT shelter FROM units")
        assert columns == ["shelter"]
        assert len(rows) > 100
