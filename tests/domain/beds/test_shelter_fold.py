"""The fold of one shelter, a row a rule: facts in, states of units out."""

from __future__ import annotations

from typing import Final

import pytest

from services.domain.beds.shelter_snapshot import Discrepancy
from tests.domain.log_entries import (
    DAY,
    ELSEWHERE,
    HOLD,
    ONE,
    OTHER,
    TWO,
    LogEntry,
    accepted,
    admitted,
    asked,
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
    reversed_log,
    shelter,
    unit_states,
    withdrawn,
)

Row = tuple[str, tuple[LogEntry, ...], str]

# States do not depend on the order of facts (R2), so each row is checked in its order and in the reverse order.
IN_ANY_ORDER: Final[list[Row]] = [
    ("R3 a stay is present from its admission", (*TWO, admitted()), "u1 occupied, u2 free"),
    ("R3 a stay is not present after its discharge", (*TWO, admitted(), left(t=1)), "u1 free, u2 free"),
    ("R4 a discharge ends a stay for good", (*TWO, left(), admitted(t=9)), "u1 free, u2 free"),
    ("R4 coming back is another stay", (*TWO, admitted(), left(t=1), admitted("u2", OTHER, t=2)), "u1 free, u2 occupied"),
    ("R3 a transfer moves it", (*TWO, admitted(), moved(t=1)), "u1 free, u2 occupied"),
    ("R3 the latest move by occurred_at", (*TWO, admitted(t=9, o=2), moved("u2", t=1)), "u1 occupied, u2 free"),
    ("R3 of moves at one instant the latest by time", (*TWO, admitted(t=1, o=0), moved(t=2, o=0)), "u1 free, u2 occupied"),
    ("R3 of moves at one time the highest id, in byte order", (*TWO, admitted(id="Z"), moved(id="a")), "u1 free, u2 occupied"),
    ("R3 of moves with one id the highest source", (*TWO, admitted(id="x", src=ELSEWHERE), moved(id="x")), "u1 free, u2 occupied"),
    ("R3 a transfer alone occupies nothing", (*TWO, moved()), "u1 free, u2 free"),
    ("R3 an admission after a transfer that happened later", (*TWO, admitted(t=1), moved(t=5)), "u1 free, u2 occupied"),
    ("R5 closed by the last statement", (*ONE, closed(t=2), reopened(t=1)), "u1 closed"),
    ("R5 reopened by the last statement", (*ONE, closed(t=1), reopened(t=2)), "u1 free"),
    ("R5 closings go by occurred_at before time", (*ONE, closed(t=9, o=1), reopened(t=2, o=2)), "u1 free"),
    ("R5 expected_until reopens nothing", (*ONE, closed(until=1), counted(t=9)), "u1 closed"),
    ("R5 the last declaration counts", (*ONE, declared(adults=5, t=1)), "u1 free"),
    ("R5 a withdrawn unit is not counted", (*TWO, withdrawn(t=1)), "u2 free"),
    ("R5 a unit declared later is counted", (*ONE, withdrawn(t=1), declared(t=2)), "u1 free"),
    ("R5 declared again it is as closed as it was", (*ONE, closed(), withdrawn(t=1), declared(t=2)), "u1 closed"),
    ("R5 declared again it is as occupied as it was", (*ONE, admitted(), withdrawn(t=1), declared(t=2)), "u1 occupied"),
    ("R5 intake paused", (*TWO, paused(t=1), admitted()), "u1 occupied, u2 paused"),
    ("R5 intake resumed", (*ONE, paused(t=1), resumed(t=2)), "u1 free"),
    ("R6 a unit that was not left ready is closed", (*ONE, admitted(), left(ready=False, t=1)), "u1 closed"),
    ("R6 it is closed from the discharge on", (*ONE, admitted(), left(ready=False, t=9, o=1), reopened(t=2)), "u1 free"),
    ("R6 the unit of the stay's latest move is closed", (*TWO, admitted(), left(ready=False, t=1), moved(t=2)), "u1 free, u2 closed"),
    ("R6 every unready discharge closes it", (*ONE, admitted(), left(ready=False), reopened(t=1), left(ready=False, t=2)), "u1 closed"),
    ("R6 without an admission no unit is closed", (*ONE, left(ready=False)), "u1 free"),
    ("R6 a reopening after the discharge reopens", (*ONE, admitted(), reopened(t=5), left(ready=False, t=1)), "u1 free"),
    ("R7 occupied before closed", (*ONE, admitted(), closed(t=1)), "u1 occupied"),
    ("R7 closed before paused", (*ONE, closed(), paused()), "u1 closed"),
    ("R7 a shelter not heard of is unknown", (registered(src=ELSEWHERE), declared(src=ELSEWHERE)), "u1 unknown"),
    ("R7 paused before unknown", (registered(src=ELSEWHERE), declared(src=ELSEWHERE), paused(src=ELSEWHERE)), "u1 paused"),
    ("R8 two stays in a unit", (*ONE, admitted(), admitted(stay=OTHER)), "u1 occupied x2"),
    ("R8 a stay in an undeclared unit", (*ONE, admitted("u9")), "u1 free, u9 !"),
    ("R8 two stays in an undeclared unit", (admitted(), admitted(stay=OTHER)), "u1 ! x2"),
    ("R12 a corrected admission counts as never sent", (*ONE, admitted(id="x"), fixed("x")), "u1 free"),
    ("R12 a corrected discharge counts as never sent", (*ONE, admitted(), left(id="x", t=1), fixed("x")), "u1 occupied"),
    ("R12 a corrected transfer counts as never sent", (*TWO, admitted(), moved(id="x", t=1), fixed("x")), "u1 occupied, u2 free"),
    ("R12 a corrected admission leaves the transfer without a stay", (*TWO, admitted(id="x"), moved(t=1), fixed("x")), "u1 free, u2 free"),
    ("R12 a corrected declaration", (*TWO, fixed("d2")), "u1 free"),
    ("R12 a corrected closing", (*ONE, closed(id="x"), fixed("x")), "u1 free"),
    ("R12 a corrected pause", (*ONE, paused(id="x"), fixed("x")), "u1 free"),
    ("R12 a corrected resumption", (*ONE, paused(), resumed(id="x", t=1), fixed("x")), "u1 paused"),
    ("R12 a corrected unready discharge closes nothing", (*ONE, admitted(), left(id="x", ready=False), fixed("x")), "u1 occupied"),
    ("R12 a correction can't be corrected", (*ONE, admitted(id="x"), fixed("x", id="y"), fixed("y")), "u1 free"),
    ("R12 the same id of another source stands", (*ONE, admitted(id="x"), fixed("x", src=ELSEWHERE)), "u1 occupied"),
]


@pytest.mark.parametrize(("rule", "log", "states"), IN_ANY_ORDER, ids=[row[0] for row in IN_ANY_ORDER])
def test_facts_give_the_same_states_in_any_order(rule: str, log: tuple[LogEntry, ...], states: str) -> None:
    """R2: facts give the same states in the order of the row and in the reverse order."""
    assert unit_states(log) == states, rule
    assert unit_states(reversed_log(log)) == states, f"{rule}, backwards"


# (what, the log, the discrepancy)
COUNTED: Final = [
    ("R8 another number is shown", (*ONE, counted(0)), (0, 1)),
    ("R8 the right number is no discrepancy", (*ONE, counted(1)), None),
    ("R8 a count without a number is no discrepancy", (*ONE, counted(0), counted()), None),
    ("R8 each count replaces the last, whenever it was recorded", (*ONE, counted(0, t=9), counted(5, t=1)), (5, 1)),
    ("R8 what happens after a count changes nothing", (*ONE, counted(1), admitted(t=1)), None),
    ("R8 what happened before a count and is logged later changes nothing", (*ONE, counted(0, t=9), admitted(t=1)), (0, 1)),
    ("R8 held, paused and unknown are counted", (*ONE, asked(), paused(), counted(1)), None),
    ("R8 overflow units are not counted", (*ONE, declared("u2", overflow=True), counted(2)), (2, 1)),
    ("R8 occupied and closed units are not counted", (*TWO, admitted(), closed("u2"), counted(1)), (1, 0)),
    ("R8 correcting a count changes nothing", (*ONE, counted(0, id="x"), fixed("x")), (0, 1)),
    ("R8 correcting a count beforehand changes nothing", (*ONE, fixed("x"), counted(0, id="x")), (0, 1)),
]


@pytest.mark.parametrize(("rule", "log", "found"), COUNTED, ids=[row[0] for row in COUNTED])
def test_a_count_by_hand_is_compared_where_it_stands(rule: str, log: tuple[LogEntry, ...], found: tuple[int, int] | None) -> None:
    """R8: a count by hand is compared with the units at its place in the log."""
    assert shelter(*log).snapshot.discrepancy == (Discrepancy(*found) if found else None), rule


# (what, the log, the minute it was last heard of)
HEARD: Final = [
    ("R9 its own desk", (registered(at=3),), 3),
    ("R9 heard of at the clock of the log, not at its own time", (registered(at=3, t=9),), 3),
    ("R9 another source is not heard", (registered(src=ELSEWHERE),), None),
    (
        "R9 a source that only begins alike is not heard",
        (registered(src="urn:plek:shelter:s"), counted(src="urn:plek:shelter:sa:d", at=1)),
        None,
    ),
    ("R9 a correction counts", (registered(), fixed("x", at=5)), 5),
    ("R9 a corrected fact counts", (registered(), fixed("x", src=ELSEWHERE, at=1), closed(id="x", at=5)), 5),
    ("R9 hold events do not count", (registered(), asked(at=5), accepted(at=6), released(at=7)), 0),
    ("R9 a copy does not count", (registered(id="x"), registered(id="x", at=5)), 0),
    ("R9 the clock never goes back", (registered(at=9), closed(at=5)), 9),
]


@pytest.mark.parametrize(("rule", "log", "minute"), HEARD, ids=[row[0] for row in HEARD])
def test_a_shelter_is_heard_of_through_its_own_sources(rule: str, log: tuple[LogEntry, ...], minute: int | None) -> None:
    """R9: a shelter was last heard of at its latest fact by a desk of its own."""
    heard = shelter(*log).snapshot.heard_at
    assert heard == (None if minute is None else shelter(registered(at=minute)).snapshot.heard_at), rule


OVERTAKEN: Final[list[Row]] = [
    ("R11 its unit is occupied by another", (*ONE, asked(), admitted()), "overtaken u1"),
    ("R11 its unit is occupied by a transfer", (*TWO, admitted("u2"), asked(), moved("u1", t=1)), "overtaken u1"),
    ("R11 its unit is occupied by a correction of the discharge", (*ONE, admitted(), left(id="x"), asked(), fixed("x")), "overtaken u1"),
    ("R11 its unit is closed", (*ONE, asked(), closed()), "overtaken u1"),
    ("R11 its unit is closed for cleaning", (*ONE, left(ready=False), asked(), admitted()), "overtaken u1"),
    ("R11 its unit is withdrawn", (*ONE, asked(), withdrawn(t=1)), "overtaken u1"),
    ("R11 its declaration is corrected", (*ONE, asked(), fixed("d1")), "overtaken u1"),
    ("R11 overtaken for good", (*ONE, asked(), closed(id="x"), fixed("x")), "overtaken u1"),
    ("R11 a closing that was over before does not overtake it", (*ONE, reopened(t=9), asked(), closed(t=1)), "granted u1"),
    ("R11 a pause does not overtake it", (*ONE, asked(), paused()), "granted u1"),
    ("R11 another declaration of its unit does not overtake it", (*ONE, asked(), declared(adults=1, overflow=True, t=1)), "granted u1"),
    ("R11 a hold that has expired is not overtaken", (*ONE, asked(ttl=1), closed(at=1)), "expired u1"),
    ("R11 the closing of another unit does not overtake it", (*TWO, asked(), closed("u2")), "granted u1"),
    ("R11 fulfilled by the admission that names it", (*ONE, asked(), admitted(hold=HOLD)), "fulfilled u1"),
    ("R11 fulfilled in whichever unit the stay lands", (*TWO, asked(), admitted("u2", hold=HOLD)), "fulfilled u1"),
    ("R11 fulfilled even if the stay has ended", (*ONE, left(), asked(), admitted(hold=HOLD)), "fulfilled u1"),
    ("R11 an admission corrected by then does not fulfil it", (*ONE, fixed("x"), asked(), admitted(hold=HOLD, id="x")), "granted u1"),
    ("R11 a later correction leaves it fulfilled", (*ONE, asked(), admitted(hold=HOLD, id="x"), fixed("x")), "fulfilled u1"),
    ("R11 a hold that has expired is not fulfilled", (*ONE, asked(ttl=1), admitted(hold=HOLD, at=1)), "expired u1"),
    ("R11 an admission logged before the request", (*TWO, admitted("u2", hold=HOLD), asked()), "granted u1"),
    ("R12 a hold event can't be corrected", (*ONE, asked(id="x"), fixed("x")), "granted u1"),
    ("R12 a hold event can't be corrected before it comes", (*ONE, fixed("x"), asked(id="x")), "granted u1"),
    (
        "R12 every fact of a name that came back is removed before any unit is read",
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


@pytest.mark.parametrize(("rule", "log", "became"), OVERTAKEN, ids=[row[0] for row in OVERTAKEN])
def test_a_live_hold_ends_when_its_unit_is_taken(rule: str, log: tuple[LogEntry, ...], became: str) -> None:
    """R11: a live hold ends as overtaken or fulfilled, at the event that takes its unit."""
    assert outcome(log) == became, rule


def test_a_household_is_the_last_statement_of_it() -> None:
    """R5: the household of a stay is that of the last of its admissions and changes; it is shown with its first admission and last plan."""
    found = shelter(*ONE, changed(2, 3, t=5), admitted(t=1), planned(60, t=2), planned(90, t=1)).snapshot.units["u1"].stays[0]
    first = shelter(*ONE, admitted(t=1)).snapshot.units["u1"].stays[0]
    assert (found.adults, found.children, found.since) == (2, 3, first.since)
    assert found.expected_at == shelter(*ONE, admitted(), planned(60)).snapshot.units["u1"].stays[0].expected_at


def test_correcting_everything_leaves_nothing_behind() -> None:
    """R12: a shelter of which every fact was corrected keeps no unit, no stay and no fact."""
    log = (registered(id="a"), declared(id="b"), admitted(id="c"), moved(id="d"), left(id="e", ready=False), closed(id="f"))
    bare = shelter(*log, *[fixed(name) for name in "abcdef"])
    assert (bare.units, bare.stays, bare.snapshot.units, bare.facts, bare.snapshot.registration) == ({}, {}, {}, {}, None)


def test_changes_name_what_has_to_be_written() -> None:
    """What a batch changed is returned once: facts added, facts removed, units and holds."""
    home = shelter(*ONE, admitted(id="x"), asked(), fixed("x"))
    changes = home.drain_changes()
    assert (sorted(changes.facts_added), changes.facts_removed, changes.units, changes.holds) == ([0, 1], {2}, {"u1"}, {HOLD})
    assert home.drain_changes().units == set()
