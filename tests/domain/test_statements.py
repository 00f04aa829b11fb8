"""Last statement wins (R3, R5): facts of one matter in their order, whatever the order they came in."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING

from services.domain.statements import happened, last, put, recorded
from tests.domain.said import ELSEWHERE, closed, registered

if TYPE_CHECKING:
    from services.domain.events import Event

FACTS = [
    closed(t=1, o=5, id="b").event,
    closed(t=2, o=4, id="a").event,
    closed(t=2, o=5, id="a").event,
    closed(t=2, o=5, id="Z").event,
    closed(t=2, o=5, id="Z", src=ELSEWHERE).event,
]


def test_what_happens_is_ordered_by_when_it_happened() -> None:
    """R3: `(occurred_at, time, id, source)`, from any order."""
    for order in permutations(FACTS):
        kept: list[Event] = []
        for fact in order:
            put(kept, fact, keep=True, by=happened)
        assert kept == [FACTS[1], FACTS[0], FACTS[4], FACTS[3], FACTS[2]]


def test_what_is_recorded_is_ordered_by_when_it_was() -> None:
    """R5: `(time, id, source)`, from any order; the last one counts."""
    said = [registered(t=2, id="a").event, registered(t=1, id="b").event, registered(t=2, id="a", src=ELSEWHERE).event]
    for order in permutations(said):
        kept: list[Event] = []
        for fact in order:
            put(kept, fact, keep=True, by=recorded)
        assert (kept, last(kept)) == ([said[1], said[2], said[0]], said[0])


def test_what_is_taken_out_leaves_the_rest() -> None:
    """R12: taking a fact out leaves the others in their order; of nothing, nothing counts."""
    kept = sorted(FACTS, key=happened)
    put(kept, FACTS[0], keep=False, by=happened)
    assert kept == [FACTS[1], FACTS[4], FACTS[3], FACTS[2]]
    assert last([]) is None
