"""What a figure finds for its rows, before it is laid out as an answer; and the arithmetic that all figures share.

Everything is counted in whole numbers, and divided once at the end: so the same rows give the same digits, on any machine.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from services.monitor.answer import Value, Weight
from services.monitor.slice import Key, Slice

NS_PER_MINUTE: Final = 60_000_000_000
NS_PER_DAY: Final = 86_400_000_000_000


@dataclass(frozen=True, slots=True)
class Found:
    """One number: of which cell and time, which part of it (empty: the whole), and what it rests on."""

    key: Key
    value: Value
    weight: Weight | None = None
    of: Mapping[str, str] = field(default_factory=dict)


Find = Callable[[Slice], Iterable[Found]]
"""Works out one figure for every pair of a cell and a time that is wanted."""


def share(part: int, whole: int) -> Value:
    """Divide; nothing to divide by is unknown."""
    return part / whole if whole else None


def mean(total: int, length: int) -> Value:
    """Take the mean over a time; over an instant, which is one long, it is a whole number."""
    if length <= 0:
        return None
    return total if length == 1 else total / length


def least(values: list[int], numerator: int, denominator: int) -> int:
    """Return the smallest value such that so large a part of all are no larger (nearest rank); there must be one."""
    rank = -(-len(values) * numerator // denominator)
    return sorted(values)[rank - 1]
