"""A monitor whose log begins with checkpoints answers what one that never forgot answers, of any time since."""

import asyncio
from collections.abc import Iterator

import pytest

from services.domain.durations import DAY_MS, HOUR_MS
from services.monitor.query import By, Period, Query, Scope
from tests.monitor.comparison import names
from tests.monitor.forgotten import TwoCountries, forget_before
from tests.monitor.logged_countries import START, disturb, simulate, to_records

DAYS = 40
OF_EVIDENCE = ("hotel-nights-by-evidence", "hotel-nights-avoidable")
FORGOTTEN = 22


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> TwoCountries:
    """Forget 22 of 40 days, in which half of the events came late or wrong and were corrected."""
    beds, demand = to_records(disturb(simulate(7, DAYS), 7))
    return asyncio.run(forget_before(tmp_path_factory.mktemp("forgotten"), beds, demand, START + FORGOTTEN * DAY_MS))


def queries(limit: int) -> Iterator[Query]:
    """Yield questions about times since `limit` (ms): each axis, long and short, at instants, and as it was known then and later."""
    end = START + DAYS * DAY_MS
    axes: tuple[tuple[By, ...], ...] = ((), ("region",), ("kind",), ("region", "day"), ("province", "kind"))
    for known in (None, limit + 9 * DAY_MS):
        for by in axes:
            kinds = "kind" in by
            yield Query(figures=names(period=True, kinds=kinds), period=Period(limit, known or end), by=by, as_known_at=known)
            if "day" not in by:
                for at in (limit, limit + HOUR_MS, limit + 8 * DAY_MS):
                    yield Query(figures=names(period=False, kinds=kinds), at=at, by=by, as_known_at=known)
        yield Query(
            figures=names(period=True),
            period=Period(limit + DAY_MS, limit + DAY_MS + HOUR_MS),
            scope=Scope(region="R01"),
            as_known_at=known,
        )


def test_every_figure_since_is_the_same(both: TwoCountries) -> None:
    """Every figure over every axis, as known now and nine days after the limit: value for value what one that never forgot answers.

    Whether a unit became free soon after a hotel that began before the limit is `forgotten`, and no number.
    """
    compared = 0
    for query in queries(both.limit):
        whole, forgotten = both.whole.ask(query), both.forgotten.ask(query)
        for expected, given in zip(whole.figures, forgotten.figures, strict=True):
            for row, other in zip(expected.rows, given.rows, strict=True):
                if expected.definition.figure in OF_EVIDENCE and other.forgotten:
                    continue
                assert (other.scope, other.start, other.part) == (row.scope, row.start, row.part)
                assert other.value == row.value, (expected.definition.figure, row, query)
                compared += 1
    assert compared > 200_000


def test_what_began_before_is_unknown(both: TwoCountries) -> None:
    """A number about a time that begins before the limit, or as it was known before, is unknown: what is left would be wrong."""
    before, end = Period(both.limit - DAY_MS, both.limit + DAY_MS), both.limit + 2 * DAY_MS
    for query in (Query(figures=names(period=True), period=before), Query(figures=names(period=False), at=both.limit - HOUR_MS)):
        assert {row.value for figure in both.forgotten.ask(query).figures for row in figure.rows} == {None}
    known = Query(figures=names(period=False), at=both.limit, as_known_at=both.limit - DAY_MS)
    assert {row.value for figure in both.forgotten.ask(known).figures for row in figure.rows} == {None}
    days = Query(figures=("occupancy",), period=Period(before.start, end), by=("day",))
    assert [row.value is None for row in both.forgotten.ask(days)["occupancy"].rows] == [True, True, False, False]


def test_most_of_what_was_forgotten_is_gone(both: TwoCountries) -> None:
    """Of the records before the limit a checkpoint keeps few: what ended before, and no later record names, is in no file."""
    before = [record for record in (*both.whole.beds, *both.whole.demand) if record.timestamp < both.limit]
    kept = {fact for checkpoint in both.checkpoints for fact in checkpoint.state.facts.values()}
    assert len(kept) < 0.5 * len(before)
