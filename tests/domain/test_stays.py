"""One stay (R3 to R6): where it is, whether it is present, how many they are; nothing depends on the order it was told in."""

from __future__ import annotations

from itertools import permutations
from typing import Final

import pytest

from services.domain.stays import Stay
from tests.domain.said import STAY, Said, admitted, changed, left, moved, ns, planned

# (what, what was said of it, unit, present, (adults, children))
ROWS: Final[list[tuple[str, tuple[Said, ...], str | None, bool, tuple[int, int] | None]]] = [
    ("R3 admitted", (admitted(),), "u1", True, (1, 0)),
    ("R3 moved before it was admitted", (admitted(t=2), moved(t=1)), "u1", True, (1, 0)),
    ("R3 moved", (admitted(t=1), moved(t=2), moved("u3", t=3)), "u3", True, (1, 0)),
    ("R3 moved but never admitted", (moved(),), "u2", False, None),
    ("R4 gone", (admitted(), left(t=1)), "u1", False, None),
    ("R4 gone, whatever is said of it later", (left(), admitted(t=5), changed(2, 2, t=9)), "u1", False, None),
    ("R5 a child was born", (admitted(), changed(1, 1, t=1)), "u1", True, (1, 1)),
    ("R5 a change of before the admission", (admitted(adults=2, t=2), changed(1, 3, t=1)), "u1", True, (2, 0)),
    ("R5 a change of a stay nobody admitted", (changed(1, 1),), None, False, None),
]


@pytest.mark.parametrize(("says", "told", "unit", "present", "people"), ROWS, ids=[row[0] for row in ROWS])
def test_a_stay_in_any_order(says: str, told: tuple[Said, ...], unit: str | None, *, present: bool, people: tuple[int, int] | None) -> None:
    """A stay is what its facts say, in whatever order they are told."""
    for order in permutations(told):
        stay = stayed(order)
        shown = stay.show()
        assert (stay.unit, stay.present, shown and (shown.adults, shown.children)) == (unit, present, people), says


def stayed(told: tuple[Said, ...]) -> Stay:
    """Tell a stay."""
    stay = Stay(STAY)
    for word in told:
        stay.put(word.event, keep=True)
    return stay


def test_a_stay_that_is_taken_out_is_empty() -> None:
    """R12: every fact that was put in can be taken out again, until nothing is known."""
    told = (admitted(), moved(t=1), changed(2, 2), planned(9), left(t=2, ready=False))
    stay = stayed(told)
    for word in told:
        assert not stay.empty
        stay.put(word.event, keep=False)
    assert stay.empty


def test_a_stay_is_shown_since_its_first_admission() -> None:
    """R3: moving does not make a stay younger; the last plan tells when it is expected to end."""
    shown = stayed((admitted(t=5, o=3), admitted("u2", t=9), planned(60, t=1), planned(90, t=2))).show()
    assert shown
    assert (shown.since, shown.expected_at) == (ns(3), ns(90))


def test_only_unready_discharges_leave_a_unit_to_clean() -> None:
    """R6: `unit_ready: false` alone is also a closing."""
    assert [word.data.unit_ready for word in stayed((left(), left(ready=False, t=1))).left_to_clean] == [False]  # type: ignore[union-attr]
