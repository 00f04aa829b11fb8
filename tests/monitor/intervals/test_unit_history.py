"""What is known of one unit: the same however it is kept up, and an update costs what it changes."""

from __future__ import annotations

from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING

from services.domain.beds.last_write_wins import Statement, insert_sorted, order
from services.domain.beds.valid_time import FOREVER, Closure, Span, StayInterval, changed
from services.monitor.intervals.unit_history import UnitClosings, UnitStays
from tests.domain.log_entries import closed, closing, ns, reopened

if TYPE_CHECKING:
    from services.domain.events.catalog import UnitClosing

MINUTE = ns(1) - ns(0)


def closures(chance: Random) -> list[Closure]:
    """Return what a stay may have said of the unit: nothing, that it was left unready, or that it then turned out to have moved."""
    at = ns(chance.randrange(60))
    key = (at, at, str(chance.random()), "s")
    lasting = Closure(key, at, FOREVER, "cleaning")
    moved = Closure(key, at, at + (1 + chance.randrange(9)) * MINUTE, "cleaning")
    late = Closure(key, at + 5 * MINUTE, FOREVER, "cleaning")
    return chance.choice([[], [lasting], [lasting], [moved], [late], [moved, Closure(key, moved.end + MINUTE, FOREVER, "cleaning")]])


def at_once(statements: list[Statement[UnitClosing]], cleaned: list[Closure]) -> list[Span[str | None]]:
    """Compute the spans from all closures: between two edges counts the last in order of those that hold there."""
    stated = [Closure(order(statement), statement.at, FOREVER, getattr(statement.data, "reason", None)) for statement in statements]
    closures = sorted([*stated, *cleaned], key=lambda closure: closure.key)
    edges = sorted({edge for closure in closures for edge in (closure.start, closure.end)})
    known = [(start, end, [each for each in closures if each.start <= start < each.end]) for start, end in pairwise(edges)]
    return [Span(start, end, holding[-1].reason) for start, end, holding in known if holding]


def test_closings_kept_up_are_those_computed_at_once() -> None:
    """Whatever is stated, taken back or moved, in any order, a unit was closed when the closings computed at once say so."""
    for seed in range(300):
        chance, kept = Random(seed), UnitClosings()
        statements: list[Statement[UnitClosing]] = []
        stays: dict[int, list[Closure]] = {}
        for number in range(25):
            before = list(kept.spans)
            if chance.random() < 0.5:
                minute = chance.randrange(60)
                make = chance.choice([closed, reopened])
                statement = closing(make(t=minute, o=minute)) if chance.random() < 0.7 or not statements else chance.choice(statements)
                insert_sorted(statements, statement, keep=statement not in statements)
                found = kept.update(statements, statement.at)
            else:
                stay = chance.randrange(6)
                old, new = stays.get(stay, []), closures(chance)
                stays[stay] = new
                kept.replace(old, new)
                found = kept.update(statements, min((closure.start for closure in (*old, *new)), default=FOREVER))
            assert kept.spans == at_once(statements, [closure for of_stay in stays.values() for closure in of_stay]), (seed, number)
            assert found == changed(before, kept.spans), (seed, number)


def test_the_stays_between_two_instants() -> None:
    """Between two instants a unit has each span that holds at any time there, and none of before or after."""
    stays, chance = UnitStays(), Random(7)
    of: dict[str, list[Span[StayInterval]]] = {}
    for number in range(300):
        name, start = f"s{chance.randrange(40)}", chance.randrange(100)
        end = FOREVER if chance.random() < 0.2 else start + 1 + chance.randrange(30)
        of[name] = [] if chance.random() < 0.2 else [Span(start, end, StayInterval("u1", 1, number))]
        stays.put(name, of[name])
        since, until = sorted((chance.randrange(140), chance.randrange(140)))
        expected = [span for spans in of.values() for span in spans if span.start < until and span.end > since]
        assert sorted(stays.between(since, until)) == sorted(expected)
