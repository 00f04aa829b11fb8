"""What was true of a stay and a unit from when to when (R14), a row a rule. Minutes."""

from __future__ import annotations

from typing import Final

import pytest

from services.domain.beds.last_write_wins import order
from services.domain.beds.stays import Stay
from services.domain.beds.valid_time import FOREVER, Cleanings, Span, changed, cleanings, closings, pieces, places
from services.domain.events.catalog import StayFact, UnitClosing
from tests.domain.log_entries import LogEntry, admitted, closed, closing, left, moved, ns, reopened

INSIDE: Final[list[tuple[str, tuple[LogEntry, ...], list[tuple[float, float | None, str]]]]] = [
    ("R3 from its admission on", (admitted(o=1),), [(1, None, "u1")]),
    ("R3 until its discharge", (admitted(o=1), left(o=5)), [(1, 5, "u1")]),
    ("R4 a discharge before the admission ends it for good", (left(o=1), admitted(o=5)), []),
    ("R3 in one unit and then in another", (admitted(o=1), moved("u2", o=3), left(o=5)), [(1, 3, "u1"), (3, 5, "u2")]),
    ("R3 a move from before the admission plays no part", (moved("u2", o=0), admitted(o=1)), [(1, None, "u1")]),
    ("R3 nowhere without an admission", (moved("u2", o=0),), []),
]


@pytest.mark.parametrize(("rule", "said", "spans"), INSIDE, ids=[row[0] for row in INSIDE])
def test_where_a_stay_was(rule: str, said: tuple[LogEntry, ...], spans: list[tuple[float, float | None, str]]) -> None:
    """A stay was in these units, from when to when."""
    assert [(span.start, span.end, span.value.unit) for span in places(of(said))] == [
        (ns(start), FOREVER if end is None else ns(end), unit) for start, end, unit in spans
    ], rule


CLOSED: Final[list[tuple[str, tuple[LogEntry, ...], list[tuple[float, float | None]]]]] = [
    ("R6 closed from when a stay left it unready", (admitted(o=1), left(ready=False, o=5)), [(5, None)]),
    ("R6 closed is the unit the stay is in when it leaves", (admitted("u2", o=1), moved("u1", o=3), left(ready=False, o=5)), [(5, None)]),
    ("R6 closed no longer once the stay has moved elsewhere", (admitted(o=1), left(ready=False, o=5), moved("u2", o=9)), [(5, 9)]),
    ("R6 closed not before a unit is known", (left(ready=False, o=5), admitted(o=9)), [(9, None)]),
    ("R5 closed until it is reopened", (admitted(o=1), left(ready=False, o=5), reopened(o=7)), [(5, 7)]),
    ("R5 a reopening of before the discharge does not open it", (admitted(o=1), left(ready=False, o=5), reopened(o=4)), [(5, None)]),
    (
        "R5 what was closed by hand stays so",
        (closed(o=4), admitted(o=1), left(ready=False, o=5), moved("u2", o=9)),
        [(4, 5), (5, 9), (9, None)],
    ),
]


@pytest.mark.parametrize(("rule", "said", "spans"), CLOSED, ids=[row[0] for row in CLOSED])
def test_when_a_unit_was_closed(rule: str, said: tuple[LogEntry, ...], spans: list[tuple[float, float | None]]) -> None:
    """Unit u1 was closed from when to when."""
    by_hand = sorted((closing(entry) for entry in said if isinstance(entry.event.data, UnitClosing)), key=order)
    cleaned = Cleanings()
    cleaned.replace((), [closure for unit, closure in cleanings(of(said)) if unit == "u1"])
    found = [(span.start, span.end) for span in closings(by_hand, cleaned) if span.value]
    assert found == [(ns(start), FOREVER if end is None else ns(end)) for start, end in spans], rule


def test_the_time_in_which_two_lists_of_spans_differ() -> None:
    """The time in which two lists of spans differ is from the first to the last span that differs."""
    before = [Span(0, 5, "a"), Span(5, 9, "b"), Span(9, 12, "c")]
    assert changed(before, before) is None
    assert changed(before, [Span(0, 5, "a"), Span(5, 7, "b"), Span(9, 12, "c")]) == (5, 9)
    assert changed([], before) == (0, 12)


def test_pieces_in_which_nothing_changes() -> None:
    """A time is cut where any of its matters changes, and not outside of it."""
    assert list(pieces(2, 10, ([Span(0, 5, "a")], [Span(5, 7, "b"), Span(20, 30, "c")]))) == [(2, 5), (5, 7), (7, 10)]
    assert list(pieces(3, 3, ([Span(0, 5, "a")],))) == []


def of(said: tuple[LogEntry, ...]) -> Stay:
    """Return the stay that these entries are about."""
    stay = Stay("s")
    for entry in said:
        if isinstance(entry.event.data, StayFact):
            stay.index(entry.event, entry.event.data, keep=True)
    return stay
