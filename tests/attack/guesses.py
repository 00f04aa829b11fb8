"""What guesses are worth: how often the most probable shelter is the right one, and how often the attacker is certain."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

# A guess of this probability or more counts as certain
CERTAIN = 0.9
# 95 % of a normal distribution
_Z = 1.96
_EQUAL = 1e-12


@dataclass(slots=True)
class Guesses:
    """The guesses of one attacker: of each flight the chance that the guess was right, and how probable the attacker thought it."""

    chances: list[float] = field(default_factory=list)
    thought: list[float] = field(default_factory=list)
    certain: int = 0
    certain_and_right: int = 0

    def add(self, probable: Mapping[str, float], truth: str) -> None:
        """Count one guess: the most probable shelter, drawn by lot among equals."""
        most = max(probable.values())
        chosen = {shelter for shelter, share in probable.items() if share > most - _EQUAL}
        self.chances.append(1 / len(chosen) if truth in chosen else 0.0)
        self.thought.append(most)
        self.certain += most >= CERTAIN
        self.certain_and_right += most >= CERTAIN and truth in chosen

    def add_mean(self, each: Iterable[Mapping[str, float]], truth: str) -> None:
        """Count one flight that several attackers of a kind guess: the mean of what their guesses are worth, certain if one of them is."""
        alone = Guesses()
        for probable in each:
            alone.add(probable, truth)
        self.chances.append(alone.right)
        self.thought.append(sum(alone.thought) / len(alone.thought))
        self.certain += alone.certain > 0
        self.certain_and_right += alone.certain_and_right > 0

    def join(self, other: "Guesses") -> None:
        """Count the guesses of another run of the same attacker too."""
        self.chances += other.chances
        self.thought += other.thought
        self.certain += other.certain
        self.certain_and_right += other.certain_and_right

    @property
    def right(self) -> float:
        """The probability of a right guess, P(right)."""
        return sum(self.chances) / len(self.chances)

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of that probability (Wilson)."""
        number, share = len(self.chances), self.right
        middle = (share + _Z**2 / (2 * number)) / (1 + _Z**2 / number)
        half = _Z / (1 + _Z**2 / number) * math.sqrt(share * (1 - share) / number + _Z**2 / (4 * number**2))
        return max(0.0, middle - half), min(1.0, middle + half)


HEAD = f"{'attacker':<64}{'flights':>8}{'P(right)':>9}{'95 %':>13}{'thinks':>8}{'certain':>8}{'and right':>10}"


def rows(found: Mapping[str, Guesses]) -> Iterator[str]:
    """Yield the table of attackers, one row each."""
    yield HEAD
    for name, guesses in found.items():
        low, high = guesses.interval
        number = len(guesses.chances)
        figures = f"{number:>8}{guesses.right:>9.3f}{f'{low:.2f}-{high:.2f}':>13}{sum(guesses.thought) / number:>8.3f}"
        yield f"{name:<64}{figures}{guesses.certain:>8}{guesses.certain_and_right:>10}"
