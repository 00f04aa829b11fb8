"""As it was (contract R14), at every instant at once: what the facts of a shelter say was true from when to when. Nanoseconds.

What was true at T follows from the facts that count from an instant up to T; corrected facts are out already. So every matter is a list of
spans, each from an instant up to the next that changes it, and what is true after the last instant is the live view of R1 to R12 without
holds and age.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, Generic, NamedTuple, TypeVar, assert_never

from services.domain.beds.last_write_wins import Statement, order
from services.domain.beds.shelter_fold import pause
from services.domain.beds.stays import Stay, unit_of
from services.domain.beds.units import declaration
from services.domain.events import catalog as e

FOREVER: Final = 2**127
"""Later than any time of the contract: the end of what nothing has ended yet."""

T = TypeVar("T")


class Span(NamedTuple, Generic[T]):
    """A value that held from `start` up to `end`, that instant excluded."""

    start: int
    end: int
    value: T


class StayInterval(NamedTuple):
    """The unit of a stay, and the size of its household."""

    unit: str
    adults: int
    children: int


@dataclass(frozen=True, slots=True)
class Closure:
    """A statement that a unit was closed (with its reason) or opened (None), and from when to when it counts; `key` is its order (R5)."""

    key: tuple[int, int, str, str]
    start: int
    end: int
    reason: str | None


def steps(values: Sequence[tuple[int, T]]) -> list[Span[T]]:
    """Return the spans of one matter from (instant, value), in the order of R3 or R5: each counts until the next one."""
    spans: list[Span[T]] = []
    end = FOREVER
    for start, value in reversed(values):
        if start < end:
            spans.append(Span(start, end, value))
            end = start
    spans.reverse()
    return spans


def registrations(statements: Sequence[Statement[e.ShelterRegistered]]) -> list[Span[e.ShelterRegistered]]:
    """Return how the shelter was registered (R5)."""
    return steps([(statement.at, statement.data) for statement in statements])


def declarations(statements: Sequence[Statement[e.UnitDeclaration]]) -> list[Span[e.UnitDeclared | None]]:
    """Return as what a unit was declared, None when it was withdrawn (R5)."""
    return steps([(statement.at, declaration(statement.data)) for statement in statements])


def pauses(statements: Sequence[Statement[e.IntakeStatement]]) -> list[Span[bool]]:
    """Return whether the intake of the shelter was paused (R5)."""
    return steps([(statement.at, pause(statement.data) is not None) for statement in statements])


def places(stay: Stay) -> list[Span[StayInterval]]:
    """Return the units of a stay and the size of its household, for as long as it was present (R3, R4)."""
    admitted_at = stay.admitted_at
    if admitted_at is None:
        return []
    discharged_at = stay.discharges[0].at if stay.discharges else FOREVER  # R4
    units = _units(stay)
    households = steps([(statement.at, (statement.data.adults, statement.data.children)) for statement in stay.households])
    return [
        Span(begin, until, StayInterval(unit, *household))
        for begin, until in pieces(admitted_at, discharged_at, (units, households))
        if (unit := at(units, begin)) is not None and (household := at(households, begin)) is not None
    ]


def cleanings(stay: Stay) -> list[tuple[str, Closure]]:
    """Return the units that a stay left unready (R6), each with its closure, which counts for as long as it is the stay's unit (R3)."""
    units = _units(stay)
    return [
        (span.value, Closure(order(discharge), max(span.start, discharge.at), span.end, "cleaning"))
        for discharge in stay.unready_discharges
        for span in units
        if span.end > discharge.at
    ]


def closings(statements: Sequence[Statement[e.UnitClosing]], cleaned: Iterable[Closure]) -> list[Span[str | None]]:
    """Return why a unit was closed, None when it was open (R5, R6)."""
    stated = [Closure(order(statement), statement.at, FOREVER, _reason(statement.data)) for statement in statements]
    closures = sorted([*stated, *cleaned], key=lambda closure: closure.key)
    if all(closure.start == closure.key[0] and closure.end == FOREVER for closure in closures):
        return steps([(closure.start, closure.reason) for closure in closures])
    # A stay that moved after it had left, or with a discharge that is known before a unit is: the last that is known of this unit counts.
    edges = sorted({edge for closure in closures for edge in (closure.start, closure.end)})
    spans: list[Span[str | None]] = []
    for start, end in pairwise(edges):
        known = [closure for closure in closures if closure.start <= start < closure.end]
        if known:
            spans.append(Span(start, end, known[-1].reason))
    return spans


def changed(old: Sequence[Span[T]], new: Sequence[Span[T]]) -> tuple[int, int] | None:
    """Return the time (start, end) in which two lists of spans of one matter may differ; None when they are equal."""
    same = 0
    while same < len(old) and same < len(new) and old[same] == new[same]:
        same += 1
    alike, most = 0, min(len(old), len(new)) - same
    while alike < most and old[-1 - alike] == new[-1 - alike]:
        alike += 1
    differ = [*old[same : len(old) - alike], *new[same : len(new) - alike]]
    return (min(span.start for span in differ), max(span.end for span in differ)) if differ else None


def at(spans: Sequence[Span[T]], instant: int) -> T | None:
    """Return the value at an instant; None when there is none."""
    place = bisect_right(spans, instant, key=_start) - 1
    return spans[place].value if place >= 0 and instant < spans[place].end else None


def pieces(start: int, end: int, matters: Iterable[Sequence[Span[Any]]]) -> Iterator[tuple[int, int]]:
    """Return the time from `start` to `end`, cut wherever one of these matters changes: within a piece none of them does."""
    edges = {start, end}
    for spans in matters:
        for span in reversed(spans):
            if span.end < start:
                break
            edges.update(edge for edge in (span.start, span.end) if start < edge < end)
    cut = sorted(edges)
    return pairwise(cut) if start < end else iter(())


def _start(span: Span[T]) -> int:
    return span.start


def _units(stay: Stay) -> list[Span[str]]:
    return steps([(move.at, unit_of(move.data)) for move in stay.moves])


def _reason(statement: e.UnitClosing) -> str | None:
    match statement:
        case e.UnitClosed():
            return statement.reason
        case e.UnitReopened():
            return None
        case _:
            assert_never(statement)
