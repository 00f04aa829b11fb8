"""A snapshot has the same bytes whenever it is taken, and no night is left out."""

import re
from datetime import date

import orjson

from services.monitor.dutch_calendar import four_o_clock, year
from services.monitor.figures.result import FigureResult
from services.monitor.publication import snapshot
from services.monitor.query import Query
from tests.monitor.answers import answer

AT = four_o_clock(date(2023, 3, 26))


def test_it_is_the_country_as_it_was_known_then() -> None:
    """Every query of a snapshot is of its instant or of the day before it, by what had been recorded by then."""
    queries: list[Query] = []

    def ask(query: Query) -> FigureResult:
        queries.append(query)
        return answer(query)

    document = orjson.loads(snapshot.take(ask, AT))
    assert document["snapshot"] == "2023-03-26T02:00:00Z"
    assert {query.as_known_at for query in queries} == {AT}
    assert {query.at for query in queries if query.period is None} == {AT}
    [period] = [query.period for query in queries if query.period]
    assert (period.end - period.start) == 23 * 3_600_000, "the night in which the clock goes forward"


def test_taken_again_it_has_the_same_bytes() -> None:
    """A snapshot taken twice has the same bytes."""
    assert snapshot.take(answer, AT) == snapshot.take(answer, AT)


def test_its_name_says_when_and_by_which_definitions() -> None:
    """The key of a snapshot has its instant and its definitions: by another definition it is another snapshot."""
    assert re.fullmatch(r"snapshot/2023-03-26T02:00:00Z/\d+-[0-9a-f]{8}", snapshot.snapshot_key(AT))


def test_after_a_downtime_every_missed_night_is_due() -> None:
    """After a downtime every missed night is due once, the oldest first, also those of a clock change, and none before the log began."""
    whole = year(2023)
    every = snapshot.due(whole.start, whole.end, set())
    assert every == [four_o_clock(date.fromordinal(date(2023, 1, 1).toordinal() + day)) for day in range(365)]
    have = {snapshot.snapshot_key(at) for at in every if at != AT}
    assert snapshot.due(whole.start, whole.end, have) == [AT]
    assert snapshot.due(AT, whole.end, have) == []
