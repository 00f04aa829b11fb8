"""The second implementation of the contract against the recorded logs."""

from __future__ import annotations

from typing import Any

import pytest

from services.adapters.regions import read_regions
from tests import tapes
from tests.reference.cases import CASES, DEMAND, KNOWN_BY, STOPS, TRUE_AT, Case, Stopping
from tests.reference.demand import demand_result
from tests.reference.expect import differences
from tests.reference.fold import as_it_was, known_by, result, stopped
from tests.reference.parse import REGIONS, Event, Refused, parse
from tests.reference.tape import record, records, to_ms
from tests.reference.tapes import KINDS, tape
from tests.reference.tapes import expected as worked_out


@pytest.mark.parametrize("name", tapes.names(timed=False))
def test_a_recorded_log_gives_its_result(name: str) -> None:
    """A log without timestamps gives every member of its result at once after playing."""
    assert result(records(tapes.raw(name))) == tapes.expected(name)


@pytest.mark.parametrize("name", tapes.names(timed=True))
def test_a_timed_log_gives_its_results(name: str) -> None:
    """The records up to an instant, seen at that instant, give every member of its result."""
    log = records(tapes.raw(name))
    for wanted in tapes.expected(name)["at"]:
        now = to_ms(wanted.pop("now"))
        assert result([record for record in log if record.timestamp <= now], now) == wanted


def test_the_region_codes_are_those_of_the_file() -> None:
    """The region codes are those of the region file."""
    assert read_regions().keys() == REGIONS


def row_name(row: Case) -> str:
    """Return the name of a row: its rule and its sentence."""
    return f"{row.rule}: {row.name}"


@pytest.mark.parametrize("row", CASES, ids=row_name)
def test_a_sentence_of_the_contract(row: Case) -> None:
    """A log gives the part of the result that its row expects."""
    assert differences(result(row.records, row.now), row.expected) == []


@pytest.mark.parametrize("row", DEMAND, ids=row_name)
def test_a_sentence_about_demand(row: Case) -> None:
    """A log of demand events gives the part of the result that its row expects."""
    assert differences(demand_result(row.records), row.expected) == []


@pytest.mark.parametrize("row", TRUE_AT, ids=row_name)
def test_what_was_true(row: Case) -> None:
    """R14: a log gives the part of what was true at an instant that its row expects."""
    assert differences(as_it_was(row.records, row.now or 0), row.expected) == []


@pytest.mark.parametrize("row", KNOWN_BY, ids=row_name)
def test_what_was_known(row: Case) -> None:
    """R14: a log gives the part of what was known by an instant that its row expects."""
    assert differences(known_by(row.records, row.now or 0), row.expected) == []


@pytest.mark.parametrize("row", STOPS, ids=[row.name for row in STOPS])
def test_what_stops_a_partition(row: Stopping) -> None:
    """R13: a type in a later version stops its partition and no other, and is no dead letter."""
    assert stopped(row.records) == row.stopped
    assert result(row.records)["dead_letters"] == row.dead_letters


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("kind", KINDS)
def test_a_random_tape_has_the_dead_letters_it_marks(kind: str, seed: int) -> None:
    """Every record of a random tape that is marked dead is refused, and no other."""
    topic = "demand" if kind == "demand" else "beds"
    for line in tape(kind, seed, 60, long=seed % 2 == 1):
        parsed = parse(record(line).value, record(line).key, topic)
        assert isinstance(parsed, Refused if line.get("dead") else Event), (line, parsed)


@pytest.mark.parametrize("kind", KINDS)
def test_a_random_tape_is_reproducible(kind: str) -> None:
    """A kind and a seed always make the same tape, and the same result."""
    assert tape(kind, 1, 60) == tape(kind, 1, 60)
    assert worked_out(kind, tape(kind, 1, 60)) == worked_out(kind, tape(kind, 1, 60))


@pytest.mark.parametrize("seed", range(10))
def test_capacity_is_the_sum_of_the_six(seed: int) -> None:
    """R7: in every counts of a random log capacity is occupied + closed + held + paused + unknown + free."""
    seen = result(records(tape("timed", seed, 80)))
    everywhere = [shelter[part] for shelter in seen["shelters"].values() for part in ("counts", "overflow")]
    for counts in [*everywhere, *seen["regions"].values(), seen["national"]]:
        assert counts["capacity"] * 2 == sum(counts.values())


@pytest.mark.parametrize("seed", range(10))
def test_facts_give_the_same_counts_in_any_order(seed: int) -> None:
    """R2: without holds and doubled names, a log read backwards gives the same counts and stays."""
    played = [record for record in records(tape("week", seed, 80)) if b"plek.hold-" not in (record.value or b"")]
    assert _without_discrepancy(result(played)) == _without_discrepancy(result(played[::-1]))


def _without_discrepancy(seen: dict[str, Any]) -> dict[str, Any]:
    for shelter in seen["shelters"].values():
        del shelter["anomalies"]["discrepancy"]
    return seen
