"""As it was (contract R14), at every instant at once: what the facts of a shelter say was true from when to when. Nanoseconds.

What was true at T follows from the facts that count from an instant up to T; corrected facts are out already. So every matter is a list of
spans, each from an instant up to the next that changes it, and what is true after the last instant is the live view of R1 to R12 without
holds and age.
"""

from bisect import bisect_left, bisect_right, insort
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from operator import itemgetter
from typing import Any, Final, Generic, NamedTuple, TypeVar, assert_never

from services.domain.beds.last_write_wins import Statement, order
from services.domain.beds.shelter_fold import pause
from services.domain.beds.stays import Stay, unit_of
from services.domain.beds.units import declaration
from services.domain.events import catalog as e

FOREVER: Final = 2**127
"""Later than any time of the contract: the end of what nothing has ended yet."""

# The instant from which a span or a statement counts, without a call of Python for each step of a search
_FIRST: Final = itemgetter(0)

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

    @property
    def lasting(self) -> bool:
        """Whether it counts from the instant of its order until a later one: any but that of a stay that moved after it had left."""
        return self.start == self.key[0] and self.end == FOREVER


@dataclass(slots=True)
class Cleanings:
    """The closures of one unit by discharges that left it unready (R6): the lasting ones in their order, and the few others."""

    lasting: list[Closure] = field(default_factory=list)
    others: list[Closure] = field(default_factory=list)

    def replace(self, old: Iterable[Closure], new: Iterable[Closure]) -> None:
        """Remove some closures and add others."""
        for closure in old:
            if closure.lasting:
                del self.lasting[self.lasting.index(closure, bisect_left(self.lasting, closure.key, key=_key))]
            else:
                self.others.remove(closure)
        for closure in new:
            if closure.lasting:
                insort(self.lasting, closure, key=_key)
            else:
                self.others.append(closure)


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


def closings(statements: Sequence[Statement[e.UnitClosing]], cleaned: Cleanings, since: int = -FOREVER) -> list[Span[str | None]]:
    """Return why a unit was closed from an instant on, None when it was open (R5, R6); a span begins there, or none lasts over it.

    Of before that instant only the last statement and the last cleaning are looked at: what is asked for costs the same however long
    the unit has existed.
    """
    stated = statements[max(bisect_left(statements, since, key=_FIRST) - 1, 0) :]
    lasting = [Closure(order(statement), statement.at, FOREVER, _reason(statement.data)) for statement in stated]
    lasting += cleaned.lasting[max(bisect_left(cleaned.lasting, since, key=_from) - 1, 0) :]
    lasting.sort(key=_key)
    others = [closure for closure in cleaned.others if closure.end > since]
    edges = sorted({max(edge, since) for closure in (*lasting, *others) for edge in (closure.start, closure.end)})
    spans: list[Span[str | None]] = []
    upcoming = 0
    for start, end in pairwise(edges):
        while upcoming < len(lasting) and lasting[upcoming].start <= start:
            upcoming += 1
        # A stay that moved after it had left, or with a discharge that is known before a unit is: the last that is known of this unit
        known = [closure for closure in others if closure.start <= start < closure.end] + lasting[max(upcoming - 1, 0) : upcoming]
        if known:
            spans.append(Span(start, end, max(known, key=_key).reason))
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
    place = bisect_right(spans, instant, key=_FIRST) - 1
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


def holding(cut: Iterable[tuple[int, int]], spans: Iterable[Span[T]]) -> Iterator[tuple[int, int, list[T]]]:
    """Yield each piece of time, in their order, with the values of all spans that hold in it; no span begins or ends inside a piece."""
    coming = deque(sorted(spans, key=_FIRST))
    held: list[Span[T]] = []
    for start, end in cut:
        while coming and coming[0].start <= start:
            held.append(coming.popleft())
        held = [span for span in held if span.end > start]
        yield start, end, [span.value for span in held]


def _from(closure: Closure) -> int:
    return closure.start


def _key(closure: Closure) -> tuple[int, int, str, str]:
    return closure.key


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
