"""The fold against the second fold, which was written from the contract alone: rows, made tapes and random logs, member by member."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import played
from tests.reference import cases, fold, tapes
from tests.reference.demand import demand_result
from tests.reference.expect import differences
from tests.reference.log import Record
from tests.reference.tape import records
from tests.strategies import BEGIN, DAY, HOUR, LONG_STEPS, MINUTE, TIMES, logs
from tests.strategies_of_demand import demand_logs

if TYPE_CHECKING:
    from tests.reference.case import Case
    from tests.reference.case_records import Stopping

SEEDS: Final = range(20)
LATER: Final = (0, 1, MINUTE, 8 * HOUR, DAY - 1, DAY)


def ids(rows: list[Any]) -> list[str]:
    """Return the names of rows."""
    return [row.name for row in rows]


@pytest.mark.parametrize("case", cases.CASES, ids=ids(cases.CASES))
def test_a_row_of_the_contract(case: Case) -> None:
    """The fold gives what the contract says of the state after a log."""
    assert differences(played.result(case.records, case.now), case.expected) == []


@pytest.mark.parametrize("case", cases.TRUE_AT, ids=ids(cases.TRUE_AT))
def test_a_row_of_what_was_true(case: Case) -> None:
    """The fold gives what R14 says was true at an instant."""
    assert differences(played.result_true_at(case.records, case.now or 0), case.expected) == []


@pytest.mark.parametrize("case", cases.KNOWN_BY, ids=ids(cases.KNOWN_BY))
def test_a_row_of_what_was_known(case: Case) -> None:
    """The fold gives what R14 says was known by a clock."""
    assert differences(played.result_known_by(case.records, case.now or 0), case.expected) == []


@pytest.mark.parametrize("case", cases.DEMAND, ids=ids(cases.DEMAND))
def test_a_row_of_demand(case: Case) -> None:
    """The fold of demand gives what the contract says after a log."""
    assert differences(played.demand_result(case.records), case.expected) == []


@pytest.mark.parametrize("case", cases.STOPS, ids=ids(cases.STOPS))
def test_a_row_of_what_stops_a_partition(case: Stopping) -> None:
    """R13: a type too new stops its partition at its record, and no other partition."""
    assert played.stopped(case.records) == case.stopped
    assert played.result(case.records)["dead_letters"] == case.dead_letters


@pytest.mark.parametrize("long", [False, True], ids=["days", "years"])
@pytest.mark.parametrize("kind", ["week", "rough", "timed"])
def test_made_tapes(kind: str, *, long: bool) -> None:
    """Random tapes give the same state, past and present, in both folds."""
    for seed in SEEDS:
        played_records = records(tapes.tape(kind, seed, 90, long=long))
        rng = Random(seed)
        last = max(record.timestamp for record in played_records)
        agree(played_records, last + rng.choice(LATER), rng.choice(played_records).timestamp, f"{kind} {seed}")


@pytest.mark.parametrize("long", [False, True], ids=["days", "years"])
def test_made_tapes_of_demand(*, long: bool) -> None:
    """Tapes of demand give the same cases in both folds."""
    for seed in SEEDS:
        agree_on_demand(records(tapes.tape("demand", seed, 90, long=long)), str(seed))


@given(logs(LONG_STEPS), st.sampled_from(LATER), st.sampled_from((*TIMES, (BEGIN - MINUTE) * 1_000_000, (BEGIN + 400 * DAY) * 1_000_000)))
def test_random_logs(log: list[Record], later: int, past: int) -> None:
    """Random logs, long enough for names to come back, give the same state, past and present, in both folds."""
    last = max((record.timestamp for record in log), default=BEGIN)
    agree(log, last + later, past // 1_000_000, "a random log")


@given(demand_logs())
def test_random_logs_of_demand(log: list[Record]) -> None:
    """Random logs of demand give the same cases in both folds."""
    agree_on_demand(log, "a random log")


def agree(log: list[Any], now: int, past: int, where: str) -> None:
    """Check that both folds give the same: at the clock, at `now`, and as it was."""
    for product, reference in (
        (played.result(log), fold.result(log)),
        (played.result(log, now), fold.result(log, now)),
        (played.result_true_at(log, past), fold.as_it_was(log, past)),
        (played.result_known_by(log, past), fold.known_by(log, past)),
    ):
        assert differences(product, reference) == [], where
        assert product == reference, where
    assert played.stopped(log) == fold.stopped(log)


def agree_on_demand(log: list[Any], where: str) -> None:
    """Check that both folds of demand give the same; the reference keeps times as they were written."""
    reference = demand_result(log)
    for group in played.GROUPS.values():
        for case in reference[group].values():
            case["start"] = case["start"] and played.with_instants(case["start"])
    assert played.demand_result(log) == reference, where
