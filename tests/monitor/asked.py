"""Questions put to the monitor and to the naive computation, and their answers side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from services.adapters.regions import read_regions
from services.domain.events import Need
from services.monitor.answer import Answer, Row
from services.monitor.building import build
from services.monitor.definitions import DEFINITIONS
from services.monitor.figures import answer
from services.monitor.question import Household, Question
from services.monitor.store import Store
from tests.monitor.archives import archived
from tests.monitor.naive.ask import Ask
from tests.monitor.naive.country import KINDS, MS, REGIONS, Country, Where
from tests.monitor.naive.figures import FIGURES
from tests.reference.log import Record

HOUSEHOLD: Final = Household(
    adults=1,
    children=2,
    need=Need(kinds=("crisis", "emergency"), features=(), men=0, oldest_son_age=12, security="open", services=(), languages=("nl",)),
    exclude_regions=("R01",),
)
_SPELLED: Final = {
    "adults": 1,
    "children": 2,
    "exclude_regions": ["R01"],
    "need": {
        "kinds": ["crisis", "emergency"],
        "features": [],
        "men": 0,
        "oldest_son_age": 12,
        "security": "open",
        "services": [],
        "languages": ["nl"],
    },
}


@dataclass(frozen=True)
class Asked:
    """A log of two topics, archived and built, to be asked about."""

    beds: Sequence[Record]
    demand: Sequence[Record]
    store: Store

    def ask(self, question: Question) -> Answer:
        """Ask the monitor."""
        return answer(self.store, replace(question, household=HOUSEHOLD))

    def differences(self, question: Question, country: Country | None = None) -> list[str]:
        """Work every row of an answer out over again, and tell where it is another."""
        told, found = self.ask(question), []
        country = country or Country(self.beds, self.demand, question.known_at)
        for figure in told.figures:
            for rows in _by_scope(figure.rows):
                there = [(dict(row.of), row.value) for row in rows]
                expected = FIGURES[figure.definition.id](_ask(country, question, rows[0]))
                if there != expected:
                    found.append(f"{figure.definition.id} {rows[0].scope} {rows[0].start}: {_first(there, expected)}")
        return found


def _first(there: list[Any], expected: list[Any]) -> str:
    pairs = [(a, b) for a, b in zip(there, expected, strict=False) if a != b]
    return f"{pairs[0][0]}, not {pairs[0][1]}" if pairs else f"{len(there)} parts, not {len(expected)}"


def asked(root: Path, beds: Sequence[Record], demand: Sequence[Record] = ()) -> Asked:
    """Archive a log and build its tables."""
    archived(root, "beds", beds)
    build(archived(root, "demand", demand), frozenset(REGIONS))
    return Asked(beds, demand, Store(root, read_regions(), simulated=True))


def names(*, period: bool, kinds: bool = False) -> tuple[str, ...]:
    """List the figures that can be asked of a period or of an instant, perhaps of a kind of unit."""
    when = ("either", "period") if period else ("either", "instant")
    return tuple(each.id for each in DEFINITIONS.values() if each.when in when and (each.kinds or not kinds))


def _by_scope(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Put the parts of a number behind it."""
    found: list[Row] = []
    for row in rows:
        if not row.of and found:
            yield found
            found = []
        found.append(row)
    yield found


def _ask(country: Country, question: Question, row: Row) -> Ask:
    scope = row.scope
    regions = tuple(
        code for code, region in REGIONS.items() if (scope.region in (None, code)) and (scope.province in (None, region.province))
    )
    where = Where(regions, KINDS if scope.kind is None else (scope.kind,))
    end = row.end * MS if question.period else row.end * MS + 1
    return Ask(country, where, row.start * MS, end, _SPELLED)
