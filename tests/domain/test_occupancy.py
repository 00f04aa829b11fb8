"""The fold of one shelter, a row a rule: facts in, states of units out."""

from __future__ import annotations

from typing import Final

import pytest

from services.domain.picture import Discrepancy
from tests.domain.said import (
    DAY,
    ELSEWHERE,
    HOLD,
    ONE,
    OTHER,
    TWO,
    Said,
    accepted,
    admitted,
    asked,
    backwards,
    changed,
    closed,
    counted,
    declared,
    fixed,
    left,
    moved,
    outcome,
    paused,
    planned,
    registered,
    released,
    reopened,
    resumed,
    seen,
    shelter,
    withdrawn,
)

Row = tuple[str, tuple[Said, ...], str]

# What is seen does not depend on the order (R2), so each of these is checked as it stands and from the last to the first.
IN_ANY_ORDER: Final[list[Row]] = [
    ("R3 a stay is present from its admission", (*TWO, admitted()), "u1 occupied, u2 free"),
    ("R3 and no longer after its discharge", (*TWO, admitted(), left(t=1)), "u1 free, u2 free"),
    ("R4 a discharge ends a stay for good", (*TWO, left(), admitted(t=9)), "u1 free, u2 free"),
    ("R4 coming back is another stay", (*TWO, admitted(), left(t=1), admitted("u2", OTHER, t=2)), "u1 free, u2 occupied"),
    ("R3 a transfer moves it", (*TWO, admitted(), moved(t=1)), "u1 free, u2 occupied"),
    ("R3 the latest move by occurred_at", (*TWO, admitted(t=9, o=2), moved("u2", t=1)), "u1 occupied, u2 free"),
    ("R3 then by time", (*TWO, admitted(t=1, o=0), moved(t=2, o=0)), "u1 free, u2 occupied"),
    ("R3 then by id, in byte order", (*TWO, admitted(id="Z"), moved(id="a")), "u1 free, u2 occupied"),
    ("R3 then by source", (*TWO, admitted(id="x", src=ELSEWHERE), moved(id="x")), "u1 free, u2 occupied"),
    ("R3 a transfer alone admits nobody", (*TWO, moved()), "u1 free, u2 free"),
    ("R3 an admission after a transfer that happened later", (*TWO, admitted(t=1), moved(t=5)), "u1 free, u2 occupied"),
    ("R5 closed by the last statement", (*ONE, closed(t=2), reopened(t=1)), "u1 closed"),
    ("R5 reopened by the last statement", (*ONE, closed(t=1), reopened(t=2)), "u1 free"),
    ("R5 by occurred_at before time", (*ONE, closed(t=9, o=1), reopened(t=2, o=2)), "u1 free"),
    ("R5 expected_until reopens nothing", (*ONE, closed(until=1), counted(t=9)), "u1 closed"),
    ("R5 the last declaration counts", (*ONE, declared(adults=5, t=1)), "u1 free"),
    ("R5 a withdrawn unit is not counted", (*TWO, withdrawn(t=1)), "u2 free"),
    ("R5 one declared later is", (*ONE, withdrawn(t=1), declared(t=2)), "u1 free"),
    ("R5 declared again it is as closed as it was", (*ONE, closed(), withdrawn(t=1), declared(t=2)), "u1 closed"),
    ("R5 and as lived in", (*ONE, admitted(), withdrawn(t=1), declared(t=2)), "u1 occupied"),
    ("R5 intake paused", (*TWO, paused(t=1), admitted()), "u1 occupied, u2 paused"),
    ("R5 intake resumed", (*ONE, paused(t=1), resumed(t=2)), "u1 free"),
    ("R6 a unit that was not left ready is closed", (*ONE, admitted(), left(ready=False, t=1)), "u1 closed"),
    ("R6 from when they left", (*ONE, admitted(), left(ready=False, t=9, o=1), reopened(t=2)), "u1 free"),
    ("R6 the unit of the stay's latest move", (*TWO, admitted(), left(ready=False, t=1), moved(t=2)), "u1 free, u2 closed"),
    ("R6 of every stay that left it so", (*ONE, admitted(), left(ready=False), reopened(t=1), left(ready=False, t=2)), "u1 closed"),
    ("R6 not while no admission is known", (*ONE, left(ready=False)), "u1 free"),
    ("R6 reopened and closed by another that left", (*ONE, admitted(), reopened(t=5), left(ready=False, t=1)), "u1 free"),
    ("R7 occupied before closed", (*ONE, admitted(), closed(t=1)), "u1 occupied"),
    ("R7 closed before paused", (*ONE, closed(), paused()), "u1 closed"),
    ("R7 nobody is heard of: unknown", (registered(src=ELSEWHERE), declared(src=ELSEWHERE)), "u1 unknown"),
    ("R7 paused before unknown", (registered(src=ELSEWHERE), declared(src=ELSEWHERE), paused(src=ELSEWHERE)), "u1 paused"),
    ("R8 two stays in a unit", (*ONE, admitted(), admitted(stay=OTHER)), "u1 occupied x2"),
    ("R8 a stay in a unit nobody declared", (*ONE, admitted("u9")), "u1 free, u9 !"),
    ("R8 two of them", (admitted(), admitted(stay=OTHER)), "u1 ! x2"),
    ("R12 a corrected admission never was", (*ONE, admitted(id="x"), fixed("x")), "u1 free"),
    ("R12 a corrected discharge never was", (*ONE, admitted(), left(id="x", t=1), fixed("x")), "u1 occupied"),
    ("R12 a corrected transfer never was", (*TWO, admitted(), moved(id="x", t=1), fixed("x")), "u1 occupied, u2 free"),
    ("R12 a corrected admission leaves the transfer nobody", (*TWO, admitted(id="x"), moved(t=1), fixed("x")), "u1 free, u2 free"),
    ("R12 a corrected declaration", (*TWO, fixed("d2")), "u1 free"),
    ("R12 a corrected closing", (*ONE, closed(id="x"), fixed("x")), "u1 free"),
    ("R12 a corrected pause", (*ONE, paused(id="x"), fixed("x")), "u1 free"),
    ("R12 a corrected resumption", (*ONE, paused(), resumed(id="x", t=1), fixed("x")), "u1 paused"),
    ("R12 a corrected unready discharge closes nothing", (*ONE, admitted(), left(id="x", ready=False), fixed("x")), "u1 occupied"),
    ("R12 a correction can't be corrected", (*ONE, admitted(id="x"), fixed("x", id="y"), fixed("y")), "u1 free"),
    ("R12 the same id of another source stands", (*ONE, admitted(id="x"), fixed("x", src=ELSEWHERE)), "u1 occupied"),
]


@pytest.mark.parametrize(("says", "log", "states"), IN_ANY_ORDER, ids=[row[0] for row in IN_ANY_ORDER])
def test_facts_give_the_same_states_in_any_order(says: str, log: tuple[Said, ...], states: str) -> None:
    """Facts give these states as they stand, and from the last to the first."""
    assert seen(log) == states, says
    assert seen(backwards(log)) == states, f"{says}, backwards"


# (what, the log, the discrepancy)
COUNTED: Final = [
    ("R8 another number is shown", (*ONE, counted(0)), (0, 1)),
    ("R8 the right number is none", (*ONE, counted(1)), None),
    ("R8 without a number there is none", (*ONE, counted(0), counted()), None),
    ("R8 each replaces the last, whenever it was recorded", (*ONE, counted(0, t=9), counted(5, t=1)), (5, 1)),
    ("R8 what happens later changes nothing", (*ONE, counted(1), admitted(t=1)), None),
    ("R8 nor does what happened before, told later", (*ONE, counted(0, t=9), admitted(t=1)), (0, 1)),
    ("R8 held, paused and unknown are counted", (*ONE, asked(), paused(), counted(1)), None),
    ("R8 overflow is not", (*ONE, declared("u2", overflow=True), counted(2)), (2, 1)),
    ("R8 occupied and closed are not", (*TWO, admitted(), closed("u2"), counted(1)), (1, 0)),
    ("R8 correcting it changes nothing", (*ONE, counted(0, id="x"), fixed("x")), (0, 1)),
    ("R8 not before it either", (*ONE, fixed("x"), counted(0, id="x")), (0, 1)),
]


@pytest.mark.parametrize(("says", "log", "found"), COUNTED, ids=[row[0] for row in COUNTED])
def test_a_count_by_hand_is_compared_where_it_stands(says: str, log: tuple[Said, ...], found: tuple[int, int] | None) -> None:
    """A count by hand is held against the units at its place in the log."""
    assert shelter(*log).picture.discrepancy == (Discrepancy(*found) if found else None), says


# (what, the log, the minute it was last heard of)
HEARD: Final = [
    ("R9 its own desk", (registered(at=3),), 3),
    ("R9 by the clock of the log, not by its own time", (registered(at=3, t=9),), 3),
    ("R9 nobody else", (registered(src=ELSEWHERE),), None),
    ("R9 a source that only begins alike", (registered(src="urn:plek:shelter:s"), counted(src="urn:plek:shelter:sa:d", at=1)), None),
    ("R9 a correction counts", (registered(), fixed("x", at=5)), 5),
    ("R9 what was corrected counts", (registered(), fixed("x", src=ELSEWHERE, at=1), closed(id="x", at=5)), 5),
    ("R9 hold events do not", (registered(), asked(at=5), accepted(at=6), released(at=7)), 0),
    ("R9 a copy does not", (registered(id="x"), registered(id="x", at=5)), 0),
    ("R9 the clock never goes back", (registered(at=9), closed(at=5)), 9),
]


@pytest.mark.parametrize(("says", "log", "minute"), HEARD, ids=[row[0] for row in HEARD])
def test_a_shelter_is_heard_of_through_its_own_sources(says: str, log: tuple[Said, ...], minute: int | None) -> None:
    """A shelter was last heard of at its latest fact by a desk of its own."""
    heard = shelter(*log).picture.heard_at
    assert heard == (None if minute is None else shelter(registered(at=minute)).picture.heard_at), says


OVERTAKEN: Final[list[Row]] = [
    ("R11 its unit is occupied by another", (*ONE, asked(), admitted()), "overtaken u1"),
    ("R11 by a transfer", (*TWO, admitted("u2"), asked(), moved("u1", t=1)), "overtaken u1"),
    ("R11 by a correction of the discharge", (*ONE, admitted(), left(id="x"), asked(), fixed("x")), "overtaken u1"),
    ("R11 closed", (*ONE, asked(), closed()), "overtaken u1"),
    ("R11 closed for cleaning", (*ONE, left(ready=False), asked(), admitted()), "overtaken u1"),
    ("R11 withdrawn", (*ONE, asked(), withdrawn(t=1)), "overtaken u1"),
    ("R11 its declaration is corrected", (*ONE, asked(), fixed("d1")), "overtaken u1"),
    ("R11 for good", (*ONE, asked(), closed(id="x"), fixed("x")), "overtaken u1"),
    ("R11 not by a closing that was over before", (*ONE, reopened(t=9), asked(), closed(t=1)), "granted u1"),
    ("R11 not by a pause", (*ONE, asked(), paused()), "granted u1"),
    ("R11 not when it is declared otherwise", (*ONE, asked(), declared(adults=1, overflow=True, t=1)), "granted u1"),
    ("R11 not when it has expired by then", (*ONE, asked(ttl=1), closed(at=1)), "expired u1"),
    ("R11 another unit is not its own", (*TWO, asked(), closed("u2")), "granted u1"),
    ("R11 fulfilled by the admission that names it", (*ONE, asked(), admitted(hold=HOLD)), "fulfilled u1"),
    ("R11 in whichever unit the stay lands", (*TWO, asked(), admitted("u2", hold=HOLD)), "fulfilled u1"),
    ("R11 even if the stay has ended", (*ONE, left(), asked(), admitted(hold=HOLD)), "fulfilled u1"),
    ("R11 not if the admission is corrected by then", (*ONE, fixed("x"), asked(), admitted(hold=HOLD, id="x")), "granted u1"),
    ("R11 a later correction changes nothing", (*ONE, asked(), admitted(hold=HOLD, id="x"), fixed("x")), "fulfilled u1"),
    ("R11 a hold that has expired is not fulfilled", (*ONE, asked(ttl=1), admitted(hold=HOLD, at=1)), "expired u1"),
    ("R11 an admission logged before the request", (*TWO, admitted("u2", hold=HOLD), asked()), "granted u1"),
    ("R12 a hold event can't be corrected", (*ONE, asked(id="x"), fixed("x")), "granted u1"),
    ("R12 nor before it comes", (*ONE, fixed("x"), asked(id="x")), "granted u1"),
    (
        "R12 a name that came back is taken out whole before anyone looks",
        (
            *ONE,
            reopened(id="x", t=2),
            closed(id="x", t=1, at=400 * DAY),
            asked(at=400 * DAY),
            fixed("x", at=400 * DAY),
        ),
        "granted u1",
    ),
]


@pytest.mark.parametrize(("says", "log", "became"), OVERTAKEN, ids=[row[0] for row in OVERTAKEN])
def test_a_live_hold_ends_when_its_unit_is_taken(says: str, log: tuple[Said, ...], became: str) -> None:
    """A live hold ends as overtaken or fulfilled, at the event that takes its unit."""
    assert outcome(log) == became, says


def test_a_household_is_the_last_statement_of_it() -> None:
    """R5: a household is what the last of its admission and changes says, since the first admission, until the last plan."""
    found = shelter(*ONE, changed(2, 3, t=5), admitted(t=1), planned(60, t=2), planned(90, t=1)).picture.units["u1"].stays[0]
    first = shelter(*ONE, admitted(t=1)).picture.units["u1"].stays[0]
    assert (found.adults, found.children, found.since) == (2, 3, first.since)
    assert found.expected_at == shelter(*ONE, admitted(), planned(60)).picture.units["u1"].stays[0].expected_at


def test_taking_everything_out_leaves_nothing_behind() -> None:
    """R12: a shelter all of whose facts were corrected keeps no unit, no stay and no fact."""
    log = (registered(id="a"), declared(id="b"), admitted(id="c"), moved(id="d"), left(id="e", ready=False), closed(id="f"))
    bare = shelter(*log, *[fixed(name) for name in "abcdef"])
    assert (bare.units, bare.stays, bare.picture.units, bare.facts, bare.picture.registration) == ({}, {}, {}, {}, None)


def test_changes_name_what_has_to_be_written() -> None:
    """What a batch changed is handed over once: facts that came, facts that went, units and holds."""
    home = shelter(*ONE, admitted(id="x"), asked(), fixed("x"))
    changes = home.take_changes()
    assert (sorted(changes.kept), changes.dropped, changes.units, changes.holds) == ([0, 1], {2}, {"u1"}, {HOLD})
    assert home.take_changes().units == set()
