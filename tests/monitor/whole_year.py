"""`python -m tests.monitor.whole_year [DAYS]`: every figure of a simulated year is worked out again without the monitor's code.

It takes a quarter of an hour, so it is no test; the same of a month is one. Prints each question with the numbers that were compared and
the seconds of either side, and whatever is another. Ends with 1 if anything is.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from services.monitor.question import Period, Question, Scope
from tests.monitor.asked import Asked, asked, names
from tests.monitor.countries_logged import START, logged, said
from tests.monitor.naive.country import Country
from tests.monitor.records import HOUR

T = TypeVar("T")
DAY = 24 * HOUR
SEED = 7


def questions(days: int) -> Iterator[tuple[str, Question]]:
    """Ask of the whole time in all, by month, by kind and by province, and of moments by region; and once what was known in the middle."""
    whole, middle = Period(START, START + days * DAY), START + days * DAY // 2
    yield "the whole", Question(figures=names(period=True), period=whole)
    yield "by kind", Question(figures=names(period=True, kinds=True), period=whole, by=("kind",))
    yield "by month", Question(figures=names(period=True), period=whole, by=("month",))
    yield "a province", Question(figures=names(period=True), period=whole, scope=Scope(province="PV28"))
    for part in range(5):
        yield f"a moment, {part}/4, by region", Question(figures=names(period=False), at=START + days * DAY * part // 4, by=("region",))
    yield "the whole as known in the middle", Question(figures=names(period=True), period=whole, known_at=middle)


def main(days: int) -> int:
    """Ask, and compare."""
    beds, demand = logged(said(SEED, days))
    country, wrong = Country(beds, demand), 0
    with tempfile.TemporaryDirectory() as root:
        of, built = _timed(lambda: asked(Path(root), beds, demand))
        _say(f"{days} days, {len(beds):,} + {len(demand):,} records, archived and built in {built:.0f} s")
        for what, question in questions(days):
            found = _compared(of, what, question, None if question.known_at else country)
            _say(*found)
            wrong += len(found)
    _say(f"{wrong} differences")
    return int(wrong > 0)


def _compared(of: Asked, what: str, question: Question, country: Country | None) -> list[str]:
    answer, fast = _timed(lambda: of.ask(question))
    found, both = _timed(lambda: of.differences(question, country))
    numbers = sum(len(figure.rows) for figure in answer.figures)
    _say(f"{what}: {len(answer.figures)} figures, {numbers:,} numbers; the monitor {fast:.1f} s, over again {both - fast:.0f} s")
    return found


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    began = time.monotonic()
    return work(), time.monotonic() - began


def _say(*lines: str) -> None:
    for line in lines:
        sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if sys.argv[1:] else 365))
