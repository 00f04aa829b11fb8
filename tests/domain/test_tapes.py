"""The recorded logs through the fold: every member of every result, at the broker's clock where a tape has one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests import played
from tests.invariants import broken
from tests.reference.tape import load, records, shared, to_ms

TAPES = shared() / "tapes"
pytestmark = pytest.mark.skipif(not TAPES.is_dir(), reason="the shared tapes are not beside the repository")


def expected(name: str) -> Any:
    """Read what a tape must give."""
    return json.loads((TAPES / f"{name}.expected.json").read_text("utf-8"))


@pytest.mark.parametrize("name", ["week", "rough"])
def test_a_recorded_log_gives_its_result(name: str) -> None:
    """A log gives its result at once after playing; played again, nothing changes but the dead letters, which double."""
    log, wanted = records(load(TAPES / f"{name}.jsonl")), expected(name)
    assert played.result(log) == wanted
    assert broken(wanted) == []
    assert played.result(log + log) == wanted | {"dead_letters": 2 * wanted["dead_letters"]}


@pytest.mark.parametrize("index", range(9))
def test_the_timed_log_gives_its_results(index: int) -> None:
    """The records up to an instant, seen at that instant, give every member of its result."""
    wanted = expected("timed")["at"][index]
    now, number = to_ms(wanted.pop("now")), wanted.pop("records", None)
    log = [record for record in records(load(TAPES / "timed.jsonl")) if record.timestamp <= now]
    assert number in (None, len(log))
    assert played.result(log, now) == wanted
    assert played.result_known_by(records(load(TAPES / "timed.jsonl")), now) == wanted
