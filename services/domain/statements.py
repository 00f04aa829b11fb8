"""Last statement wins (contract R3, R5): facts of one matter kept in their order, so that the one that counts is the last."""

from bisect import insort
from collections.abc import Callable

from services.domain.events import Event


def recorded(event: Event) -> tuple[int, str, str]:
    """Order statements that happen when they are recorded: `(time, id, source)`."""
    return event.recorded


def happened(event: Event) -> tuple[int, int, str, str]:
    """Order what happens in the world: `(occurred_at, time, id, source)`."""
    return event.happened


def put(facts: list[Event], event: Event, *, keep: bool, by: Callable[[Event], tuple[int | str, ...]]) -> None:
    """Insert a fact at its place, or take it out again."""
    if not keep:
        facts.remove(event)
    elif facts:
        insort(facts, event, key=by)
    else:
        facts.append(event)


def last(facts: list[Event]) -> Event | None:
    """Return the statement that counts."""
    return facts[-1] if facts else None
