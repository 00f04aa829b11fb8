"""What was true, computed the long way: at every instant at which a fact happened, the second fold is asked again.

Nothing of the monitor is used here, and of the product nothing but the region file. Nanoseconds.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Final

from tests.reference.facts import closed_units, declared_units, happened, is_paused, of, present, registration, unit_of
from tests.reference.log import Entry, Record, read, uncorrected

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tests.reference.parse import Event

FOREVER: Final = 10**30
Span = tuple[int, int, Any]
"""From, to (excluded), and what was so."""


def looked_at(records: Sequence[Record], clock: int | None) -> list[Record]:
    """Return the records of each partition until its clock passes one."""
    if clock is None:
        return list(records)
    passed: set[int] = set()
    kept = []
    for record in records:
        passed |= {record.partition} if record.timestamp > clock else set()
        kept += [] if record.partition in passed else [record]
    return kept


def highest(records: Iterable[Record]) -> int | None:
    """Return the highest timestamp."""
    return max((record.timestamp for record in records), default=None)


def when(fact: Event) -> int:
    """R14: when a fact begins to count; `occurred_at` is its `time` where it has none."""
    return fact.occurred_at


def over_time(facts: Sequence[Event], ask: Callable[[list[Event]], Any]) -> list[Span]:
    """Ask what the facts of a matter say, at each instant at which one of them happened."""
    edges = [*sorted({when(fact) for fact in facts}), FOREVER]
    asked = [(start, end, ask([fact for fact in facts if when(fact) <= start])) for start, end in itertools.pairwise(edges)]
    return [span for span in asked if span[2]]


def at(spans: Iterable[Span], instant: int) -> Any:
    """Return what was so at an instant."""
    return next((value for start, end, value in spans if start <= instant < end), None)


@dataclass(frozen=True)
class Stay:
    """One stay: where it was and how many, and how it ended."""

    shelter: str
    inside: list[Span]
    destination: str | None

    @property
    def start(self) -> int:
        """When it began."""
        return int(self.inside[0][0])

    @property
    def end(self) -> int:
        """When it ended."""
        return int(self.inside[-1][1])

    @property
    def unit(self) -> str:
        """Its last unit."""
        return str(self.inside[-1][2][0])


@dataclass(frozen=True)
class Shelter:
    """One shelter, from the events of it that stand."""

    name: str
    entries: list[Entry]

    @cached_property
    def facts(self) -> list[Event]:
        """Return the facts that no correction takes out."""
        return uncorrected(self.entries)

    @cached_property
    def registered(self) -> list[Span]:
        """Return what it was registered as, over time."""
        return over_time(of(self.facts, "shelter-registered"), registration)

    @cached_property
    def paused(self) -> list[Span]:
        """Return when its intake was paused."""
        return over_time(of(self.facts, "intake-paused", "intake-resumed"), is_paused)

    @cached_property
    def heard(self) -> list[int]:
        """R9: list the clocks (ms) at which its own desks or systems said something."""
        own = f"urn:plek:shelter:{self.name}:"
        return [each.clock for each in self.entries if each.event.source.startswith(own) and not each.event.name.startswith("hold-")]

    @cached_property
    def stays(self) -> list[Stay]:
        """List the stays that were ever present."""
        about: dict[str, list[Event]] = {}
        for fact in of(self.facts, "admission", "transfer", "discharge", "stay-changed"):
            about.setdefault(fact.data["stay"], []).append(fact)
        found = []
        for stay, facts in about.items():
            inside = over_time(facts, partial(_inside, stay))
            left = sorted(of(facts, "discharge"), key=happened)
            if inside:
                found.append(Stay(self.name, inside, left[0].data["destination"] if left else None))
        return found

    @cached_property
    def units(self) -> list[tuple[str, Span]]:
        """List what each declared unit was, from when to when: `(registered, declared, state, persons)`."""
        return [(unit, span) for unit in sorted(self.declared) for span in self._unit(unit)]

    @cached_property
    def declared(self) -> dict[str, list[Span]]:
        """Return as what each unit was declared, over time."""
        said = of(self.facts, "unit-declared", "unit-withdrawn")
        units = {fact.data["unit"] for fact in said}
        return {unit: over_time(of(said, *_DECLARED, unit=unit), partial(_declared, unit)) for unit in units}

    def _unit(self, unit: str) -> list[Span]:
        inside = [span for stay in self.stays for span in stay.inside if span[2][0] == unit]
        closed = over_time(self._about_closing(unit), lambda then: unit in closed_units(then))
        matters = (self.declared[unit], self.registered, self.paused, inside, closed)
        edges = sorted({edge for spans in matters for start, end, _ in spans for edge in (start, end)})
        found = []
        for start, end in itertools.pairwise(edges):
            declared = at(self.declared[unit], start)
            if declared:
                here = [people for begin, until, (_, people) in inside if begin <= start < until]
                rest = "closed" if at(closed, start) else "paused" if at(self.paused, start) else "free"
                found.append((start, end, (at(self.registered, start), declared, "occupied" if here else rest, sum(here))))
        return found

    def _about_closing(self, unit: str) -> list[Event]:
        """Return what can close or open a unit: statements about it, and the facts of stays that left it, or another, to be cleaned."""
        stays = {
            fact.data["stay"]
            for fact in of(self.facts, "admission", "transfer")
            if unit in (fact.data.get("unit"), fact.data.get("to_unit"))
        }
        unready = {fact.data["stay"] for fact in of(self.facts, "discharge") if fact.data.get("unit_ready") is False} & stays
        moves = [fact for fact in of(self.facts, "admission", "transfer", "discharge") if fact.data["stay"] in unready]
        return [*of(self.facts, "unit-closed", "unit-reopened", unit=unit), *moves]


_DECLARED: Final = ("unit-declared", "unit-withdrawn")


def _declared(unit: str, then: list[Event]) -> dict[str, Any] | None:
    """R5: what a unit was declared as."""
    return declared_units(then).get(unit)


def _inside(stay: str, then: list[Event]) -> tuple[str, int] | None:
    """R3, R4, R5: where a stay is, and how many they are, if it is present."""
    if stay not in present(then):
        return None
    household = max(of(then, "admission", "stay-changed"), key=happened).data
    return unit_of(then, stay) or "", household["adults"] + household["children"]


def shelters(records: Sequence[Record]) -> list[Shelter]:
    """Read a log of shelters."""
    return [Shelter(name, entries) for name, entries in read(records, "beds").entries.items()]
