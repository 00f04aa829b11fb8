"""The database for free SQL: all there is, nothing that can be changed, and no way to anything else."""

from collections import Counter

import duckdb
import pytest

from services.domain.durations import DAY_MS
from services.monitor.sql_database import open_database, run_query
from tests.monitor.comparison import BuiltCountry, archive_and_build
from tests.monitor.logged_countries import START, simulate, to_records

NOW = START + 10 * DAY_MS


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> BuiltCountry:
    """Build ten days of a country."""
    return archive_and_build(tmp_path_factory.mktemp("country"), *to_records(simulate(7, 10)))


@pytest.mark.parametrize(
    "sql",
    [
        "COPY units TO '{tables}/../../out.csv'",
        "ATTACH '{tables}/../../other.db'",
        "INSTALL httpfs",
        "SET enable_external_access = true",
    ],
)
def test_nothing_else_is_within_reach(sql: str, country: BuiltCountry) -> None:
    """From the database no other file can be written or attached, nothing loaded, no setting changed."""
    with open_database(country.store) as database, pytest.raises(duckdb.Error):
        database.execute(sql.format(tables=country.store.directory.tables))


_NO_QUERIES = [
    "DROP VIEW units",
    "CREATE TABLE x AS SELECT 1",
    "SET threads = 1",
    "SELECT 1; DELETE FROM units",
    "EXPLAIN ANALYZE DROP VIEW units",
    "EXPLAIN ANALYZE SELECT 1",
    "EXPLAIN SELECT 1",
    "EXPLAIN ANALYZE COPY (SELECT 1) TO 'x.csv'",
    "PRAGMA database_list",
    "CALL duckdb_settings()",
    "PREPARE a AS SELECT 1",
    "EXECUTE a",
]


@pytest.mark.parametrize("sql", _NO_QUERIES)
def test_what_is_no_query_is_refused(sql: str, country: BuiltCountry) -> None:
    """F12: a statement that changes, writes or executes is refused, also inside an EXPLAIN."""
    with open_database(country.store) as database, pytest.raises(duckdb.Error, match="Only questions are answered"):
        run_query(database, sql)


@pytest.mark.parametrize("sql", ["SHOW TABLES", "DESCRIBE units", "SUMMARIZE units", "FROM units", "WITH n AS (SELECT 1) FROM n"])
def test_every_query_is_answered(sql: str, country: BuiltCountry) -> None:
    """A query is answered whichever keyword it begins with."""
    with open_database(country.store) as database:
        assert run_query(database, sql)[0]


@pytest.mark.parametrize("function", ["read_text", "read_csv", "read_blob", "glob"])
def test_f12_no_other_file_is_within_reach(function: str, country: BuiltCountry) -> None:
    """F12: a key file beside the figures can't be read, while the figures can."""
    secret = country.store.directory.root.with_name("pseudonym.key")
    secret.write_text("secret")
    with open_database(country.store) as database:
        with pytest.raises(duckdb.Error):
            run_query(database, f"FROM {function}('{secret}')")
        assert run_query(database, "FROM units")[1]


def test_an_operator_sees_all_of_it(country: BuiltCountry) -> None:
    """The database has the interval tables and each record of the archive."""
    with open_database(country.store) as database:
        _, logged = run_query(database, "SELECT key FROM beds_log")
        assert Counter(bytes(key) for (key,) in logged) == Counter(record.key for record in country.beds)
        columns, rows = run_query(database, "SELECT DISTINCT shelter FROM units")
        assert columns == ["shelter"]
        assert len(rows) > 100
