"""The database of an analyst: how many by region and hour, a day late, and no way to anything else."""

from collections import Counter

import duckdb
import pytest

from services.monitor.question import Question
from services.monitor.sql import TABLES, asked, opened
from tests.monitor import asked as questions
from tests.monitor.countries_logged import START, logged, said
from tests.monitor.records import HOUR
from tests.reference.parse import Event, parse

DAY = 24 * HOUR
NOW = START + 10 * DAY


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> questions.Asked:
    """Ten days of a country."""
    return questions.asked(tmp_path_factory.mktemp("country"), *logged(said(7, 10)))


def ids(country: questions.Asked) -> set[str]:
    """Collect every id of the log: of shelters, units, stays, holds, searches, fallbacks, entries, organisations and desks."""
    found = set[str]()
    for topic, records in (("beds", country.beds), ("demand", country.demand)):
        for record in records:
            event = parse(record.value, record.key, topic)
            assert isinstance(event, Event)
            names = ("shelter", "unit", "to_unit", "stay", "hold", "search", "fallback", "entry", "organisation", "desk", "asked_by")
            found |= {str(event.data[name]) for name in names if event.data.get(name)}
    return found


def test_no_id_is_shown(country: questions.Asked) -> None:
    """No value of any table is an id, and no time lies within an hour or in the last day."""
    secret = ids(country)
    with opened(country.store, NOW) as database:
        for table in TABLES:
            _, rows = asked(database, f"FROM {table}")
            assert rows
            for value in (value for row in rows for value in row):
                assert str(value) not in secret
                if hasattr(value, "timestamp"):
                    assert (value.minute, value.second, value.microsecond) == (0, 0, 0)
                    assert value.timestamp() < (NOW - DAY) / 1_000


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
def test_nothing_else_is_within_reach(sql: str, country: questions.Asked) -> None:
    """No file can be read or written, nothing loaded, no setting changed, and the interval tables are not there."""
    with opened(country.store, NOW) as database, pytest.raises(duckdb.Error):
        database.execute(sql.format(tables=country.store.directory.tables))


@pytest.mark.parametrize("sql", ["DROP TABLE places", "CREATE TABLE x AS SELECT 1", "SET threads = 1", "SELECT 1; DELETE FROM places"])
@pytest.mark.parametrize("whole", [False, True])
def test_what_is_no_question_is_refused(sql: str, whole: bool, country: questions.Asked) -> None:  # noqa: FBT001
    """It would be told as done, and nothing but a copy would have changed."""
    with opened(country.store, NOW, whole=whole) as database, pytest.raises(duckdb.Error, match="Only questions are answered"):
        asked(database, sql)


@pytest.mark.parametrize("sql", ["SHOW TABLES", "DESCRIBE places", "SUMMARIZE places", "FROM places", "WITH n AS (SELECT 1) FROM n"])
def test_every_question_is_answered(sql: str, country: questions.Asked) -> None:
    """However it begins."""
    with opened(country.store, NOW) as database:
        assert asked(database, sql)[0]


def test_the_hours_add_up(country: questions.Asked) -> None:
    """At a full hour a day ago the table of places has what the figures say."""
    then = NOW - 3 * DAY
    with opened(country.store, NOW) as database:
        rows = database.execute(
            """
            SELECT "state", sum(units) FROM places WHERE NOT overflow AND from_hour <= make_timestamp($1 * 1000)
            AND coalesce(to_hour, 'infinity') > make_timestamp($1 * 1000) GROUP BY ALL
            """,
            [then],
        ).fetchall()
    known = Question(figures=("units-by-state",), at=then + HOUR - 1, known_at=NOW - DAY)
    told = {row.of["state"]: row.value for row in country.ask(known)["units-by-state"].rows if row.of}
    assert {state: count for state, count in rows if count} == {state: count for state, count in told.items() if count}


def test_an_operator_sees_all_of_it(country: questions.Asked) -> None:
    """Whole, the database has the interval tables and each record of the archive."""
    with opened(country.store, NOW, whole=True) as database:
        _, logged_then = asked(database, "SELECT key FROM beds_log")
        assert Counter(bytes(key) for (key,) in logged_then) == Counter(record.key for record in country.beds)
        columns, rows = asked(database, "SELECT DISTINCT shelter FROM units")
        assert columns == ["shelter"]
        assert len(rows) > 100
