"""Plays the insider's month, and says how often he is right: beside chance, and beside the same attack on exact live counts."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tests.api.desks import desks
from tests.attack.insider import Insider
from tests.attack.month import HOUR, START, flights, month

# As often before the hour as after it, and still below the alarm at 30 searches an hour without a hold
QUIET = 14
# 20 at once and 60 an hour, over the two hours, half of them before; an alarm
LOUD = 70
NOTHING, COUNTS = "nothing (chance)", "exact live counts"
SEARCHES = ("searches, below the alarm", "searches, all he may")


@dataclass(slots=True)
class Guesses:
    """What came of one way to guess: for each flight the chance that it was right, and how often one shelter alone was left, and was it."""

    chances: list[float] = field(default_factory=list)
    alone: int = 0
    alone_and_right: int = 0

    def add(self, chosen: set[str], truth: str) -> None:
        """Count one guess, by lot among the chosen."""
        self.chances.append(1 / len(chosen) if truth in chosen else 0.0)
        self.alone += len(chosen) == 1
        self.alone_and_right += chosen == {truth}

    @property
    def right(self) -> float:
        """The probability of a right guess."""
        return sum(self.chances) / len(self.chances)


@dataclass(frozen=True, slots=True)
class Attacked:
    """What an attack came to."""

    flights: int
    shelters: int
    guesses: dict[str, Guesses]

    def lines(self) -> Iterable[str]:
        """Write it as a table."""
        yield f"{self.flights} flights whose hour is known, {self.shelters} shelters"
        yield f"{'the insider looks at':<44}{'P(right)':>10}{'one left':>10}{'and right':>11}"
        for name, guesses in self.guesses.items():
            yield f"{name:<44}{guesses.right:>10.3f}{guesses.alone:>10}{guesses.alone_and_right:>11}"


async def attack(folder: Path, seed: int, days: int, number: int) -> Attacked:
    """Play a month; its first week is for the country to find its feet."""
    played = month(seed, days)
    targets = flights(played.log, min(7, days // 2), number)
    ways = {name: Guesses() for name in (NOTHING, *SEARCHES, COUNTS)}
    async with desks(folder, seed) as at:
        at.folded.now = START
        quiet, loud = Insider(at, played, QUIET, "quiet"), Insider(at, played, LOUD, "loud")
        for flight in targets:
            # The place is often kept for her before she comes: he looks from an hour earlier on
            await played.until(at, flight.hour - HOUR)
            possible, counts = quiet.possible(flight), played.occupied(at)
            first = [(await insider.before(flight), insider) for insider in (quiet, loud)]
            await played.until(at, flight.hour + HOUR)
            after = played.occupied(at)
            went = {shelter for shelter in possible if after.get(shelter, 0) > counts.get(shelter, 0)}
            ways[NOTHING].add(possible, flight.shelter)
            ways[COUNTS].add(went or possible, flight.shelter)
            for (before, insider), name in zip(first, SEARCHES, strict=True):
                ways[name].add(await insider.guess(flight, before), flight.shelter)
    return Attacked(len(targets), len(played.units), ways)
