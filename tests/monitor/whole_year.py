"""`python -m tests.monitor.whole_year [DAYS]`: computes every figure of a simulated year again without the monitor's code.

It takes a quarter of an hour, so it is no test; the same of a month is one. Prints each query with how many numbers were compared and the
seconds of either side, and every difference. Exits with 1 if there is one.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from services.domain.durations import DAY_MS
from services.monitor.query import Period, Query, Scope
from tests.monitor.comparison import BuiltCountry, archive_and_build, names
from tests.monitor.logged_countries import START, simulate, to_records
from tests.monitor.naive.country import Country

T = TypeVar("T")
SEED = 7


def queries(days: int) -> Iterator[tuple[str, Query]]:
    """Yield queries of the whole time in all, by month, by kind and by province, of moments by region, and as known in the middle."""
    whole, middle = Period(START, START + days * DAY_MS), START + days * DAY_MS // 2
    yield "the whole", Query(figures=names(period=True), period=whole)
    yield "by kind", Query(figures=names(period=True, kinds=True), period=whole, by=("kind",))
    yield "by month", Query(figures=names(period=True), period=whole, by=("month",))
    yield "a province", Query(figures=names(period=True), period=whole, scope=Scope(province="PV28"))
    for part in range(5):
        yield f"a moment, {part}/4, by region", Query(figures=names(period=False), at=START + days * DAY_MS * part // 4, by=("region",))
    yield "the whole as known in the middle", Query(figures=names(period=True), period=whole, as_known_at=middle)


def main(days: int) -> int:
    """Ask every query, and compare."""
    beds, demand = to_records(simulate(SEED, days))
    naive, count = Country(beds, demand), 0
    with tempfile.TemporaryDirectory() as root:
        country, seconds = _timed(lambda: archive_and_build(Path(root), beds, demand))
        _print(f"{days} days, {len(beds):,} + {len(demand):,} records, archived and built in {seconds:.0f} s")
        for name, query in queries(days):
            differences = _compare(country, name, query, None if query.as_known_at else naive)
            _print(*differences)
            count += len(differences)
    _print(f"{count} differences")
    return int(count > 0)


def _compare(country: BuiltCountry, name: str, query: Query, naive: Country | None) -> list[str]:
    result, fast = _timed(lambda: country.ask(query))
    differences, both = _timed(lambda: country.differences(query, naive))
    numbers = sum(len(figure.rows) for figure in result.figures)
    _print(f"{name}: {len(result.figures)} figures, {numbers:,} numbers; the monitor {fast:.1f} s, again {both - fast:.0f} s")
    return differences


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    began = time.monotonic()
    return work(), time.monotonic() - began


def _print(*lines: str) -> None:
    for line in lines:
        sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if sys.argv[1:] else 365))
