"""What one row of a result is about, and the arithmetic of all figures: sums over all spans, fractions of whole numbers.

A figure is a list of its parts, the whole first: what part it is, and its value; None is unknown.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, Any, Final

from tests.monitor.naive.country import AMSTERDAM, MS, Country, Where, nights, overlap

if TYPE_CHECKING:
    from collections.abc import Sequence

Value = int | float | None
Parts = list[tuple[dict[str, str], Value]]
DAY: Final = 86_400 * 10**9
MINUTE: Final = 60 * 10**9
STATES: Final = ("occupied", "closed", "held", "paused", "unknown", "free")
HALF, NINE_IN_TEN = Fraction(1, 2), Fraction(9, 10)


@dataclass(frozen=True)
class Ask:
    """One row: a country, a scope, from when to when (ns; an instant is one long)."""

    country: Country
    where: Where
    start: int
    end: int
    household: Any = None

    @property
    def long(self) -> int:
        """How long."""
        return self.end - self.start

    @property
    def known(self) -> bool:
        """Whether a shelter of these regions was registered in that time."""
        return self.registered()[1] > 0

    def registered(self) -> tuple[int, int]:
        """Sum up how long shelters were registered, and count them."""
        spans = [
            (each.name, overlap(span, self.start, self.end))
            for each in self.country.shelters
            for span in each.registered
            if span[2]["region"] in self.where.regions
        ]
        return sum(long for _, long in spans), len({name for name, long in spans if long})

    @property
    def demand_known(self) -> bool:
        """Whether anything of demand was recorded before the end of that time."""
        first = min((record.timestamp for record in self.country.demand), default=None)
        return first is not None and first * MS < self.end and self.long > 0

    @property
    def beds_known(self) -> bool:
        """The same of shelters."""
        first = min((record.timestamp for record in self.country.beds), default=None)
        return first is not None and first * MS < self.end and self.long > 0

    def times(self, *, overflow: bool = False) -> Counter[str]:
        """Sum up how long units were in each state, and `beds` and `persons` of each."""
        found: Counter[str] = Counter()
        for _, _, span in self.country.inside(self.where, overflow=overflow):
            long, (_, declared, state, persons) = overlap(span, self.start, self.end), span[2]
            found[state] += long
            found[f"beds:{state}"] += long * declared["beds"]
            found["persons"] += long * persons
        return found

    def nights(self) -> list[int]:
        """List the nights of that time."""
        return nights(self.start, self.end)


def mean(total: int, long: int) -> Value:
    """Take the mean over a time; over an instant it is the number itself."""
    return None if long <= 0 else total if long == 1 else float(Fraction(total, long))


def share(part: int, whole: int) -> Value:
    """Divide; by nothing is unknown."""
    return float(Fraction(part, whole)) if whole else None


def every(times: Counter[str], *states: str) -> int:
    """Add up the time in some states, or in all of them."""
    return sum(times[state] for state in states or STATES)


def dutch_days(start: int, end: int) -> Fraction:
    """Return how many Dutch days lie between two instants, walked one by one: each ends when the clock is where it began."""
    if start < 0 or end >= 292 * 365 * DAY:
        return Fraction(end - start, DAY)
    second, rest = divmod(start, 10**9)
    shown = datetime.fromtimestamp(second, AMSTERDAM).replace(tzinfo=None)
    days, began = 0, start
    while (following := _instant(shown + timedelta(days=days + 1)) * 10**9 + rest) <= end:
        days, began = days + 1, following
    return days + Fraction(end - began, following - began)


def _instant(shown: datetime) -> int:
    """Return the first second at which the clock of Amsterdam shows a time; of the hour that is left out the time an hour later."""
    seconds = [round((shown - datetime(1970, 1, 1)).total_seconds()) - hours * 3_600 for hours in (2, 1)]  # noqa: DTZ001  a clock on a wall
    return next((each for each in seconds if datetime.fromtimestamp(each, AMSTERDAM).replace(tzinfo=None) == shown), seconds[1])


def rank(values: Sequence[int | Fraction], share: Fraction, unit: int) -> Value:
    """Return the smallest value that so large a share of all do not exceed."""
    return float(Fraction(sorted(values)[ceil(share * len(values)) - 1], unit)) if values else None


def total(ask: Ask, numbers: list[int]) -> Value:
    """Add up what is about demand; before anything of it was recorded that is unknown."""
    return sum(numbers) if ask.demand_known else None
