"""The life of a hold: decided by the log (R10), ended as the log says (R11), a row a rule; and its table."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, get_args

import pytest

from services.domain.beds.holds import LIFE, Status, TimeOver, Trigger, UnitLost, after
from tests.domain.log_entries import (
    ELSEWHERE,
    HOLD,
    HOUR,
    ONE,
    SECOND,
    TWO,
    LogEntry,
    accepted,
    admitted,
    asked,
    closed,
    declared,
    declined,
    extended,
    fixed,
    outcome,
    paused,
    registered,
    released,
    resumed,
    shelter,
    unit_states,
)

Row = tuple[str, tuple[LogEntry, ...], str]

DECIDED: Final[list[Row]] = [
    ("R10 a free unit that takes them", (*ONE, asked()), "granted u1"),
    ("R10 a shelter that is not registered", (declared(), asked()), "refused unknown_shelter"),
    ("R10 a registration that was corrected", (*ONE, fixed("r"), asked()), "refused unknown_shelter"),
    ("R10 not registered comes before a pause", (declared(), paused(), asked()), "refused unknown_shelter"),
    ("R10 intake is paused", (*ONE, paused(), asked()), "refused intake_paused"),
    ("R10 a pause comes before nothing free", (registered(), paused(), asked()), "refused intake_paused"),
    ("R10 intake goes on", (*ONE, paused(), resumed(t=1), asked()), "granted u1"),
    ("R10 no unit at all", (registered(), asked()), "refused no_free_unit"),
    ("R10 occupied", (*ONE, admitted(), asked()), "refused no_free_unit"),
    ("R10 closed", (*ONE, closed(), asked()), "refused no_free_unit"),
    ("R10 held by another", (*ONE, asked(SECOND), asked()), "refused no_free_unit"),
    ("R10 a hold that is over keeps nothing", (*ONE, asked(SECOND), released(SECOND), asked()), "granted u1"),
    ("R10 a hold that expires at this instant keeps nothing", (*ONE, asked(SECOND, ttl=1), asked(at=1)), "granted u1"),
    ("R10 a hold that is live a moment longer keeps its unit", (*ONE, asked(SECOND, ttl=1), asked(at=0.999)), "refused no_free_unit"),
    ("R10 too many adults", (*ONE, asked(adults=3)), "refused no_free_unit"),
    ("R10 too many children", (*ONE, asked(children=3)), "refused no_free_unit"),
    ("R10 just as many as it takes", (*ONE, asked(adults=2, children=2)), "granted u1"),
    ("R10 places are not beds", (registered(), declared(adults=5, children=5), asked(adults=5, children=5)), "granted u1"),
    ("R10 of a wanted kind", (*ONE, declared("u0", kind="assisted"), asked(kinds=("emergency", "crisis"))), "granted u1"),
    ("R10 of no wanted kind", (*ONE, asked(kinds=("assisted",))), "refused no_free_unit"),
    ("R10 with all features", (*ONE, declared("u3", features=("pets", "cot")), asked(features=("cot", "pets"))), "granted u3"),
    (
        "R10 with some of the features",
        (registered(), declared(features=("pets",)), asked(features=("cot", "pets"))),
        "refused no_free_unit",
    ),
    ("R10 never an overflow unit", (registered(), declared(overflow=True), asked()), "refused no_free_unit"),
    ("R10 the fewest places", (registered(), declared("a", 3, 3), declared("b", 2, 2), asked()), "granted b"),
    ("R10 places are added up", (registered(), declared("a", 1, 5), declared("b", 4, 1), asked()), "granted b"),
    ("R10 of equal places the lowest id", (registered(), declared("b"), declared("a"), asked()), "granted a"),
    ("R10 ids in byte order", (registered(), declared("u2"), declared("u10"), asked()), "granted u10"),
    ("R10 unknown counts as free", (registered(src=ELSEWHERE), declared(src=ELSEWHERE), asked()), "granted u1"),
    ("R10 a second request changes nothing", (*ONE, asked(adults=9), asked()), "refused no_free_unit"),
    ("R10 a second request for a hold that is over changes nothing", (*ONE, asked(), released(), asked()), "released u1"),
    ("R10 a refusal stands", (*ONE, paused(), asked(), resumed(t=1), asked()), "refused intake_paused"),
]

ANSWERED: Final[list[Row]] = [
    ("R11 it lives for its time", (*ONE, asked(ttl=30), paused(at=29.999)), "granted u1"),
    ("R11 it has expired at the end of its time", (*ONE, asked(ttl=30), paused(at=30)), "expired u1"),
    ("R11 released", (*ONE, asked(), released()), "released u1"),
    ("R11 declined", (*ONE, asked(), declined()), "declined u1"),
    ("R11 what is over stays as it was", (*ONE, asked(), released(), declined()), "released u1"),
    ("R11 expired is over", (*ONE, asked(ttl=1), released(at=1)), "expired u1"),
    ("R11 an answer before the request changes nothing", (*ONE, released(), asked()), "granted u1"),
    ("R11 accepted: twelve hours", (*ONE, asked(), accepted(at=1), paused(at=12 * HOUR)), "granted u1"),
    ("R11 accepted: no longer than twelve hours", (*ONE, asked(), accepted(at=1), paused(at=12 * HOUR + 1)), "expired u1"),
    ("R11 accepted again: twelve hours from then", (*ONE, asked(), accepted(), accepted(at=60), paused(at=12 * HOUR + 59)), "granted u1"),
    ("R11 an acceptance never makes it shorter", (*ONE, asked(ttl=13 * HOUR), accepted(), paused(at=13 * HOUR - 1)), "granted u1"),
    ("R11 accepted too late", (*ONE, asked(ttl=1), accepted(at=1), paused(at=2)), "expired u1"),
    ("R11 accepted can still be released", (*ONE, asked(), accepted(), released()), "released u1"),
    ("R11 extended", (*ONE, asked(ttl=30), extended(60, at=10), paused(at=69)), "granted u1"),
    ("R11 extended from when that was asked", (*ONE, asked(ttl=30), extended(60, at=10), paused(at=70)), "expired u1"),
    ("R11 extended once", (*ONE, asked(), extended(1), extended(60, at=1), paused(at=30)), "expired u1"),
    ("R11 an extension never makes it shorter", (*ONE, asked(ttl=60), extended(1), paused(at=59)), "granted u1"),
    ("R11 the first extension while it lives counts", (*ONE, extended(60), asked(ttl=30), extended(60), paused(at=59)), "granted u1"),
    ("R11 an acceptance is not shortened", (*ONE, asked(), accepted(), extended(1), paused(at=60)), "granted u1"),
    ("R11 the release of another hold", (*TWO, asked(), asked(SECOND), released(SECOND)), "granted u1"),
    ("R11 the acceptance of a refused one", (*ONE, asked(adults=9), accepted()), "refused no_free_unit"),
]

ROWS: Final = DECIDED + ANSWERED
TRIGGERS: Final = [UnitLost(), *(entry.event.data for entry in (accepted(), extended(), released(), declined(), admitted()))]


@pytest.mark.parametrize(("rule", "log", "became"), ROWS, ids=[row[0] for row in ROWS])
def test_the_log_decides(rule: str, log: tuple[LogEntry, ...], became: str) -> None:
    """A hold becomes what the log says, at the clock of the log."""
    assert outcome(log) == became, rule


def test_a_held_unit_is_seen_as_held_until_its_hold_is_over() -> None:
    """R7: a unit is held for as long as its hold is live, then free again without any event."""
    log = (*ONE, asked(ttl=30))
    assert [unit_states(log, now) for now in (0, 29.999, 30)] == ["u1 held", "u1 held", "u1 free"]


@pytest.mark.parametrize(("before_its_end", "live", "status"), [(1, True, "granted"), (0, False, "expired"), (-1, False, "expired")])
def test_the_instant_of_its_end_is_excluded(before_its_end: int, live: bool, status: Status) -> None:  # noqa: FBT001 - a row
    """R10: a hold is live up to the last millisecond before its end; at its end it has expired."""
    hold = shelter(*ONE, asked()).holds[HOLD]
    assert (hold.live(hold.until - before_its_end), hold.status_at(hold.until - before_its_end)) == (live, status)


def test_the_table_has_every_status_and_every_trigger() -> None:
    """R11: the life of a hold has a row for each status, reaches each of them, and says what every trigger does to a granted hold."""
    assert set(LIFE) == set(get_args(Status))
    assert set(LIFE["granted"]) == {*get_args(Trigger), TimeOver}
    assert {"refused", "granted", *LIFE["granted"].values()} == set(LIFE)


@pytest.mark.parametrize("status", sorted(set(LIFE) - {"granted"}))
def test_a_hold_that_is_over_has_no_way_on(status: Status) -> None:
    """R11: nothing changes a hold that is over."""
    assert LIFE[status] == {}
    hold = replace(shelter(*ONE, asked()).holds[HOLD], status=status)
    assert all(after(hold, trigger, hold.requested_at) is hold for trigger in TRIGGERS if isinstance(trigger, Trigger))


def test_a_hold_keeps_who_to_call_back() -> None:
    """A hold knows when it was asked for, by which desk, and why it was declined."""
    hold = shelter(*ONE, asked(at=1), declined(at=2)).holds[HOLD]
    assert (hold.requested_at - shelter(*ONE, asked()).holds[HOLD].requested_at, hold.desk, hold.declined_because) == (60_000, "d", "full")
