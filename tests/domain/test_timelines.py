"""What the facts of a shelter say was so, from when to when (R14), a row a rule. Minutes."""

from __future__ import annotations

from typing import Final

import pytest

from services.domain.stays import Stay
from services.domain.timelines import FOREVER, Span, changed, cleanings, closings, pieces, places
from tests.domain.said import Said, admitted, closed, left, moved, ns, reopened

INSIDE: Final[list[tuple[str, tuple[Said, ...], list[tuple[float, float | None, str]]]]] = [
    ("R3 from its admission on", (admitted(o=1),), [(1, None, "u1")]),
    ("R3 until its discharge", (admitted(o=1), left(o=5)), [(1, 5, "u1")]),
    ("R4 a discharge before the admission ends it for good", (left(o=1), admitted(o=5)), []),
    ("R3 in one unit and then in another", (admitted(o=1), moved("u2", o=3), left(o=5)), [(1, 3, "u1"), (3, 5, "u2")]),
    ("R3 a move from before it came plays no part", (moved("u2", o=0), admitted(o=1)), [(1, None, "u1")]),
    ("R3 nowhere without an admission", (moved("u2", o=0),), []),
]


@pytest.mark.parametrize(("says", "said", "spans"), INSIDE, ids=[row[0] for row in INSIDE])
def test_where_a_stay_was(says: str, said: tuple[Said, ...], spans: list[tuple[float, float | None, str]]) -> None:
    """A stay was in these units, from when to when."""
    assert [(span.start, span.end, span.value.unit) for span in places(of(said))] == [
        (ns(start), FOREVER if end is None else ns(end), unit) for start, end, unit in spans
    ], says


CLOSED: Final[list[tuple[str, tuple[Said, ...], list[tuple[float, float | None]]]]] = [
    ("R6 closed from when a stay left it unready", (admitted(o=1), left(ready=False, o=5)), [(5, None)]),
    ("R6 of the unit the stay is in when it leaves", (admitted("u2", o=1), moved("u1", o=3), left(ready=False, o=5)), [(5, None)]),
    ("R6 no longer once the stay turns out to be elsewhere", (admitted(o=1), left(ready=False, o=5), moved("u2", o=9)), [(5, 9)]),
    ("R6 not before a unit is known", (left(ready=False, o=5), admitted(o=9)), [(9, None)]),
    ("R5 until it is reopened", (admitted(o=1), left(ready=False, o=5), reopened(o=7)), [(5, 7)]),
    ("R5 a reopening of before does not open it", (admitted(o=1), left(ready=False, o=5), reopened(o=4)), [(5, None)]),
    (
        "R5 what was closed by hand stays so",
        (closed(o=4), admitted(o=1), left(ready=False, o=5), moved("u2", o=9)),
        [(4, 5), (5, 9), (9, None)],
    ),
]


@pytest.mark.parametrize(("says", "said", "spans"), CLOSED, ids=[row[0] for row in CLOSED])
def test_when_a_unit_was_closed(says: str, said: tuple[Said, ...], spans: list[tuple[float, float | None]]) -> None:
    """Unit u1 was closed from when to when."""
    by_hand = sorted((word.event for word in said if word.event.data.__class__.__name__ in ("UnitClosed", "UnitReopened")), key=_happened)
    cleaned = [statement for unit, statement in cleanings(of(said)) if unit == "u1"]
    found = [(span.start, span.end) for span in closings(by_hand, cleaned) if span.value]
    assert found == [(ns(start), FOREVER if end is None else ns(end)) for start, end in spans], says


def test_what_differs_between_two_rows_of_spans() -> None:
    """Only the time in which two rows of spans differ has to be looked at again."""
    before = [Span(0, 5, "a"), Span(5, 9, "b"), Span(9, 12, "c")]
    assert changed(before, before) is None
    assert changed(before, [Span(0, 5, "a"), Span(5, 7, "b"), Span(9, 12, "c")]) == (5, 9)
    assert changed([], before) == (0, 12)


def test_pieces_in_which_nothing_changes() -> None:
    """A time is cut where any of its matters changes, and nowhere outside of it."""
    assert list(pieces(2, 10, ([Span(0, 5, "a")], [Span(5, 7, "b"), Span(20, 30, "c")]))) == [(2, 5), (5, 7), (7, 10)]
    assert list(pieces(3, 3, ([Span(0, 5, "a")],))) == []


def _happened(event: object) -> tuple[int, int, str, str]:
    return event.happened  # type: ignore[attr-defined, no-any-return]  # an Event


def of(said: tuple[Said, ...]) -> Stay:
    """Put the facts about the stay together."""
    stay = Stay("s")
    for word in said:
        if hasattr(word.event.data, "stay"):
            stay.put(word.event, keep=True)
    return stay
