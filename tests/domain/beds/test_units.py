"""One unit (R5 to R7): declared or not, closed or not, and its snapshot."""

from __future__ import annotations

from services.domain.beds.shelter_snapshot import Closing, Held, StaySnapshot, UnitSnapshot
from services.domain.beds.stays import Stay
from services.domain.beds.units import Unit
from tests.domain.log_entries import (
    STAY,
    LogEntry,
    admitted,
    closed,
    closing,
    declaration,
    declared,
    left,
    ns,
    reopened,
    stay_fact,
    withdrawn,
)


def stay(*log: LogEntry) -> Stay:
    """Return the stay of these entries."""
    made = Stay(STAY)
    for entry in log:
        made.index(entry.event, stay_fact(entry), keep=True)
    return made


def test_a_unit_that_is_neither_declared_nor_occupied_has_no_snapshot() -> None:
    """R7: a unit of which only a closing is known is not shown."""
    unit = Unit("u1", closings=[closing(closed())])
    assert (unit.snapshot(None), unit.empty) == (None, False)
    assert Unit("u1").empty


def test_a_unit_is_shown_by_its_last_declaration() -> None:
    """R5: a unit is shown with the kind and size of its last declaration; after a withdrawal only its stays are shown."""
    statements = [declaration(declared(t=1)), declaration(declared(adults=5, t=2)), declaration(withdrawn(t=3))]
    held = Held("h", 1)
    drawn = Unit("u1", declarations=statements[:2]).snapshot(held)
    assert drawn
    assert (drawn.max_adults, drawn.held) == (5, held)
    assert Unit("u1", declarations=statements).snapshot(held) is None
    lived_in = Unit("u1", declarations=statements)
    lived_in.assign(stay(admitted()), here=True)
    assert lived_in.snapshot(held) == UnitSnapshot("u1", stays=stay_snapshots(lived_in))


def stay_snapshots(unit: Unit) -> tuple[StaySnapshot, ...]:
    """Return the snapshots of the stays of a unit."""
    return tuple(shown for stay in unit.stays.values() if (shown := stay.snapshot()))


def test_a_closing_has_a_reason_and_an_expected_end() -> None:
    """R5, R6: the last closing counts, be it a statement or an unready discharge."""
    unit = Unit("u1", closings=[closing(closed(until=9, t=1))])
    assert unit.closed == Closing("maintenance", ns(9))
    unit.assign(stay(admitted(), left(ready=False, t=2)), here=True)
    assert unit.closed == Closing("cleaning", None)
    unit.closings.append(closing(reopened(t=3)))
    assert unit.closed is None


def test_a_stay_that_has_left_its_unit_ready_is_not_stored() -> None:
    """R3, R6: a unit stores the stays that are present, and those that left it unready."""
    unit = Unit("u1")
    for gone, here, seats in (
        (stay(admitted()), True, 1),
        (stay(admitted(), left()), True, 0),
        (stay(admitted(), left(ready=False)), True, 1),
        (stay(admitted()), False, 0),
    ):
        unit.assign(gone, here=here)
        assert len(unit.stays) + len(unit.unready) == len(unit.stays) + len(unit.cleanings) == seats
