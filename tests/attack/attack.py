"""Plays a month of one seed's country to one insider, flight by flight, and counts what the guesses are worth."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from statistics import correlation
from typing import Final

from tests.attack.belief import seen
from tests.attack.guesses import Guesses
from tests.attack.insider import Asked, Budget, Insider, chances, sorts
from tests.attack.month import HOUR, START, Flight, Month, flights, month
from tests.attack.served import served
from tests.attack.variants import DESIGNED, Variant

# So long before the hour the insider asks first; earlier gives less information: mostly the place is held many hours before an arrival
EARLY: Final = HOUR
# The first week is for the country to find its feet
FIRST_DAY: Final = 7
# Who watches longer sees the place go to the hold: the household comes one to nine hours after the shelter said yes
_WATCHED_H: Final = 10
# Shares of flights that go to a place free in the hour itself, and to one that was never seen to go: of seeds 4, 5 and 6
_AT_ONCE, _UNSEEN = 0.3, 0.15
CHANCE, KNOWING = "chance: all shelters alike", "knows what shelters are like and how long people stay"
FREE = "exact list of what is free for the household, before and after"
WATCHED = "the same list, hour by hour from ten hours before"
COUNTS = "exact live counts of each shelter, which no role but the operator sees"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What an insider may do and sees: a row of the table."""

    name: str
    budget: Budget
    variant: Variant = DESIGNED
    strict: bool = False


@dataclass(slots=True)
class Attacked:
    """What an attack came to: the guesses by attacker, what each flight's insider did, and how long each answer took."""

    shelters: int = 0
    guesses: dict[str, Guesses] = field(default_factory=dict)
    asked: dict[str, list[Asked]] = field(default_factory=dict)
    took: list[tuple[float, int, str]] = field(default_factory=list)
    hidden: list[int] = field(default_factory=list)

    def add(self, name: str, probable: dict[str, float], truth: str) -> None:
        """Count one guess of an attacker."""
        self.guesses.setdefault(name, Guesses()).add(probable, truth)

    def add_mean(self, name: str, each: Iterable[dict[str, float]], truth: str) -> None:
        """Count one flight that all attackers of a kind guess."""
        self.guesses.setdefault(name, Guesses()).add_mean(each, truth)

    def join(self, other: "Attacked") -> None:
        """Count another run too."""
        self.shelters = other.shelters
        for name, guesses in other.guesses.items():
            self.guesses.setdefault(name, Guesses()).join(guesses)
        for name, asked in other.asked.items():
            self.asked.setdefault(name, []).extend(asked)
        self.took += other.took
        self.hidden += other.hidden

    def timing(self) -> str:
        """Return the correlation of the time an answer takes and the number of places that fit, among answers that do not mention all."""
        pairs = [(ms, number) for (ms, _, more), number in zip(self.took, self.hidden, strict=False) if more == "3+"]
        if len(pairs) < 3 or len({number for _, number in pairs}) < 2:
            return "timing: too few answers"
        found = correlation([ms for ms, _ in pairs], [float(number) for _, number in pairs])
        return f"timing: of {len(pairs)} answers with three and more left, the time and the number that fit correlate with {found:+.2f}"


def chosen(seed: int, days: int, number: int) -> tuple[Month, list[Flight]]:
    """Return a fresh month of a seed, and the flights that are played in it."""
    log = month(seed, days)
    return Month(log), flights(log, min(FIRST_DAY, days // 2), number)


async def attack(folder: Path, seed: int, days: int, number: int, attempt: Attempt, each: Callable[[], None] = lambda: None) -> Attacked:
    """Play the month of a seed; `each` is called after each flight."""
    found = Attacked()
    played, targets = chosen(seed, days, number)
    async with served(folder, START, seed, strict=attempt.strict) as at:
        insider = Insider(at, played, attempt.budget, "insider", seed, attempt.variant)
        for flight in targets:
            await played.until(at.kept, flight.hour - EARLY)
            belief, seen = await insider.before(flight)
            await played.until(at.kept, flight.hour + HOUR)
            found.add(attempt.name, await insider.after(flight, belief, seen), flight.shelter)
            found.asked.setdefault(attempt.name, []).append(insider.asked)
            each()
        found.took = insider.took
        found.hidden = [said["fitting_units"] for said in at.desks.log.said("search-made")]
        found.shelters = len(played.units)
    return found


async def compared(folder: Path, seed: int, days: int, number: int) -> Attacked:
    """Guess the same flights without asking: by chance, by what is publicly known, and by exact live counts."""
    found = Attacked()
    played, targets = chosen(seed, days, number)
    async with served(folder, START, seed) as at:
        for flight in targets:
            watched = []
            for hour in range(flight.hour - _WATCHED_H * HOUR, flight.hour, HOUR):
                await played.until(at.kept, max(hour, at.kept.now))
                watched.append(played.free(at.kept, flight))
            before, was_free = played.occupied(at.kept), played.free(at.kept, flight)
            await played.until(at.kept, flight.hour + HOUR)
            after, knowing = played.occupied(at.kept), chances(played, flight)
            free = played.free(at.kept, flight)
            went = {name for name in knowing if after.get(name, 0) > before.get(name, 0)} or set(knowing)
            found.add(CHANCE, _alike(knowing, knowing), flight.shelter)
            found.add(KNOWING, knowing, flight.shelter)
            found.add(FREE, _listed(knowing, played, flight, {name: (was_free[name], free[name]) for name in knowing}), flight.shelter)
            found.add(WATCHED, _watched(knowing, [*watched, free]), flight.shelter)
            found.add(COUNTS, _alike(knowing, went), flight.shelter)
    return found


def _listed(knowing: Iterable[str], played: Month, flight: Flight, free: Mapping[str, tuple[int, int]]) -> dict[str, float]:
    """Return how probable each shelter is to one who knows exactly where a place for the household is free, but not what is held."""
    of_shelter = sorts(played, flight)
    weights = {name: seen(of_shelter[name], *free[name]) for name in knowing}
    return {name: weight / sum(weights.values()) for name, weight in weights.items()}


def _watched(knowing: dict[str, float], free: list[dict[str, int]]) -> dict[str, float]:
    """Return how probable each shelter is to one who saw where a place went: to a hold hours before, or in the hour itself."""
    lost = [[name for name in knowing if after.get(name, 0) < before.get(name, 0)] for before, after in pairwise(free)]
    each = max(1.0, sum(map(len, lost)) / len(lost))
    weights = {name: share * _UNSEEN for name, share in knowing.items()}
    for number, names in enumerate(lost):
        of_it = _AT_ONCE if number == len(lost) - 1 else (1 - _AT_ONCE - _UNSEEN) / (len(lost) - 1)
        for name in names:
            weights[name] += of_it / each
    return {name: weight / sum(weights.values()) for name, weight in weights.items()}


def _alike(known: Iterable[str], among: Iterable[str]) -> dict[str, float]:
    chosen = set(among)
    return {name: 1 / len(chosen) if name in chosen else 0.0 for name in known}
