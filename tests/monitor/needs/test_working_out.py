"""Figures of hotels from sealed needs: the same while the keys last, after they are destroyed, and never wrong where nothing was kept."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import duckdb
import pytest

from services.adapters.codec.event_codec import encode
from services.adapters.needs.need_keys import NeedKey, day_of, destroyed_at
from services.adapters.needs.sealed_needs import sealed_start
from services.adapters.regions import read_regions
from services.domain.durations import DAY_MS
from services.domain.events import catalog as e
from services.monitor.archive.paths import MonitorPaths
from services.monitor.figures.evaluate import answer
from services.monitor.figures.result import FigureResult
from services.monitor.intervals.builder import build
from services.monitor.intervals.table_store import TableStore
from services.monitor.needs.working_out import work_out
from services.monitor.query import Period, Query
from tests.monitor.archives import archived, read_archive, spread
from tests.monitor.logged_countries import START, disturb, simulate, to_records
from tests.monitor.needs.freed_unit import DAY, FREED, HOUR, SEEN
from tests.played import WIRE
from tests.reference import case_demand as demand
from tests.reference.given import BEGIN, KEY, admitted, declared, left
from tests.reference.log import Record

FIGURES: Final = ("hotel-nights", "hotel-nights-by-evidence", "hotel-nights-avoidable", "hotel-households", "hotel-person-nights")
DAYS: Final = 20
# A dead letter: it moves the clock of its partition to a time at which every key is destroyed, and nothing else
LATER: Final = Record(b"x", b"{", START + 90 * DAY_MS)


@dataclass
class Monitor:
    """The archive and the tables of one log, and the keys that are not destroyed."""

    root: Path
    keys: dict[str, NeedKey] = field(default_factory=dict)
    asked: int = 0

    def seal(self, records: list[Record]) -> list[Record]:
        """Return records with each start in version 2, sealed with the key of the day on which it was logged."""
        return [self._sealed(record) for record in records]

    def _sealed(self, record: Record) -> Record:
        event = WIRE.decode("demand", record.key, record.value)
        if not isinstance(event, e.Event) or not isinstance(event.data, e.SearchMade | e.FallbackStarted):
            return record
        name = f"{day_of(record.timestamp)}.5f0c1d7e"
        key = self.keys.setdefault(name, NeedKey(name, name.encode().ljust(32)))
        return record._replace(value=encode(replace(event, data=sealed_start(event.data, key))))

    def run(self, beds: list[Record], records: list[Record], now: int) -> int:
        """Archive, build and work out, as the monitor does every quarter of an hour; return how many pairs were new."""
        directory = archived(self.root, "beds", beds)
        archived(self.root, "demand", records)
        manifest = build(directory, frozenset(read_regions()), processes=1)
        return asyncio.run(work_out(directory, manifest, self._read_keys, now))

    async def _read_keys(self) -> Mapping[str, NeedKey]:
        self.asked += 1
        return self.keys

    def destroy_keys(self, now: int) -> None:
        """Destroy the keys that are due."""
        self.keys = {name: key for name, key in self.keys.items() if now < destroyed_at(name)}

    def ask(self, query: Query) -> FigureResult:
        """Answer a query from the tables as they are now."""
        return answer(TableStore(self.root, read_regions(), simulated=True), query)


def queries() -> list[Query]:
    """Ask for the whole time and for parts of it, as known at the end, and as known while the log was written."""
    period = Period(START, START + DAYS * DAY_MS)
    known = [None, *(START + day * DAY_MS for day in (10,))]
    return [Query(figures=FIGURES, period=period, as_known_at=at, by=by) for at in known for by in ((), ("day",))]


def rows(monitor: Monitor) -> list[Any]:
    """List every row of every answer: its place, its time, its part, its value and whether it is forgotten."""
    return [
        (number, figure.definition.figure, row.scope, row.start, row.part, row.value, row.forgotten)
        for number, query in enumerate(queries())
        for figure in monitor.ask(query).figures
        for row in figure.rows
    ]


@pytest.fixture(scope="module")
def country() -> tuple[list[Record], list[Record]]:
    """Return the log of a simulated country, half of it late or corrected later."""
    beds, records = to_records(disturb(simulate(11, DAYS), 3))
    return beds, records


def test_figures_are_the_same_before_and_after_their_needs_are_forgotten(
    country: tuple[list[Record], list[Record]], tmp_path: Path
) -> None:
    """Of a log in version 2 each figure, as of any time, is that of version 1: while keys last, after them, and from tables built anew."""
    beds, records = country
    plain, sealed = Monitor(tmp_path / "v1"), Monitor(tmp_path / "v2")
    end = START + DAYS * DAY_MS
    assert plain.run(beds, records, end) == 0
    version_2 = sealed.seal(records)
    new = sealed.run(beds, version_2, end)
    expected = rows(plain)
    freed = [row for row in expected if row[4] == {"evidence": "freed_within_2h"} and row[5]]
    assert (new > 0, bool(freed)) == (True, True)
    assert rows(sealed) == expected
    assert sealed.run(beds, version_2, end) == 0
    assert sealed.asked == 1
    for monitor, of in ((plain, records), (sealed, version_2)):
        monitor.destroy_keys(LATER.timestamp)
        monitor.run(beds, [*of, LATER._replace(partition=of[0].partition)], LATER.timestamp)
    assert sealed.keys == {}
    assert [row[:-2] for row in rows(sealed)] == [row[:-2] for row in rows(plain)]
    assert rows(sealed) == rows(plain)
    shutil.rmtree(MonitorPaths(sealed.root).tables)
    sealed.run(beds, [*version_2, LATER._replace(partition=version_2[0].partition)], LATER.timestamp)
    assert rows(sealed) == rows(plain)


def test_what_was_not_kept_is_forgotten_and_never_wrong(country: tuple[list[Record], list[Record]], tmp_path: Path) -> None:
    """Without keys and without results each row is as in version 1, or is None and says that it is forgotten; some are."""
    beds, records = country
    plain, sealed = Monitor(tmp_path / "v1"), Monitor(tmp_path / "v2")
    for monitor, of in ((plain, records), (sealed, sealed.seal(records))):
        monitor.keys = {}
        monitor.run(beds, [*of, LATER._replace(partition=of[0].partition)], LATER.timestamp)
    pairs = list(zip(rows(plain), rows(sealed), strict=True))
    wrong = [(known, found) for known, found in pairs if known != found and (found[-2], found[-1]) != (None, True)]
    assert wrong == []
    forgotten = {(found[1], *found[4].values()) for _, found in pairs if found[-1]}
    assert ("hotel-nights-avoidable",) in forgotten
    assert ("hotel-nights-by-evidence", "freed_within_2h") in forgotten
    assert {name for name, *_ in forgotten} == {"hotel-nights-avoidable", "hotel-nights-by-evidence"}
    assert not [found for found in forgotten if found[1:] in (("fitting_free",), ("excluded_for_safety",), ("no_evidence",))]


def test_a_need_that_may_still_be_opened_is_unknown_and_not_forgotten(country: tuple[list[Record], list[Record]], tmp_path: Path) -> None:
    """While its key is not destroyed, what is not worked out yet is unknown: the next build may know it."""
    beds, records = country
    sealed = Monitor(tmp_path)
    version_2 = sealed.seal(records)
    sealed.keys = {}
    sealed.run(beds, version_2, START + DAYS * DAY_MS)
    found = rows(sealed)
    assert [row for row in found if row[-1]] == []
    assert [row for row in found if row[1] == "hotel-nights-avoidable" and row[5] is None]


def test_neither_archive_nor_tables_nor_results_hold_a_need(country: tuple[list[Record], list[Record]], tmp_path: Path) -> None:
    """Nothing that the monitor keeps of a log in version 2 has a need: not the archive, not a table, not what was worked out."""
    beds, records = country
    plain, sealed = Monitor(tmp_path / "v1"), Monitor(tmp_path / "v2")
    plain.run(beds, records, START + DAYS * DAY_MS)
    sealed.run(beds, sealed.seal(records), START + DAYS * DAY_MS)
    assert [held(monitor.root) for monitor in (plain, sealed)] == [True, False]


def held(root: Path) -> bool:
    """Return whether any value that is kept there has a member that only a need has."""
    paths = MonitorPaths(root)
    values = [str(read_archive(paths.archive(topic)).to_pydict()) for topic in ("beds", "demand")]
    values += [str(duckdb.read_parquet(str(file)).fetchall()) for file in sorted(paths.tables.glob("*.parquet"))]
    values += [file.read_text() for file in root.rglob("*.json")]
    return any(word in value for value in values for word in ("oldest_son_age", "exclude_regions"))


OTHER: Final = "0b7ad7c2-6c1f-4f0e-9a4e-3d2c1b0a9f82"
# What is known too late: another unit of another kind became free half an hour after the decision
LATE: Final = [
    declared("u9", kind="assisted", t=-20 * DAY),
    admitted("u9", OTHER, t=-19 * DAY),
    left(OTHER, t=HOUR // 2),
]


@pytest.mark.parametrize(
    ("kinds", "before", "after"),
    [(["crisis"], ("freed_within_2h", False), ("freed_within_2h", False)), (["follow_up"], ("unfitting_free", False), (None, True))],
    ids=["a place that fitted", "no place that fitted"],
)
def test_what_is_logged_after_a_need_is_forgotten(
    kinds: list[str], before: tuple[str, bool], after: tuple[str | None, bool], tmp_path: Path
) -> None:
    """A fact that comes after the need is forgotten changes no result that was kept, and leaves open what it alone could decide."""
    monitor = Monitor(tmp_path)
    beds = logged(FREED, 0)
    after_a_day = Record(b"x", b"{", BEGIN + 2 * DAY_MS)
    over = demand.said("fallback-ended", {"fallback": KEY, "outcome": "home"}, {"t": DAY})
    hotel = demand.hotel(t=0, evidence=SEEN, need={"kinds": kinds})
    records = monitor.seal(spread([demand.made(t=-DAY), hotel, over, after_a_day]))
    assert monitor.run(beds, records, BEGIN + 2 * DAY_MS) == 1
    assert evidence(monitor) == before
    monitor.destroy_keys(BEGIN + 60 * DAY_MS)
    monitor.run([*beds, *logged(LATE, 60 * 86_400)], records, BEGIN + 60 * DAY_MS)
    assert evidence(monitor) == after


def logged(records: list[Record], second: int) -> list[Record]:
    """Log records of the shelter from a second on."""
    return spread([record._replace(timestamp=BEGIN + (second + number) * 1_000) for number, record in enumerate(records)])


def evidence(monitor: Monitor) -> tuple[str | None, bool]:
    """Return the evidence of the one hotel night, None where that is not known, and whether any is forgotten."""
    query = Query(figures=("hotel-nights-by-evidence",), period=Period(BEGIN, BEGIN + DAY_MS))
    parts = [row for row in monitor.ask(query).figures[0].rows if row.part]
    return next((row.part["evidence"] for row in parts if row.value), None), any(row.forgotten for row in parts)
