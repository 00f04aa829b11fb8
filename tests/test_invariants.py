"""The invariants can be broken: each of them names itself when a state does not keep it."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, Final

import pytest

from tests import invariants, played
from tests.domain.log_entries import HOLD, ONE, OTHER, LogEntry, admitted, asked, closed, declared, folded, registered

LOG: Final[tuple[LogEntry, ...]] = (
    *ONE,
    declared("u2"),
    declared("u3"),
    asked(),
    admitted("u2"),
    admitted("u9", OTHER),
    registered("R02", shelter="t"),
)
STATE: Final = played.document([folded(*LOG)], 0)

# (the invariant, where the state is spoiled, with what)
BROKEN: Final[list[tuple[str, str, Any]]] = [
    ("capacity_is_the_sum_of_its_six_parts", "shelters/s/counts/free", 9),
    ("capacity_is_the_sum_of_its_six_parts", "shelters/s/overflow/held", 1),
    ("no_number_is_negative", "dead_letters", -1),
    ("no_number_is_negative", "national/free", 1.0),
    ("a_region_is_the_sum_of_its_shelters", "regions/R01/occupied", 0),
    ("a_region_is_the_sum_of_its_shelters", "shelters/t/region", None),
    ("the_nation_is_the_sum_of_its_regions", "national/capacity", 7),
    ("a_hold_has_a_unit_or_a_reason", f"holds/s~{HOLD}/status", "forgotten"),
    ("a_hold_has_a_unit_or_a_reason", f"holds/s~{HOLD}/unit", None),
    ("a_hold_has_a_unit_or_a_reason", f"holds/s~{HOLD}/reason", "no_free_unit"),
    ("a_unit_has_one_live_hold_at_most", "holds/s~second", {"status": "granted", "unit": "u1", "reason": None}),
    ("every_live_hold_keeps_its_unit", f"holds/s~{HOLD}/status", "expired"),
    ("anomalies_are_listed_once", "shelters/s/anomalies/undeclared_unit", ["u9", "u9"]),
    ("anomalies_are_listed_once", "shelters/s/anomalies/discrepancy", {"reported": 1, "computed": 1}),
]


def spoiled(path: str, value: Any) -> dict[str, Any]:
    """Spoil the state in one place; `~` stands for a stroke within a name."""
    made = deepcopy(STATE)
    *steps, last = (step.replace("~", "/") for step in path.split("/"))
    place = made
    for step in steps:
        place = place[step]
    place[last] = value
    return made


def test_a_true_state_keeps_them_all() -> None:
    """What the fold shows breaks nothing."""
    assert invariants.broken(STATE) == []
    assert invariants.broken_inside(folded(*LOG)) == []


@pytest.mark.parametrize(("name", "path", "value"), BROKEN)
def test_a_spoiled_state_is_found_out(name: str, path: str, value: Any) -> None:
    """A state with one thing wrong breaks the invariant that says so."""
    assert name in {line.split(":")[0] for line in invariants.broken(spoiled(path, value))}


def test_every_invariant_of_a_state_can_be_broken() -> None:
    """No invariant stands in the list that no row above breaks."""
    assert {invariant.__name__ for invariant in invariants.OF_A_STATE} == {name for name, _, _ in BROKEN}


def test_a_spoiled_fold_is_found_out() -> None:
    """A picture that is not what the facts give, a forgotten fact and names out of order are named."""
    registry = folded(*LOG, closed("u3"))
    shelter = registry.shelters["s"]
    shelter.snapshot.units.pop("u9")
    shelter.units["u8"] = type(shelter.units["u3"])("u8")
    registry.seen.add(b"later", registry.clock + 1)
    found = {line.split(":")[0] for line in invariants.broken_inside(registry)}
    assert found >= {"a_present_stay_is_in_one_unit", "the_snapshot_is_what_the_facts_give", "nothing_empty_is_kept", "names_are_in_order"}
