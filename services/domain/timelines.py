"""As it was (contract R14), at every instant at once: what the facts of a shelter say was true from when to when. Nanoseconds.

What was true at T follows from the facts whose `occurred_at` (else `time`) is at most T; corrections are out already. So every matter
is a row of spans, each from an instant up to the next that changes it, and what is true after the last instant is the live view of R1 to
R12 without holds and age.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, Generic, NamedTuple, TypeVar

from services.domain import events as e
from services.domain.statements import happened
from services.domain.stays import Stay

FOREVER: Final = 2**127
"""Later than any time of the contract: the end of what nothing has ended yet."""

T = TypeVar("T")
F = TypeVar("F")


class Span(NamedTuple, Generic[T]):
    """What was so from `start` up to `end`, that instant excluded."""

    start: int
    end: int
    value: T


class Place(NamedTuple):
    """Where a household was, and how many they were."""

    unit: str
    adults: int
    children: int


@dataclass(frozen=True, slots=True)
class Statement:
    """That a unit was closed (with its reason) or opened (None): `key` is its place in the order of R5; from when to when it counts."""

    key: tuple[int, int, str, str]
    start: int
    end: int
    reason: str | None


def steps(facts: Sequence[F], when: Callable[[F], int], value: Callable[[F], T]) -> list[Span[T]]:
    """Turn facts (or statements) of one matter, in the order of R3 or R5, into spans: each counts until the next one."""
    spans: list[Span[T]] = []
    end = FOREVER
    for fact in reversed(facts):
        start = when(fact)
        if start < end:
            spans.append(Span(start, end, value(fact)))
            end = start
    spans.reverse()
    return spans


def recorded_at(fact: e.Event) -> int:
    """Tell when something counts that happens when it is recorded."""
    return fact.time


def happened_at(fact: e.Event) -> int:
    """Tell when something happened."""
    return fact.occurred_at


def registrations(facts: Sequence[e.Event]) -> list[Span[e.ShelterRegistered]]:
    """Tell who the shelter was, from when to when (R5)."""
    return steps(facts, recorded_at, _registered)


def declarations(facts: Sequence[e.Event]) -> list[Span[e.UnitDeclared | None]]:
    """Tell as what the unit was declared, None when it was withdrawn (R5)."""
    return steps(facts, recorded_at, lambda fact: fact.data if isinstance(fact.data, e.UnitDeclared) else None)


def pauses(facts: Sequence[e.Event]) -> list[Span[bool]]:
    """Tell when the shelter took nobody in (R5)."""
    return steps(facts, happened_at, lambda fact: isinstance(fact.data, e.IntakePaused))


def places(stay: Stay) -> list[Span[Place]]:
    """Tell where a stay was and how many they were, for as long as it was present (R3, R4)."""
    admitted = stay.admitted
    if admitted is None:
        return []
    start, end = admitted.occurred_at, gone_at(stay)
    units = steps(stay.moves, happened_at, _unit)
    households = steps(stay.households, happened_at, _household)
    return [
        Span(begin, until, Place(unit, *household))
        for begin, until in pieces(start, end, (units, households))
        if (unit := at(units, begin)) is not None and (household := at(households, begin)) is not None
    ]


def gone_at(stay: Stay) -> int:
    """Tell when a stay ended (R4), FOREVER when it has not."""
    return stay.discharges[0].occurred_at if stay.discharges else FOREVER


def cleanings(stay: Stay) -> list[tuple[str, Statement]]:
    """Tell which units a stay left to be cleaned (R6): with each the statement that closes it, for as long as R3 says it is its unit."""
    units = steps(stay.moves, happened_at, _unit)
    return [
        (span.value, Statement(happened(left), max(span.start, left.occurred_at), span.end, "cleaning"))
        for left in stay.left_to_clean
        for span in units
        if span.end > left.occurred_at
    ]


def closings(facts: Sequence[e.Event], cleaned: Iterable[Statement]) -> list[Span[str | None]]:
    """Tell why the unit was closed, None when it was open (R5, R6)."""
    said = [Statement(happened(fact), fact.occurred_at, FOREVER, _reason(fact)) for fact in facts]
    said = sorted([*said, *cleaned], key=lambda statement: statement.key)
    if all(each.start == each.key[0] and each.end == FOREVER for each in said):
        return steps(said, lambda statement: statement.start, lambda statement: statement.reason)
    # A stay that moved after it had left, or of which a discharge is known before a unit is: the last that is known of this unit counts
    edges = sorted({edge for each in said for edge in (each.start, each.end)})
    spans: list[Span[str | None]] = []
    for start, end in pairwise(edges):
        known = [each for each in said if each.start <= start < each.end]
        if known:
            spans.append(Span(start, end, known[-1].reason))
    return spans


def changed(old: Sequence[Span[T]], new: Sequence[Span[T]]) -> tuple[int, int] | None:
    """Tell from when to when two rows of spans of one matter may differ; None when they are the same."""
    same = 0
    while same < len(old) and same < len(new) and old[same] == new[same]:
        same += 1
    alike, most = 0, min(len(old), len(new)) - same
    while alike < most and old[-1 - alike] == new[-1 - alike]:
        alike += 1
    differ = [*old[same : len(old) - alike], *new[same : len(new) - alike]]
    return (min(span.start for span in differ), max(span.end for span in differ)) if differ else None


def at(spans: Sequence[Span[T]], instant: int) -> T | None:
    """Tell what was so at an instant; None when nothing was, too."""
    place = bisect_right(spans, instant, key=_start) - 1
    return spans[place].value if place >= 0 and instant < spans[place].end else None


def pieces(start: int, end: int, matters: Iterable[Sequence[Span[Any]]]) -> Iterator[tuple[int, int]]:
    """Cut from `start` to `end` wherever one of these matters changes: within a piece all of them stand still."""
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


def _registered(fact: e.Event) -> e.ShelterRegistered:
    if not isinstance(fact.data, e.ShelterRegistered):
        raise TypeError("not a registration")
    return fact.data


def _unit(fact: e.Event) -> str:
    match fact.data:
        case e.Admission(unit=unit) | e.Transfer(to_unit=unit):
            return unit
        case _:
            raise TypeError("not a move")


def _household(fact: e.Event) -> tuple[int, int]:
    match fact.data:
        case e.Admission(adults=adults, children=children) | e.StayChanged(adults=adults, children=children):
            return adults, children
        case _:
            raise TypeError("not a household")


def _reason(fact: e.Event) -> str | None:
    return fact.data.reason if isinstance(fact.data, e.UnitClosed) else None
