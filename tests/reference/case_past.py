"""Cases of R14: what was true at an instant, and what was known by one."""

from __future__ import annotations

from typing import Final

from tests.reference.case import ONE, case
from tests.reference.expect import anomaly, both, counts, dead, hold
from tests.reference.given import DAY, ELSEWHERE, admitted, asked, closed, counted, declared, fixed, left, paused, record, registered

# Now is T: what was true then, in seconds after midnight; times of events are in minutes.
TRUE_AT: Final = [
    case("what happened at that instant is true", "R14", [*ONE, admitted(t=9, o=1)], counts(occupied=1), now=60),
    case("what happened just after is not", "R14", [*ONE, admitted(t=9, o=1)], counts(occupied=0, free=1), now=59.999),
    case("a discharge recorded later, of before, is true", "R14", [*ONE, admitted(), left(t=99, o=1)], counts(free=1), now=60),
    case("a declaration is true from its time", "R14", [registered(), declared(t=5)], counts(capacity=0), now=60),
    case("a correction of later applies", "R14", [*ONE, admitted(id="x"), fixed("x", t=99)], counts(free=1), now=60),
    case("nobody is unknown", "R14", [registered(src=ELSEWHERE), declared(src=ELSEWHERE)], counts(unknown=0, free=1), now=9 * DAY),
    case("nothing is held", "R14", [*ONE, asked()], counts(held=0, free=1), now=60),
    case("a pause is true from when it happened", "R14", [*ONE, paused(t=9, o=2)], counts(paused=1), now=120),
    case(
        "a name belongs to its first record, whenever that happened",
        "R14",
        [*ONE, counted(id="x", t=9), closed(id="x")],
        counts(closed=0),
        now=60,
    ),
    case(
        "an unready discharge closes from when it happened",
        "R14",
        [*ONE, admitted(), left(ready=False, t=9, o=1)],
        counts(closed=1),
        now=60,
    ),
]

# Now is K: the records up to that clock, seen at it.
KNOWN_BY: Final = [
    case("a record at that clock is known", "R14", [*ONE, admitted(at=60)], counts(occupied=1), now=60),
    case("a record after it is not", "R14", [*ONE, admitted(at=60)], counts(occupied=0), now=59.999),
    case(
        "a record with a timestamp that went back is as late as the clock",
        "R14",
        [*ONE, record("{", at=60), admitted(at=1)],
        both(counts(occupied=0), dead(0)),
        now=59,
    ),
    case("a correction of later is not known", "R14", [*ONE, admitted(id="x"), fixed("x", at=60)], counts(occupied=1), now=59),
    case("a hold of then is live", "R14", [*ONE, asked(ttl=60), admitted(at=30)], hold("granted", "u1"), now=29),
    case(
        "each partition has its own clock",
        "R14",
        [*ONE, record("{", at=99), registered(shelter="r", partition=1, at=9)],
        both(counts("r", capacity=0), dead(0)),
        now=9,
    ),
    case("the discrepancy of then", "R14", [*ONE, counted(0), counted(at=9)], anomaly(discrepancy={"reported": 0, "computed": 1}), now=8),
]
