"""The curve of alarms: at each threshold, the alarms an honest country raises in a week and the share of insiders that are named."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

from services.adapters.auth.rate_limits import CounterKind
from tests.attack.insider import Asked
from tests.attack.watch import Watched

UNHELD: Final = (4, 6, 8, 9, 10, 12, 15, 20, 30)
GIVEN_BACK: Final = (1, 2, 3, 4, 5, 6)
DESK: Final = (15, 20, 25, 30, 40, 60)
# What one coordinator can follow up: one false alarm a week in the whole country
A_WEEK: Final = 1.0


@dataclass(frozen=True, slots=True)
class Point:
    """Thresholds of one person's two alarms, and what they come to."""

    unheld: int
    given_back: int
    a_week: float
    found: float


def reached(done: str) -> dict[CounterKind, int]:
    """Return how far the counts of one hour go, in the letters of `Asked`: a hold begins the searches anew, as in the API."""
    unheld = most = 0
    for letter in done:
        unheld = unheld + 1 if letter == "s" else 0 if letter == "h" else unheld
        most = max(most, unheld)
    return {"unheld": most, "given-back": done.count("g"), "desk": done.count("s")}


def found_out(asked: Sequence[Asked], thresholds: dict[CounterKind, int]) -> float:
    """Return the share of flights in which an alarm named the insider, before the hour or after it, while it asked."""
    hours = [(reached(each.before), reached(each.after)) for each in asked]
    named = [any(hour[counted] >= most for hour in both for counted, most in thresholds.items()) for both in hours]
    return sum(named) / len(named) if named else 0.0


def points(watched: Watched, weeks: float, asked: Sequence[Asked]) -> Iterator[Point]:
    """Yield every pair of thresholds."""
    for unheld, given_back in product(UNHELD, GIVEN_BACK):
        alarms = watched.alarms("unheld", unheld) + watched.alarms("given-back", given_back)
        yield Point(unheld, given_back, alarms / weeks, found_out(asked, {"unheld": unheld, "given-back": given_back}))


def chosen(among: Iterable[Point]) -> Point | None:
    """Choose the point that names most insiders at no more false alarms than can be followed up; of equals the lowest thresholds.

    The lowest, because an insider who knows them stays below them.
    """
    quiet = [point for point in among if point.a_week <= A_WEEK]
    return max(quiet, key=lambda point: (point.found, -point.unheld * point.given_back, -point.a_week), default=None)


def rows(watched: Watched, weeks: float, asked: Sequence[Asked]) -> Iterator[str]:
    """Yield the curve: each alarm by itself, and then the point chosen."""
    yield f"{'alarm':<44}{'threshold':>10}{'honest alarms a week':>22}{'insider named':>15}"
    scales: tuple[tuple[CounterKind, str, tuple[int, ...]], ...] = (
        ("unheld", "searches of a person since its last hold", UNHELD),
        ("given-back", "held offers given back unanswered", GIVEN_BACK),
        ("desk", "searches of a desk", DESK),
    )
    for counted, words, thresholds in scales:
        for most in thresholds:
            share = found_out(asked, {counted: most})
            yield f"{words:<44}{most:>10}{watched.alarms(counted, most) / weeks:>22.2f}{share:>15.0%}"
    if point := chosen(points(watched, weeks, asked)):
        words = f"chosen: {point.unheld} searches or {point.given_back} given back"
        yield f"{words:<54}{point.a_week:>22.2f}{point.found:>15.0%}"
