"""`python -m tests.interleavings --seed 7`: run one seed again, and print its steps; `--runs 5000` runs many, `--from` says which."""

import argparse
import itertools
import sys
import time
from collections.abc import Iterable

from tests.interleavings.run import KINDS, Outcome, kind_of, run


def main() -> int:
    """Run what the command line says; return 1 where something was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.interleavings", description=__doc__)
    parser.add_argument("--seed", type=int, help="run this one, and print its steps")
    parser.add_argument("--from", type=int, default=0, dest="first", help="the first of many")
    parser.add_argument("--runs", type=int, default=1_000, help="how many")
    parser.add_argument("--kind", choices=sorted(set(KINDS)), help="only those of a kind")
    parser.add_argument("--until-wrong", action="store_true", help="end with the first that is wrong")
    asked = parser.parse_args()
    if asked.seed is not None:
        outcome = run(asked.seed)
        print("\n".join(map(str, outcome.steps)))  # noqa: T201
        print(f"\n{outcome.kind}: {len(outcome.steps)} steps, digest {outcome.digest}")  # noqa: T201
        _print_wrong(outcome)
        return bool(outcome.wrong)
    seeds = (seed for seed in itertools.count(asked.first) if asked.kind in {None, kind_of(seed)})
    return _many(itertools.islice(seeds, asked.runs), until_wrong=asked.until_wrong)


def _many(seeds: Iterable[int], *, until_wrong: bool) -> int:
    started, found, done = time.monotonic(), list[int](), 0
    for seed in seeds:
        done += 1
        outcome = run(seed)
        if outcome.wrong:
            found.append(seed)
            _print_wrong(outcome)
            if until_wrong:
                break
    took = time.monotonic() - started
    print(f"{done} interleavings in {took:.1f} s, {60 * done / took:.0f} a minute; wrong: {found or 'none'}")  # noqa: T201
    return bool(found)


def _print_wrong(outcome: Outcome) -> None:
    for why in outcome.wrong:
        print(f"seed {outcome.seed}: {why}")  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
