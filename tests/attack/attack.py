"""Plays the insider's month, and says how often he is right: beside chance, and beside the same attack on exact live counts."""

import math
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import correlation

from services.domain.crowd import Least
from tests.attack.insider import Budget, Insider, chances
from tests.attack.month import HOUR, START, Flight, Month, flights, month
from tests.attack.served import Kept, served

# So long before the hour he looks; earlier tells him less, for the place is mostly held for her many hours before she comes
EARLY = HOUR
# What nobody doubts any more
CERTAIN = 0.9
_Z = 1.96


@dataclass(slots=True)
class Guesses:
    """What came of one way to guess: for each flight the chance that it was right, how sure he was, and how often that was certain."""

    chances: list[float] = field(default_factory=list)
    sure: list[float] = field(default_factory=list)
    certain: int = 0
    certain_and_right: int = 0

    def add(self, probable: dict[str, float], truth: str) -> None:
        """Count one guess: the most probable shelter, by lot among those that are."""
        most = max(probable.values())
        chosen = {shelter for shelter, share in probable.items() if share > most - 1e-12}
        self.chances.append(1 / len(chosen) if truth in chosen else 0.0)
        self.sure.append(most)
        self.certain += most >= CERTAIN
        self.certain_and_right += most >= CERTAIN and truth in chosen

    @property
    def right(self) -> float:
        """The probability of a right guess."""
        return sum(self.chances) / len(self.chances)

    @property
    def between(self) -> tuple[float, float]:
        """Where that probability lies with 95 % confidence (Wilson's interval)."""
        number, share = len(self.chances), self.right
        middle = (share + _Z**2 / (2 * number)) / (1 + _Z**2 / number)
        half = _Z / (1 + _Z**2 / number) * math.sqrt(share * (1 - share) / number + _Z**2 / (4 * number**2))
        return max(0.0, middle - half), min(1.0, middle + half)

    def line(self, name: str) -> str:
        """Write it as a row of a table."""
        low, high = self.between
        told = f"{self.right:>8.3f}{f'{low:.3f}-{high:.3f}':>15}{sum(self.sure) / len(self.sure):>11.3f}{max(self.sure):>9.2f}"
        return f"{name:<58}{told}{self.certain:>9}{self.certain_and_right:>10}"


NOTHING, COUNTS = "nothing, all alike (chance)", "exact live counts of each shelter (nobody may see them)"
KNOWING = "what shelters are like, and how long people stay"


@dataclass(slots=True)
class Attacked:
    """What an attack came to; `took` is how long each answer took, with how many offers it had and how many more."""

    flights: int = 0
    shelters: int = 0
    guesses: dict[str, Guesses] = field(default_factory=dict)
    took: list[tuple[float, int, str]] = field(default_factory=list)
    hidden: list[int] = field(default_factory=list)

    def add(self, name: str, probable: dict[str, float], truth: str) -> None:
        """Count one guess of a way to guess."""
        self.guesses.setdefault(name, Guesses()).add(probable, truth)

    def lines(self) -> Iterable[str]:
        """Write it as a table."""
        yield f"{self.flights} flights whose hour is known, {self.shelters} shelters"
        yield f"{'the insider looks at':<58}{'P(right)':>8}{'95 %':>15}{'he thinks':>11}{'at most':>9}{'certain':>9}{'and right':>10}"
        yield from (guesses.line(name) for name, guesses in self.guesses.items())
        yield self._timing()

    def _timing(self) -> str:
        pairs = [(ms, number) for (ms, _, more), number in zip(self.took, self.hidden, strict=True) if more == "3+"]
        if len(pairs) < 3:
            return "timing: too few answers"
        found = correlation([ms for ms, _ in pairs], [float(number) for _, number in pairs])
        return (
            f"timing: {len(pairs)} answers that told of 3 and more; how long they took and how many there were correlate with {found:+.2f}"
        )


def ways(budgets: Iterable[Budget]) -> dict[str, Budget]:
    """Name each budget."""
    return {_named(budget): budget for budget in budgets}


def _named(budget: Budget) -> str:
    after = budget.then or budget
    names = f", {budget.names} + {after.names} of the offers held to read the number" if budget.names else ""
    return f"{budget.searches} searches before and {after.searches} after, areas, stream{names}"


async def attack(  # noqa: PLR0917  each is what a run differs by
    folder: Path,
    valkey: str,
    prefix: str,
    seed: int,
    days: int,
    number: int,
    budgets: dict[str, Budget],
    least: Least,
    each: Callable[[], None],
    found: Attacked,
    only: int | None = None,
) -> None:
    """Play the month of a seed into `found`; its first week is for the country to find its feet. `each` hears of each flight.

    With `only` a number, that flight alone: its answers are the same.
    """
    log = month(seed, days)
    targets = flights(log, min(7, days // 2), number)
    targets = targets if only is None else targets[only : only + 1]
    async with AsyncExitStack() as stack:
        players: dict[str, tuple[Insider, Kept]] = {}
        for name, budget in budgets.items():
            played = Month(log)
            at = await stack.enter_async_context(served(folder / str(len(players)), valkey, f"{prefix}-{len(players)}", START, seed, least))
            players[name] = (Insider(at, played, budget, f"insider-{len(players)}", seed), at.kept)
        for flight in targets:
            await _attacked(players, flight, found)
            each()
        for insider, _ in players.values():
            found.took += insider.took
            found.hidden += [told["fitting_units"] for told in insider.at.desks.log.said("search-made")]
            found.shelters = len(insider.month.units)


async def _attacked(players: dict[str, tuple[Insider, Kept]], flight: Flight, found: Attacked) -> None:
    found.flights += 1
    for name, (insider, kept) in players.items():
        played = insider.month
        await played.until(kept, flight.hour - EARLY)
        belief, seen = await insider.before(flight)
        await played.until(kept, flight.hour - HOUR)
        counts = played.occupied(kept)
        await played.until(kept, flight.hour + HOUR)
        if name == next(iter(players)):
            _counted(played, flight, counts, played.occupied(kept), found)
        found.add(name, await insider.after(flight, belief, seen), flight.shelter)


def _counted(played: Month, flight: Flight, before: dict[str, int], after: dict[str, int], found: Attacked) -> None:
    knowing = chances(played, flight)
    went = {shelter for shelter in knowing if after.get(shelter, 0) > before.get(shelter, 0)} or set(knowing)
    found.add(NOTHING, {shelter: 1 / len(knowing) for shelter in knowing}, flight.shelter)
    found.add(KNOWING, knowing, flight.shelter)
    found.add(COUNTS, {shelter: 1 / len(went) if shelter in went else 0.0 for shelter in knowing}, flight.shelter)
