"""The fold of a partition: its clock, names that count once (R1), and what is forgotten after 400 days (section 5)."""

from __future__ import annotations

from typing import Final

import pytest

from services.domain.registry import Registry
from tests.domain.said import (
    DAY,
    ELSEWHERE,
    ONE,
    OTHER,
    TWO,
    Said,
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
    seen,
)

KEPT: Final = 400 * DAY
EARLIER: Final = KEPT - 0.001

ROWS: Final[list[tuple[str, tuple[Said, ...], str]]] = [
    ("R1 a copy changes nothing", (*TWO, admitted(id="x"), admitted("u2", id="x", t=9)), "u1 occupied, u2 free"),
    ("R1 a copy of another type neither", (*ONE, counted(id="x"), admitted(id="x")), "u1 free"),
    (
        "R1 another source is another name",
        (*TWO, admitted(id="x"), admitted("u2", OTHER, id="x", src=ELSEWHERE)),
        "u1 occupied, u2 occupied",
    ),
    ("R1 a hold event uses up a name", (*ONE, released(id="x"), admitted(id="x")), "u1 free"),
    ("R1 what was corrected used up its name", (*ONE, fixed("x"), counted(id="x"), admitted(id="x")), "u1 free"),
    ("R1 a correction uses up its own", (*ONE, fixed("y", id="x"), admitted(id="x")), "u1 free"),
    ("5 a name comes back after 400 days", (*ONE, counted(id="x"), closed(id="x", at=KEPT)), "u1 closed"),
    ("5 not a moment earlier", (*ONE, counted(id="x"), closed(id="x", at=EARLIER)), "u1 free"),
    ("5 a copy does not renew it", (*ONE, counted(id="x"), counted(id="x", at=DAY), closed(id="x", at=KEPT)), "u1 closed"),
    ("5 what came back is kept as long again", (*ONE, counted(id="x"), counted(id="x", at=KEPT), closed(id="x", at=KEPT + 1)), "u1 free"),
    ("5 a correction stops what arrives", (*ONE, fixed("x"), closed(id="x", at=EARLIER)), "u1 free"),
    ("5 for 400 days", (*ONE, fixed("x"), closed(id="x", at=KEPT)), "u1 closed"),
    ("5 a second correction stops it longer", (*ONE, fixed("x"), fixed("x", at=DAY), closed(id="x", at=KEPT)), "u1 free"),
    ("5 what a correction did stays done", (*ONE, closed(id="x"), fixed("x"), counted(at=KEPT)), "u1 free"),
    ("5 it still finds an old event", (*ONE, closed(id="x"), fixed("x", at=2 * KEPT)), "u1 free"),
    ("5 both events of a name", (*ONE, closed(id="x"), closed(id="x", t=9, at=KEPT), fixed("x", at=KEPT)), "u1 free"),
    ("5 of two that say the same, the one logged last", (*ONE, closed(id="x"), reopened(id="x", at=KEPT)), "u1 free"),
]


@pytest.mark.parametrize(("says", "log", "states"), ROWS, ids=[row[0] for row in ROWS])
def test_a_name_counts_once(says: str, log: tuple[Said, ...], states: str) -> None:
    """Of each name the first record counts, for 400 days."""
    last = max(word.at for word in log)
    assert seen((*log, counted(at=last))) == states, says


def test_the_same_name_in_another_shelter_is_another_event() -> None:
    """R1: names are of a shelter."""
    registry = folded(registered(id="x"), registered(id="x", shelter="t"))
    assert sorted(registry.shelters) == ["s", "t"]


def test_the_clock_never_goes_back() -> None:
    """The clock of a partition is the highest timestamp so far, dead letters included."""
    registry = Registry()
    assert [registry.hear(at) for at in (5, 9, 3)] == [5, 9, 9]
    registry.refuse()
    assert (registry.clock, registry.dead_letters) == (9, 1)


def test_a_hold_event_lists_its_shelter() -> None:
    """R7: a shelter is listed from its first valid record, hold events included."""
    registry = folded(asked())
    assert registry.shelters["s"].picture.region is None


def test_a_copy_is_told_apart() -> None:
    """R1: folding a copy answers with nothing, folding a new event with its shelter."""
    registry, event = Registry(clock=ms(0)), registered().event
    assert registry.take(event, 0) is registry.shelters["s"]
    assert registry.take(event, 1) is None
