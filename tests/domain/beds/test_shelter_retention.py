"""What of a shelter is kept at a checkpoint, one case a rule: the entries before it, what comes later, and the offsets that are kept."""

from typing import Any

import pytest

from services.domain.beds.shelter_retention import LaterBedEvents, kept_facts, kept_holds
from tests.domain.log_entries import (
    HOLD,
    OTHER,
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
    ms,
    ns,
    paused,
    planned,
    registered,
    reopened,
    resumed,
    shelter,
    withdrawn,
)

LIMIT = 100
"""The minute before which records are deleted."""


def kept(before: list[LogEntry], later: list[LogEntry]) -> list[int]:
    """Return the offsets of the facts before the limit that are kept."""
    return sorted(kept_facts(shelter(*before), ns(LIMIT), refers(later)))


def refers(later: list[LogEntry]) -> LaterBedEvents:
    """Return what later entries refer to."""
    events = LaterBedEvents()
    for entry in later:
        events.add(entry.event.data)
    return events


CASES: list[Any] = [
    pytest.param([registered("R01", t=1), registered("R02", t=2)], [], [1], id="the registration that counts"),
    pytest.param(
        [registered("R01", t=1), registered("R02", t=2, id="x")], [fixed("x")], [0, 1], id="and the one before, once it is corrected"
    ),
    pytest.param([registered("R01", t=1), registered("R02", t=2), registered("R03", t=101)], [], [1, 2], id="and those after the limit"),
    pytest.param([declared(t=1), declared(adults=5, t=2), withdrawn(t=3)], [], [2], id="the last on a unit, also that it is withdrawn"),
    pytest.param([closed(t=1), reopened(t=2), closed(t=3)], [], [2], id="the last closing"),
    pytest.param([paused(t=1), resumed(t=2)], [], [1], id="the last of a pause"),
    pytest.param([counted(3, t=1)], [], [], id="no count: its result is in the state"),
    pytest.param([admitted(t=1), changed(2, 0, t=2), planned(200, t=3)], [], [0, 1, 2], id="a stay that is present, whole"),
    pytest.param([admitted(t=1), moved(t=2), left(t=3)], [], [], id="nothing of a stay that is over"),
    pytest.param([admitted(t=1), left(t=2, id="x")], [fixed("x")], [0, 1], id="a stay with an end that is corrected later"),
    pytest.param([admitted(t=1), left(t=2)], [changed(2, 0)], [0, 1], id="a stay that a later event names"),
    pytest.param([admitted(t=1), left(t=2, o=101)], [], [0, 1], id="a stay that ends after the limit"),
    pytest.param([left(t=1)], [], [], id="no end without a beginning"),
    pytest.param([left(t=1)], [admitted()], [0], id="but for a beginning that comes later"),
    pytest.param([admitted(t=1), left(t=2, ready=False)], [], [0, 1], id="a stay that left its unit to be cleaned"),
    pytest.param([admitted(t=1), left(t=2, ready=False), reopened(t=3)], [], [2], id="but not once the unit was opened again"),
    pytest.param(
        [admitted(t=1), left(t=2, ready=False), reopened(t=3, id="x")], [fixed("x")], [0, 1, 2], id="unless that is corrected later"
    ),
    pytest.param(
        [closed(t=1), admitted(t=2), moved(t=3), left(t=4, ready=False)], [], [0, 1, 2, 3], id="one that had moved, and what was before it"
    ),
    pytest.param([admitted(t=1), admitted("u2", OTHER, t=2), left(t=3)], [], [1], id="each stay by itself"),
]


@pytest.mark.parametrize(("before", "later", "expected"), CASES)
def test_what_is_kept(before: list[LogEntry], later: list[LogEntry], expected: list[int]) -> None:
    """Kept is what counts at the limit, and what later events refer to."""
    assert kept(before, later) == expected


def test_a_hold_is_kept_while_it_is_live_or_named_later() -> None:
    """A hold that is over is not kept, unless a later event names it: then a second request is not decided anew (R10)."""
    state = shelter(registered(), declared(), asked(at=1, ttl=30))
    assert [hold.hold for hold in kept_holds(state, ms(30), refers([]))] == [HOLD]
    assert kept_holds(state, ms(31), refers([])) == []
    for entry in (asked(), accepted(), admitted(hold=HOLD)):
        assert [hold.hold for hold in kept_holds(state, ms(31), refers([entry]))] == [HOLD]
