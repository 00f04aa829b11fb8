"""The recorded logs through the fold: every member of every result, at the broker's clock where a tape has one."""

from __future__ import annotations

import pytest

from tests import played, tapes
from tests.invariants import broken
from tests.reference.tape import records, to_ms


@pytest.mark.parametrize("name", tapes.names(timed=False))
def test_a_recorded_log_gives_its_result(name: str) -> None:
    """A recorded log gives its result; played twice, it gives the same result with twice as many dead letters."""
    log, wanted = records(tapes.raw(name)), tapes.expected(name)
    assert played.result(log) == wanted
    assert broken(wanted) == []
    assert played.result(log + log) == wanted | {"dead_letters": 2 * wanted["dead_letters"]}


@pytest.mark.parametrize("name", tapes.names(timed=True))
def test_a_timed_log_gives_its_results(name: str) -> None:
    """The records of a timed log up to an instant give every member of the result at that instant."""
    log = records(tapes.raw(name))
    for wanted in tapes.expected(name)["at"]:
        now, number = to_ms(wanted.pop("now")), wanted.pop("records", None)
        known = [record for record in log if record.timestamp <= now]
        assert number in (None, len(known))
        assert played.result(known, now) == wanted
        assert played.result_known_by(log, now) == wanted
