"""Last statement wins (R3, R5): statements on one matter in their order, whatever the order they came in."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING, Final

from services.domain.beds.last_write_wins import insert_sorted, order, recorded
from tests.domain.log_entries import ELSEWHERE, closed, closing, registered

if TYPE_CHECKING:
    from services.domain.beds.last_write_wins import Statement
    from services.domain.events import catalog as e

CLOSINGS: Final = [
    closing(closed(t=1, o=5, id="b")),
    closing(closed(t=2, o=4, id="a")),
    closing(closed(t=2, o=5, id="a")),
    closing(closed(t=2, o=5, id="Z")),
    closing(closed(t=2, o=5, id="Z", src=ELSEWHERE)),
]


def test_what_happens_is_ordered_by_when_it_happened() -> None:
    """R3: statements of what happened are ordered by `(occurred_at, time, id, source)`, from any order."""
    for permutation in permutations(CLOSINGS):
        statements: list[Statement[e.UnitClosing]] = []
        for statement in permutation:
            insert_sorted(statements, statement, keep=True)
        assert statements == [CLOSINGS[1], CLOSINGS[0], CLOSINGS[4], CLOSINGS[3], CLOSINGS[2]]


def test_what_is_recorded_is_ordered_by_when_it_was() -> None:
    """R5: statements that count from when they were recorded are ordered by `(time, id, source)`, from any order."""
    events = [registered(t=2, id="a").event, registered(t=1, id="b").event, registered(t=2, id="a", src=ELSEWHERE).event]
    for permutation in permutations(events):
        statements: list[Statement[e.Data]] = []
        for event in permutation:
            insert_sorted(statements, recorded(event, event.data), keep=True)
        assert [statement.event for statement in statements] == [events[1], events[2], events[0]]


def test_what_is_taken_out_leaves_the_rest() -> None:
    """R12: a statement that is removed leaves the others in their order."""
    statements = sorted(CLOSINGS, key=order)
    insert_sorted(statements, CLOSINGS[0], keep=False)
    assert statements == [CLOSINGS[1], CLOSINGS[4], CLOSINGS[3], CLOSINGS[2]]
