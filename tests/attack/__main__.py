"""`python -m tests.attack [SEED [DAYS [FLIGHTS]]]`: prints what an insider's guesses are worth."""

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.attack.attack import attack

if __name__ == "__main__":
    seed, days, number = (int(word) for word in (*sys.argv[1:], *("7", "30", "40")[len(sys.argv) - 1 :]))
    with tempfile.TemporaryDirectory() as folder:
        for line in asyncio.run(attack(Path(folder), seed, days, number)).lines():
            print(line)  # noqa: T201
