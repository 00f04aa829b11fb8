"""Every draw of the country: one generator with one seed, so that the same seed gives the same bytes."""

import math
from collections.abc import Mapping, Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Chance:
    """Draws by seed."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311  a country that can be repeated is wanted, not secrecy

    def hit(self, share: float) -> bool:
        """Say yes in this share of the cases."""
        return self.random.random() < share

    def between(self, low: float, high: float) -> int:
        """Draw a whole number evenly between two."""
        return int(low + (high - low) * self.random.random())

    def about(self, mean: float, shape: float = 1.0) -> int:
        """Draw a whole number around a mean: the larger the shape, the nearer (1 is: at any time equally likely)."""
        return int(self.random.gammavariate(shape, mean / shape))

    def pick(self, among: Sequence[T]) -> T:
        """Draw one of several."""
        return among[int(self.random.random() * len(among))]

    def weighted(self, shares: Mapping[T, float]) -> T:
        """Draw one of several by their shares."""
        return self.random.choices(list(shares), list(shares.values()))[0]

    def some(self, shares: Mapping[T, float]) -> tuple[T, ...]:
        """Draw each of several with its own share."""
        return tuple(each for each, share in shares.items() if self.hit(share))

    def number(self, mean: float) -> int:
        """Draw how often something happens that happens so often on average."""
        limit, number, product = math.exp(-mean), 0, self.random.random()
        while product > limit:
            number += 1
            product *= self.random.random()
        return number

    def uuid(self) -> str:
        """Draw an id in the form of a UUID of version 4."""
        bits = f"{self.random.getrandbits(128):032x}"
        return f"{bits[:8]}-{bits[8:12]}-4{bits[13:16]}-{'89ab'[int(bits[16], 16) & 3]}{bits[17:20]}-{bits[20:]}"
