"""One stay (R3 to R6): its unit, whether it is present, the size of its household, whatever the order of its facts."""

from __future__ import annotations

from itertools import permutations
from typing import Final

import pytest

from services.domain.beds.stays import Stay
from tests.domain.log_entries import STAY, LogEntry, admitted, changed, left, moved, ns, planned, stay_fact

# Columns: rule, log, unit, whether present, adults and children.
ROWS: Final[list[tuple[str, tuple[LogEntry, ...], str | None, bool, tuple[int, int] | None]]] = [
    ("R3 admitted", (admitted(),), "u1", True, (1, 0)),
    ("R3 moved before it was admitted", (admitted(t=2), moved(t=1)), "u1", True, (1, 0)),
    ("R3 moved", (admitted(t=1), moved(t=2), moved("u3", t=3)), "u3", True, (1, 0)),
    ("R3 moved but never admitted", (moved(),), "u2", False, None),
    ("R4 gone", (admitted(), left(t=1)), "u1", False, None),
    ("R4 gone, whatever is logged later", (left(), admitted(t=5), changed(2, 2, t=9)), "u1", False, None),
    ("R5 a child was born", (admitted(), changed(1, 1, t=1)), "u1", True, (1, 1)),
    ("R5 a change of before the admission", (admitted(adults=2, t=2), changed(1, 3, t=1)), "u1", True, (2, 0)),
    ("R5 a change of a stay that was never admitted", (changed(1, 1),), None, False, None),
]


@pytest.mark.parametrize(("rule", "log", "unit", "present", "people"), ROWS, ids=[row[0] for row in ROWS])
def test_a_stay_in_any_order(
    rule: str, log: tuple[LogEntry, ...], unit: str | None, *, present: bool, people: tuple[int, int] | None
) -> None:
    """A stay is what its facts say, in whatever order they come."""
    for order in permutations(log):
        stay = stayed(order)
        shown = stay.snapshot()
        assert (stay.unit, stay.present, shown and (shown.adults, shown.children)) == (unit, present, people), rule


def stayed(log: tuple[LogEntry, ...]) -> Stay:
    """Return the stay of these entries."""
    stay = Stay(STAY)
    for entry in log:
        stay.index(entry.event, stay_fact(entry), keep=True)
    return stay


def test_a_stay_without_facts_is_empty() -> None:
    """R12: every fact of a stay can be removed again, until none is left."""
    log = (admitted(), moved(t=1), changed(2, 2), planned(9), left(t=2, ready=False))
    stay = stayed(log)
    for entry in log:
        assert not stay.empty
        stay.index(entry.event, stay_fact(entry), keep=False)
    assert stay.empty


def test_a_stay_is_shown_since_its_first_admission() -> None:
    """R3: a stay is shown since its first admission, also after a move, with the last plan of its discharge."""
    shown = stayed((admitted(t=5, o=3), admitted("u2", t=9), planned(60, t=1), planned(90, t=2))).snapshot()
    assert shown
    assert (shown.since, shown.expected_at) == (ns(3), ns(90))


def test_only_unready_discharges_close_a_unit() -> None:
    """R6: only a discharge with `unit_ready: false` is also a closing."""
    assert [discharge.data.unit_ready for discharge in stayed((left(), left(ready=False, t=1))).unready_discharges] == [False]
