"""What a calculator yields, and the arithmetic that all calculators share.

Guarantees: everything is counted in whole numbers and divided once, at the end, so the same rows give the same digits on any machine.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from services.monitor.figures.query_context import Key, QueryContext
from services.monitor.figures.result import Value, Weight


@dataclass(frozen=True, slots=True)
class FigureValue:
    """One number: its cell and time, its weight, and which part of the whole it is (empty: the whole).

    `forgotten`: it is None because it depends on a need that is no longer kept.
    """

    key: Key
    value: Value
    weight: Weight | None = None
    part: Mapping[str, str] = field(default_factory=dict)
    forgotten: bool = False


Calculator = Callable[[QueryContext], Iterable[FigureValue]]
"""Computes one figure for every wanted pair of a cell and a time."""


def share(part: int, whole: int) -> Value:
    """Return the quotient; None (unknown) when the whole is 0."""
    return part / whole if whole else None


def mean(total: int, length: int) -> Value:
    """Return the mean over a time; over an instant, which is 1 ns long, it is a whole number, over nothing None."""
    if length <= 0:
        return None
    return total if length == 1 else total / length


def nearest_rank(values: list[int], numerator: int, denominator: int) -> int:
    """Return the percentile by nearest rank: the smallest value that this fraction of all values does not exceed. There must be one."""
    rank = -(-len(values) * numerator // denominator)
    return sorted(values)[rank - 1]
