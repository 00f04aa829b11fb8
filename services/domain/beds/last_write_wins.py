"""Last statement wins (contract R3, R5): the statements on one matter in their order, so that the one that counts is the last."""

from bisect import insort
from typing import Generic, NamedTuple, Protocol, TypeVar

from services.domain.events.catalog import Event


class Occurrence(Protocol):
    """Data that may say when it really happened."""

    @property
    def occurred_at(self) -> int | None:
        """The instant (ns); None when that is when it was recorded."""


D = TypeVar("D")
Dated = TypeVar("Dated", bound=Occurrence)
D_co = TypeVar("D_co", covariant=True)


class Statement(NamedTuple, Generic[D_co]):
    """What one event says on a matter, and the instant (ns) it counts from.

    `D_co` is the union of all that can be said on the matter, so that `mypy` names every reader of it that lacks a case.
    """

    at: int
    event: Event
    data: D_co


def occurred(event: Event, data: Dated) -> Statement[Dated]:
    """Return a statement that counts from `occurred_at`, else `time`: its order is `(occurred_at, time, id, source)` (R3, R5)."""
    at = data.occurred_at
    return Statement(event.time if at is None else at, event, data)


def recorded(event: Event, data: D) -> Statement[D]:
    """Return a statement that counts from `time`: its order is `(time, id, source)` (R5)."""
    return Statement(event.time, event, data)


def order(statement: Statement[object]) -> tuple[int, int, str, str]:
    """Return the sort key of a statement; ids and sources compare in byte order (R3)."""
    event = statement.event
    return statement.at, event.time, event.id, event.source


def insert_sorted(statements: list[Statement[D]], statement: Statement[D], *, keep: bool) -> None:
    """Insert a statement at its place, or with `keep=False` remove it again (R12)."""
    if not keep:
        statements.remove(statement)
    elif statements:
        insort(statements, statement, key=order)
    else:
        statements.append(statement)
