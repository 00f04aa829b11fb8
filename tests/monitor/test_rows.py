"""The rows of the interval tables, as of any record and at any instant, agree with the second fold of the contract (R14)."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, Final

from hypothesis import given

from services.adapters.codec.event_codec import TooNew
from services.domain.events.catalog import Event
from services.monitor.intervals.beginning import Beginning
from services.monitor.intervals.bitemporal_rows import LoggedAt
from services.monitor.intervals.demand_rows import DemandRows
from services.monitor.intervals.shelter_rows import ShelterRows
from services.monitor.intervals.table_schemas import COLUMNS, NEVER, Table
from tests.played import WIRE
from tests.reference import fold
from tests.reference.demand import demand_result
from tests.strategies import LONG_STEPS, TIMES, logs
from tests.strategies_of_demand import demand_logs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from services.monitor.query import Topic
    from tests.reference.log import Record

Json = dict[str, Any]
MS: Final = 1_000_000
# At each instant of the small world, and just before it
INSTANTS: Final = sorted({at for time in TIMES for at in (time // MS - 1, time // MS)})


def rows_of(topic: Topic, records: Iterable[Record]) -> dict[Table, list[Json]]:
    """Fold a log, key by key, and collect the rows; offsets are places in the list."""
    found: dict[Table, list[Json]] = defaultdict(list)

    def put(table: Table, row: tuple[Any, ...]) -> None:
        found[table].append(dict(zip(COLUMNS[table].names, row, strict=True)))

    folds: dict[bytes, ShelterRows | DemandRows] = {}
    clock = 0
    for offset, record in enumerate(records):
        clock = max(clock, record.timestamp)
        event = WIRE.decode(topic, record.key, record.value)
        assert not isinstance(event, TooNew)
        if isinstance(event, Event) and record.key is not None:
            if record.key not in folds:
                folds[record.key] = (ShelterRows if topic == "beds" else DemandRows)(record.key.decode(), 0, put, Beginning())
            folds[record.key].apply(event, LoggedAt(offset, clock))
    for each in folds.values():
        each.close()
    return found


def known(rows: Iterable[Json], offset: int) -> list[Json]:
    """Return the rows that were known at a record."""
    return [row for row in rows if row["since"] <= offset < row["until"]]


def true(rows: Iterable[Json], instant: int) -> list[Json]:
    """Return the rows that were true at an instant (ns)."""
    return [row for row in rows if row["start"] <= instant < row["end"]]


def counted(rows: Iterable[Json]) -> dict[str, dict[str, Counter[str]]]:
    """Count units by shelter and state, overflow apart."""
    found: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: {"counts": Counter(), "overflow": Counter()})
    for row in rows:
        found[row["shelter"]]["overflow" if row["overflow"] else "counts"][row["state"]] += 1
    return found


def agree(rows: dict[Table, list[Json]], expected: Json, units: list[Json], instant: int) -> None:
    """Check that the rows, as of a record and at an instant (ns), have every shelter as the second fold has it."""
    found, shelters = counted(units), {row["shelter"]: row["region"] for row in true(rows["shelters"], instant)}
    for name, shelter in expected["shelters"].items():
        assert shelters.get(name) == shelter["region"]
        for which in ("counts", "overflow"):
            states = {state: number for state, number in shelter[which].items() if state != "capacity" and number}
            assert dict(found[name][which]) == states, (name, which)
    assert {row["region"] for row in units if row["region"] is None} == ({None} if _unregistered(expected, found) else set())


def _unregistered(expected: Json, found: dict[str, Any]) -> bool:
    return any(expected["shelters"].get(name, {"region": None})["region"] is None and any(both.values()) for name, both in found.items())


@given(log=logs())
def test_what_was_true(log: list[Record]) -> None:
    """As of any record, at any instant, the rows have what was true then by the records so far."""
    rows = rows_of("beds", log)
    for offset in {len(log) // 3, len(log) - 1} & set(range(len(log))):
        for instant in INSTANTS:
            then: dict[Table, list[Json]] = {table: known(of, offset) for table, of in rows.items() if table not in {"heard", "remarks"}}
            at = instant * MS
            agree(
                then | {"shelters": then.get("shelters", [])},
                fold.as_it_was(log[: offset + 1], instant),
                true(then.get("units", []), at),
                at,
            )


@given(log=logs(steps=LONG_STEPS))
def test_the_live_view_is_what_is_true_in_the_end(log: list[Record]) -> None:
    """As of any record, once all recorded events have happened, the rows are the live view but for what is held and unknown."""
    rows = rows_of("beds", log)
    for offset in {len(log) // 2, len(log) - 1} & set(range(len(log))):
        then = {table: known(of, offset) for table, of in rows.items() if table not in {"heard", "remarks"}}
        states = fold.units(log[: offset + 1])
        shown = {(row["shelter"], row["unit"]): row["state"] for row in then.get("units", []) if row["end"] == NEVER}
        expected = {(shelter, unit): state for shelter, of in states.items() for unit, state in of.items()}
        assert shown.keys() == expected.keys()
        for unit, state in expected.items():
            assert shown[unit] in ((state,) if state in ("occupied", "closed", "paused") else ("free", "paused")), unit


@given(log=logs())
def test_rows_never_overlap(log: list[Record]) -> None:
    """As of any record no two rows of a unit, or of a stay, are true at once: nothing is counted twice."""
    rows = rows_of("beds", log)
    for offset in range(len(log)):
        for table, name in (("units", "unit"), ("stays", "stay"), ("shelters", "shelter")):
            spans = defaultdict(list)
            for row in known(rows[table], offset):  # type: ignore[index]  # three of the tables
                spans[row["shelter"], row[name]].append((row["start"], row["end"]))
            for of in spans.values():
                of.sort()
                assert all(end <= start for (_, end), (start, _) in itertools.pairwise(of))


@given(log=demand_logs())
def test_demand_as_of_any_record(log: list[Record]) -> None:
    """As of any record the rows have each search, fallback and entry that began: when it ended, and how (D1 to D4)."""
    rows = rows_of("demand", log)
    for offset in range(len(log)):
        expected = demand_result(log[: offset + 1])
        for table, name in (("searches", "search"), ("fallbacks", "fallback"), ("entries", "entry")):
            found = {row[name]: row for row in known(rows[table], offset)}  # type: ignore[index]  # three of the tables
            begun = {key: case for key, case in expected[table].items() if case["start"]}
            assert found.keys() == begun.keys()
            for key, case in begun.items():
                row = found[key]
                assert row["region"] == case["start"]["region"]
                assert row["outcome"] == case["outcome"]
                assert row["end"] == (max(case["occurred_at"], row["start"]) if case["ended"] else NEVER)
