"""The marks of an axis: round numbers, from just below what is drawn to just above it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from math import ceil, floor, log10
from typing import Final

from services.monitor.figures.definitions import Unit
from services.monitor.report.translations import Bilingual, percentage, rounded

_ROUND: Final = (1, 2, 5)
# More would not fit beside each other
_MOST_STEPS: Final = 5
_NEARLY: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis: its lowest and its highest mark, and the step between marks."""

    low: float
    high: float
    step: float

    def share(self, value: float) -> float:
        """Return where a value lies, from 0 at the lowest mark to 1 at the highest."""
        return (value - self.low) / (self.high - self.low)

    @property
    def marks(self) -> list[float]:
        """Every mark, from the lowest."""
        return [self.low + self.step * number for number in range(self.steps + 1)]

    @property
    def steps(self) -> int:
        """How many steps it has."""
        return round((self.high - self.low) / self.step)

    def label(self, mark: float, unit: Unit) -> Bilingual:
        """Write a mark: a percentage with as many decimals as the step needs."""
        if unit != "share":
            return rounded(mark, unit)
        return percentage(mark, decimals=max(0, ceil(-log10(self.step * 100) - _NEARLY)))


def scale(values: Iterable[float | None], *, from_zero: bool = True, at_most: float | None = None) -> Scale:
    """Return the axis of values; `at_most` is a bound that no value can pass, such as 1 of a share."""
    known = [value for value in values if value is not None]
    low, high = 0.0 if from_zero else min(known, default=0.0), max(known, default=1.0)
    if high <= low:
        low, high = (0.0, high or 1.0) if from_zero or not low else (low * 0.99, low)
    return next(found for step in _steps((high - low) / _MOST_STEPS) if (found := _around(low, high, step, at_most)).steps <= _MOST_STEPS)


def _around(low: float, high: float, step: float, at_most: float | None) -> Scale:
    bottom, top = floor(low / step + _NEARLY) * step, ceil(high / step - _NEARLY) * step
    return Scale(bottom, top if at_most is None else max(min(top, at_most), bottom + step), step)


def _steps(least: float) -> Iterator[float]:
    """Yield the round numbers from a least one up."""
    power = 10.0 ** floor(log10(least))
    for tens in count():
        yield from (step for times in _ROUND if (step := power * times * 10.0**tens) >= least * (1 - _NEARLY))
