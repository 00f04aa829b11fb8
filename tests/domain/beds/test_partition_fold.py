"""The fold of a partition: its clock, names that count once (R1), and what is forgotten after 400 days (section 5)."""

from __future__ import annotations

from typing import Final

import pytest

from services.domain.beds.partition_fold import PartitionState
from tests.domain.log_entries import (
    DAY,
    ELSEWHERE,
    ONE,
    OTHER,
    TWO,
    LogEntry,
    admitted,
    asked,
    closed,
    counted,
    fixed,
    folded,
    ms,
    registered,
    released,
    reopened,
    unit_states,
)

KEPT: Final = 400 * DAY
EARLIER: Final = KEPT - 0.001

ROWS: Final[list[tuple[str, tuple[LogEntry, ...], str]]] = [
    ("R1 a copy changes nothing", (*TWO, admitted(id="x"), admitted("u2", id="x", t=9)), "u1 occupied, u2 free"),
    ("R1 a copy of another type changes nothing", (*ONE, counted(id="x"), admitted(id="x")), "u1 free"),
    (
        "R1 another source is another name",
        (*TWO, admitted(id="x"), admitted("u2", OTHER, id="x", src=ELSEWHERE)),
        "u1 occupied, u2 occupied",
    ),
    ("R1 a hold event uses up a name", (*ONE, released(id="x"), admitted(id="x")), "u1 free"),
    ("R1 what was corrected used up its name", (*ONE, fixed("x"), counted(id="x"), admitted(id="x")), "u1 free"),
    ("R1 a correction uses up its own name", (*ONE, fixed("y", id="x"), admitted(id="x")), "u1 free"),
    ("5 a name comes back after 400 days", (*ONE, counted(id="x"), closed(id="x", at=KEPT)), "u1 closed"),
    ("5 a name does not come back a moment earlier", (*ONE, counted(id="x"), closed(id="x", at=EARLIER)), "u1 free"),
    ("5 a copy does not renew a name", (*ONE, counted(id="x"), counted(id="x", at=DAY), closed(id="x", at=KEPT)), "u1 closed"),
    ("5 what came back is kept as long again", (*ONE, counted(id="x"), counted(id="x", at=KEPT), closed(id="x", at=KEPT + 1)), "u1 free"),
    ("5 a correction stops what arrives", (*ONE, fixed("x"), closed(id="x", at=EARLIER)), "u1 free"),
    ("5 a correction stops what arrives for 400 days", (*ONE, fixed("x"), closed(id="x", at=KEPT)), "u1 closed"),
    ("5 a second correction stops what arrives for longer", (*ONE, fixed("x"), fixed("x", at=DAY), closed(id="x", at=KEPT)), "u1 free"),
    ("5 what a correction did stays done", (*ONE, closed(id="x"), fixed("x"), counted(at=KEPT)), "u1 free"),
    ("5 a correction still finds an old event", (*ONE, closed(id="x"), fixed("x", at=2 * KEPT)), "u1 free"),
    ("5 a correction removes both events of a name", (*ONE, closed(id="x"), closed(id="x", t=9, at=KEPT), fixed("x", at=KEPT)), "u1 free"),
    ("5 of two events with one name and time the one logged last", (*ONE, closed(id="x"), reopened(id="x", at=KEPT)), "u1 free"),
]


@pytest.mark.parametrize(("rule", "log", "states"), ROWS, ids=[row[0] for row in ROWS])
def test_a_name_counts_once(rule: str, log: tuple[LogEntry, ...], states: str) -> None:
    """Of each name the first record counts, for 400 days."""
    last = max(entry.at for entry in log)
    assert unit_states((*log, counted(at=last))) == states, rule


def test_the_same_name_in_another_shelter_is_another_event() -> None:
    """R1: the same name in another shelter is another event."""
    state = folded(registered(id="x"), registered(id="x", shelter="t"))
    assert sorted(state.shelters) == ["s", "t"]


def test_the_clock_never_goes_back() -> None:
    """The clock of a partition is the highest timestamp so far, dead letters included."""
    state = PartitionState()
    assert [state.advance_clock(at) for at in (5, 9, 3)] == [5, 9, 9]
    state.count_dead_letter()
    assert (state.clock, state.dead_letters) == (9, 1)


def test_a_hold_event_lists_its_shelter() -> None:
    """R7: a shelter is listed from its first valid record, hold events included."""
    state = folded(asked())
    assert state.shelters["s"].snapshot.region is None


def test_a_copy_is_recognised() -> None:
    """R1: folding a copy returns None, folding a new event its shelter."""
    state, event = PartitionState(clock=ms(0)), registered().event
    assert state.apply(event, 0) is state.shelters["s"]
    assert state.apply(event, 1) is None
