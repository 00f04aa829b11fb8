"""Cases of what a shelter was last heard of (R9) and of what is forgotten (section 5)."""

from __future__ import annotations

from typing import Final

from tests.reference.case import ONE, TWO, case
from tests.reference.expect import both, counts, dead
from tests.reference.given import DAY, ELSEWHERE, OTHER, admitted, answered, counted, declared, fixed, record, registered

HEARD: Final = [
    case("just under a day is not unknown", "R9", ONE, counts(unknown=0, free=1), now=DAY - 0.001),
    case("exactly a day is unknown", "R9", ONE, counts(unknown=1, free=0), now=DAY),
    case("a now before the clock is the clock", "R9", [*ONE, record("{", at=DAY)], both(counts(unknown=1), dead(1)), now=0),
    case("a dead letter is nothing heard", "R9", [*ONE, counted(at=DAY, specversion="2")], counts(unknown=1)),
    case("a double is nothing heard", "R9", [*ONE, counted(id="x"), counted(id="x", at=DAY)], counts(unknown=1)),
    case("a hold event is nothing heard", "R9", [*ONE, answered("accepted", at=DAY)], counts(unknown=1)),
    case("a coordinator is nothing heard", "R9", [*ONE, counted(at=DAY, src=ELSEWHERE)], counts(unknown=1)),
    case("a source without a desk is nothing heard", "R9", [*ONE, counted(at=DAY, src="urn:plek:shelter:s")], counts(unknown=1)),
    case(
        "a desk of a shelter with a name that begins the same is nothing heard",
        "R9",
        [*ONE, counted(at=DAY, src="urn:plek:shelter:s-2:desk-1")],
        counts(unknown=1),
    ),
    case("a source that ends where the desk begins is heard", "R9", [*ONE, counted(at=DAY, src="urn:plek:shelter:s:")], counts(unknown=0)),
    case("a correction is heard", "R9", [*ONE, fixed("x", at=DAY)], counts(unknown=0)),
    case("a fact that was corrected beforehand is heard", "R9", [*ONE, fixed("x"), counted(id="x", at=DAY)], counts(unknown=0)),
    case(
        "heard of at the clock, not at an earlier timestamp",
        "R9",
        [*ONE, record("{", at=DAY), counted(at=1)],
        counts(unknown=0),
        now=2 * DAY - 1,
    ),
    case("a shelter that was never heard of is unknown", "R9", [registered(src=ELSEWHERE), declared(src=ELSEWHERE)], counts(unknown=1)),
    case("another partition has another clock", "R9", [*ONE, registered(shelter="r", partition=1, at=DAY)], counts(unknown=0, free=1)),
]

YEAR: Final = 400 * DAY
FORGETTING: Final = [
    case("just under 400 days a name is used", "5", [*ONE, counted(id="x"), admitted(id="x", at=YEAR - 0.001)], counts(occupied=0)),
    case("at 400 days a name comes back", "5", [*ONE, counted(id="x"), admitted(id="x", at=YEAR)], counts(occupied=1)),
    case(
        "a double does not renew a name",
        "5",
        [*ONE, counted(id="x"), counted(id="x", at=DAY), admitted(id="x", at=YEAR)],
        counts(occupied=1),
    ),
    case(
        "what came back is remembered again",
        "5",
        [*TWO, counted(id="x"), admitted(id="x", at=YEAR), admitted("u2", OTHER, id="x", at=YEAR + 1)],
        counts(occupied=1),
    ),
    case(
        "a name is as old as the clock, not as its timestamp",
        "5",
        [*ONE, record("{", at=DAY), counted(id="x"), admitted(id="x", at=YEAR)],
        counts(occupied=0),
    ),
    case(
        "the clock lets a name come back, not the timestamp",
        "5",
        [*ONE, counted(id="x"), record("{", at=YEAR), admitted(id="x")],
        counts(occupied=1),
    ),
    case(
        "just under 400 days a correction stops what arrives",
        "5",
        [*ONE, fixed("x"), admitted(id="x", at=YEAR - 0.001)],
        counts(occupied=0),
    ),
    case("at 400 days a correction stops nothing", "5", [*ONE, fixed("x"), admitted(id="x", at=YEAR)], counts(occupied=1)),
    case("what a correction has stopped stays out", "5", [*ONE, fixed("x"), admitted(id="x"), record("{", at=YEAR)], counts(occupied=0)),
    case("what a correction took out stays out", "5", [*ONE, admitted(id="x"), fixed("x"), record("{", at=YEAR)], counts(occupied=0)),
    case("a correction finds an event of long ago", "5", [*ONE, admitted(id="x"), fixed("x", at=2 * YEAR)], counts(occupied=0)),
    case(
        "a name that comes back may still be stopped by a younger correction",
        "5",
        [*ONE, counted(id="x"), fixed("x", at=DAY), admitted(id="x", at=YEAR)],
        counts(occupied=0),
    ),
    case(
        "a correction takes out all that ever had the name",
        "5",
        [*TWO, admitted(id="x"), admitted("u2", OTHER, id="x", at=YEAR), fixed("x", at=YEAR + 1)],
        counts(occupied=0, free=2),
    ),
    case(
        "a name that comes back as a hold event leaves its fact where it is",
        "5",
        [*ONE, admitted(id="x"), answered("released", id="x", at=YEAR), fixed("x", at=YEAR + 1)],
        counts(occupied=0, free=1),
    ),
    case(
        "the name of a stopped event is used",
        "5",
        [*ONE, fixed("x"), counted(id="x", at=DAY), admitted(id="x", at=YEAR)],
        counts(occupied=0),
    ),
    case(
        "a second correction stops for its own 400 days",
        "5",
        [*ONE, fixed("x"), fixed("x", at=DAY), admitted(id="x", at=YEAR)],
        counts(occupied=0),
    ),
]
