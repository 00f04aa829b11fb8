"""As it was (R14), a row a rule: what was true at T, and what was known by K. T and K in minutes."""

from __future__ import annotations

from typing import Final

import pytest

from services.domain.beds.shelter_snapshot import Counts, count
from tests.domain.log_entries import (
    DAY,
    ELSEWHERE,
    ONE,
    LogEntry,
    admitted,
    asked,
    closed,
    counted,
    declared,
    fixed,
    left,
    ms,
    ns,
    paused,
    registered,
)
from tests.reference.point_in_time import NEVER_UNKNOWN, Logged, known_by, true_at


def logged(log: tuple[LogEntry, ...]) -> list[Logged]:
    """Return entries as logged records."""
    return [Logged(offset, ms(word.at), word.event) for offset, word in enumerate(log)]


# (what, the log, T, the counts of the shelter; None: it is not listed)
TRUE: Final[list[tuple[str, tuple[LogEntry, ...], float, dict[str, int] | None]]] = [
    ("R14 what happened by then", (*ONE, admitted(o=5, t=9)), 5, {"occupied": 1}),
    ("R14 not what happened later", (*ONE, admitted(o=5, t=9)), 4.999, {"free": 1}),
    ("R14 what has no occurred_at: its time", (registered(), declared(t=5)), 4, {}),
    ("R14 told days later", (*ONE, admitted(o=5, t=2 * DAY, at=2 * DAY)), 5, {"occupied": 1}),
    ("R14 a correction applies whatever its time", (*ONE, closed(id="x"), fixed("x", t=99)), 0, {"free": 1}),
    ("R14 a discharge of later does not", (*ONE, admitted(), left(t=9)), 8, {"occupied": 1}),
    ("R14 nobody is unknown", ONE, 99 * DAY, {"free": 1}),
    ("R14 not even one never heard of", (registered(src=ELSEWHERE), declared(src=ELSEWHERE)), 1, {"free": 1}),
    ("R14 nothing is held", (*ONE, asked()), 0, {"free": 1}),
    ("R14 a pause is", (*ONE, paused(o=3, t=9)), 3, {"paused": 1}),
    ("R14 a copy never steps in for a record of later", (*ONE, counted(id="x", t=9), closed(id="x", t=1)), 5, {"free": 1}),
    ("R14 a shelter is listed from its first fact", (registered(t=5), declared(t=5)), 4, None),
    ("R14 not from a hold event", (asked(),), 9, None),
    ("R14 not from a correction to come", (fixed("x", t=9),), 8, None),
    ("R14 a correction of then lists it", (fixed("x", t=9),), 9, {}),
    ("5 a correction that no longer stops an event", (*ONE, fixed("x"), closed(id="x", at=400 * DAY)), 0, {"closed": 1}),
]


@pytest.mark.parametrize(("says", "log", "instant", "counts"), TRUE, ids=[row[0] for row in TRUE])
def test_what_was_true_then(says: str, log: tuple[LogEntry, ...], instant: float, counts: dict[str, int] | None) -> None:
    """R14: what was true at T are the facts that had happened by T, with all that is known now."""
    found = true_at(logged(log), ns(instant)).shelters.get("s")
    seen = count(found.snapshot, ms(instant), NEVER_UNKNOWN)[0] if found else None
    assert seen == (None if counts is None else Counts(capacity=sum(counts.values()), **counts)), says


# (what, the log, K, how many events count)
KNOWN: Final = [
    ("R14 a record at that clock", (registered(at=1), closed(at=5)), 5, 2),
    ("R14 not one after it", (registered(at=1), closed(at=5)), 4.999, 1),
    ("R14 one whose timestamp went back is as late as the clock", (registered(at=9), closed(at=1)), 8, 0),
    ("R14 a correction of later is not known", (registered(at=1), fixed("x", at=9)), 8, 1),
]


@pytest.mark.parametrize(("says", "log", "clock", "known"), KNOWN, ids=[row[0] for row in KNOWN])
def test_what_was_known_by_then(says: str, log: tuple[LogEntry, ...], clock: float, known: int) -> None:
    """R14: what was known by K are the records up to clock K, and no others."""
    assert len(known_by(logged(log), ms(clock)).seen.logged_at) == known, says


def test_dead_letters_are_known_and_move_the_clock() -> None:
    """R14: a dead letter up to K is counted, and moves the clock for what follows it."""
    log = [Logged(0, ms(9), None), Logged(1, ms(1), registered().event)]
    assert (known_by(log, ms(9)).dead_letters, known_by(log, ms(8)).dead_letters) == (1, 0)
    assert known_by(log, ms(8)).shelters == {}
    assert true_at(log, ns(0)).dead_letters == 1
