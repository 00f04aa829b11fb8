"""The second implementation of the contract against the recorded logs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.reference.fold import result
from tests.reference.parse import REGIONS
from tests.reference.tape import load, records, shared, to_ms

TAPES = shared() / "tapes"
pytestmark = pytest.mark.skipif(not TAPES.is_dir(), reason="the shared tapes are not here")


def expected(name: str) -> Any:
    """Read what a tape must give."""
    return json.loads((TAPES / f"{name}.expected.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["week", "rough"])
def test_a_recorded_log_gives_its_result(name: str) -> None:
    """A log without timestamps gives every member of its result at once after playing."""
    assert result(records(load(TAPES / f"{name}.jsonl"))) == expected(name)


@pytest.mark.parametrize("index", range(9))
def test_the_timed_log_gives_its_results(index: int) -> None:
    """The records up to an instant, seen at that instant, give every member of its result."""
    wanted = expected("timed")["at"][index]
    now = to_ms(wanted.pop("now"))
    played = [record for record in records(load(TAPES / "timed.jsonl")) if record.timestamp <= now]
    assert result(played, now) == wanted


def test_the_region_codes_are_those_of_the_file() -> None:
    """The region codes are those of the region file."""
    rows = (shared() / "data" / "regions.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert {row.split(",")[0] for row in rows} == REGIONS
