"""Compares the monitor's answers with those of the naive computation, row by row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from services.adapters.regions import read_regions
from services.domain.events.catalog import Need
from services.monitor.figures.definitions import DEFINITIONS
from services.monitor.figures.evaluate import answer
from services.monitor.figures.result import LEFT_OUT, FigureResult, FigureRow
from services.monitor.intervals.builder import build
from services.monitor.intervals.table_store import TableStore
from services.monitor.query import Household, Query
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
_HOUSEHOLD_AS_JSON: Final = {
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
class BuiltCountry:
    """A log of two topics, archived and built into tables."""

    beds: Sequence[Record]
    demand: Sequence[Record]
    store: TableStore

    def ask(self, query: Query) -> FigureResult:
        """Ask the monitor."""
        return answer(self.store, replace(query, household=HOUSEHOLD))

    def differences(self, query: Query, country: Country | None = None) -> list[str]:
        """Compute every row of an answer again, and list where the naive computation has another."""
        result, differences = self.ask(query), []
        country = country or Country(self.beds, self.demand, query.as_known_at)
        for figure in result.figures:
            for rows in _by_scope(figure.rows):
                actual = [(dict(row.part), row.value) for row in rows if not LEFT_OUT.items() <= row.part.items()]
                expected = FIGURES[figure.definition.figure](_ask(country, query, rows[0]))
                if actual != expected:
                    differences.append(f"{figure.definition.figure} {rows[0].scope} {rows[0].start}: {_first(actual, expected)}")
        return differences


def _first(actual: list[Any], expected: list[Any]) -> str:
    pairs = [(a, b) for a, b in zip(actual, expected, strict=False) if a != b]
    return f"{pairs[0][0]}, not {pairs[0][1]}" if pairs else f"{len(actual)} parts, not {len(expected)}"


def archive_and_build(root: Path, beds: Sequence[Record], demand: Sequence[Record] = ()) -> BuiltCountry:
    """Archive a log and build its tables."""
    archived(root, "beds", beds)
    build(archived(root, "demand", demand), frozenset(REGIONS))
    return BuiltCountry(beds, demand, TableStore(root, read_regions(), simulated=True))


def names(*, period: bool, kinds: bool = False) -> tuple[str, ...]:
    """List the figures that can be asked of a period or of an instant, perhaps of a kind of unit."""
    when = ("either", "period") if period else ("either", "instant")
    return tuple(each.figure for each in DEFINITIONS.values() if each.when in when and (each.by_kind or not kinds))


def _by_scope(rows: Iterable[FigureRow]) -> Iterator[list[FigureRow]]:
    """Group each whole with its parts."""
    group: list[FigureRow] = []
    for row in rows:
        if not row.part and group:
            yield group
            group = []
        group.append(row)
    yield group


def _ask(country: Country, query: Query, row: FigureRow) -> Ask:
    scope = row.scope
    regions = tuple(
        code for code, region in REGIONS.items() if (scope.region in (None, code)) and (scope.province in (None, region.province))
    )
    where = Where(regions, KINDS if scope.kind is None else (scope.kind,))
    end = row.end * MS if query.period else row.end * MS + 1
    return Ask(country, where, row.start * MS, end, _HOUSEHOLD_AS_JSON)
