"""Every random choice of the country: one generator with one seed, so that the same seed gives the same bytes."""

import math
from collections.abc import Mapping, Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


class RandomSource:
    """A seeded generator; what is drawn depends on the seed and on every draw before."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311  a country that can be repeated is wanted, not secrecy

    def fraction(self) -> float:
        """Return a number from 0 up to 1."""
        return self._random.random()

    def happens(self, probability: float) -> bool:
        """Return True with this probability."""
        return self._random.random() < probability

    def between(self, low: float, high: float) -> int:
        """Return a whole number, each from `low` up to `high` as likely."""
        return int(low + (high - low) * self._random.random())

    def gamma(self, mean: float, shape: float = 1.0) -> int:
        """Return a whole number around a mean: the larger the shape, the nearer (1 is: at any time equally likely)."""
        return int(self._random.gammavariate(shape, mean / shape))

    def poisson(self, mean: float) -> int:
        """Return how often something happens that happens so often on average."""
        limit, number, product = math.exp(-mean), 0, self._random.random()
        while product > limit:
            number += 1
            product *= self._random.random()
        return number

    def choose(self, options: Sequence[T]) -> T:
        """Return one option, each as likely."""
        return options[int(self._random.random() * len(options))]

    def choose_by(self, shares: Mapping[T, float]) -> T:
        """Return one option, by its share."""
        return self._random.choices(list(shares), list(shares.values()))[0]

    def sample(self, options: Sequence[T], number: int) -> list[T]:
        """Return so many different options, in random order."""
        return self._random.sample(options, number)

    def subset(self, probabilities: Mapping[T, float]) -> tuple[T, ...]:
        """Return each option with a probability of its own."""
        return tuple(option for option, probability in probabilities.items() if self.happens(probability))

    def uuid(self) -> str:
        """Return an id in the form of a UUID of version 4."""
        bits = f"{self._random.getrandbits(128):032x}"
        return f"{bits[:8]}-{bits[8:12]}-4{bits[13:16]}-{'89ab'[int(bits[16], 16) & 3]}{bits[17:20]}-{bits[20:]}"
