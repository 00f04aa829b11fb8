"""One unit (R5 to R7): declared or not, closed or not, and what is drawn of it."""

from __future__ import annotations

from services.domain.picture import Closing, Held, StayShown, UnitPicture
from services.domain.stays import Stay
from services.domain.units import Unit
from tests.domain.said import STAY, Said, admitted, closed, declared, left, ns, reopened, withdrawn


def stay(*told: Said) -> Stay:
    """Tell a stay."""
    made = Stay(STAY)
    for word in told:
        made.put(word.event, keep=True)
    return made


def test_nothing_is_drawn_of_a_unit_that_is_neither_declared_nor_lived_in() -> None:
    """R7: a unit that was closed, and no more, is not shown."""
    unit = Unit("u1", closings=[closed().event])
    assert (unit.draw(None), unit.empty) == (None, False)
    assert Unit("u1").empty


def test_a_unit_is_drawn_from_its_last_declaration() -> None:
    """R5: the last declaration tells its kind and size; a withdrawal leaves only its stays to be seen."""
    said = [declared(t=1).event, declared(adults=5, t=2).event, withdrawn(t=3).event]
    held = Held("h", 1)
    drawn = Unit("u1", declarations=said[:2]).draw(held)
    assert drawn
    assert (drawn.max_adults, drawn.held) == (5, held)
    assert Unit("u1", declarations=said).draw(held) is None
    lived_in = Unit("u1", declarations=said)
    lived_in.seat(stay(admitted()), here=True)
    assert lived_in.draw(held) == UnitPicture("u1", stays=drawn_stays(lived_in))


def drawn_stays(unit: Unit) -> tuple[StayShown, ...]:
    """Draw the stays of a unit."""
    return tuple(shown for stay in unit.stays.values() if (shown := stay.show()))


def test_a_closing_tells_why_and_until_when() -> None:
    """R5, R6: the last closing counts, be it a statement or an unready discharge."""
    unit = Unit("u1", closings=[closed(until=9, t=1).event])
    assert unit.closed == Closing("maintenance", ns(9))
    unit.seat(stay(admitted(), left(ready=False, t=2)), here=True)
    assert unit.closed == Closing("cleaning", None)
    unit.closings.append(reopened(t=3).event)
    assert unit.closed is None


def test_a_stay_that_has_gone_and_left_it_clean_needs_no_seat() -> None:
    """R3, R6: a unit keeps whom it must: those present, and those that left it to be cleaned."""
    unit = Unit("u1")
    for gone, here, seats in (
        (stay(admitted()), True, 1),
        (stay(admitted(), left()), True, 0),
        (stay(admitted(), left(ready=False)), True, 1),
        (stay(admitted()), False, 0),
    ):
        unit.seat(gone, here=here)
        assert len(unit.stays) == seats
