"""Parts add up to the whole: of every figure that says so, over every axis, in every scope and period, of disorderly logs."""

import math
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.domain.durations import DAY_MS, HOUR_MS
from services.monitor.figures.definitions import DEFINITIONS, Axis
from services.monitor.figures.result import LEFT_OUT, Figure, FigureResult, FigureRow
from services.monitor.query import NATION, By, Period, Query, Scope
from tests.monitor.comparison import BuiltCountry, archive_and_build, names
from tests.monitor.figures.test_evaluate import taped
from tests.monitor.logged_countries import START, disturb, simulate, to_records
from tests.reference import tapes
from tests.reference.given import admitted, declared, left, registered, withdrawn
from tests.reference.log import Record
from tests.reference.tape import record

AXES: dict[By, Axis] = {"region": "place", "province": "place", "kind": "kind", "month": "time", "day": "time"}
QUESTIONS: tuple[tuple[Scope, tuple[By, ...]], ...] = (
    (NATION, ("region",)),
    (NATION, ("kind",)),
    (NATION, ("region", "kind")),
    (NATION, ("month",)),
    (NATION, ("province", "day")),
    (Scope(province="PV27"), ("region",)),
    (Scope(region="R01"), ("kind",)),
    (Scope(kind="crisis"), ("province",)),
)


def random_log(kind: str, seed: int) -> list[Record]:
    """Make a random log of a kind with all that can be wrong in one; a minute a record where it has no times."""
    lines = tapes.tape(kind, seed, 400)
    made = [(line, record(line)) for line in lines]
    return [Record(each.key, each.value, each.timestamp if "ts" in line else START + at * 60_000) for at, (line, each) in enumerate(made)]


@pytest.fixture(scope="module", params=["disturbed", "rough", "timed"])
def answers(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[FigureResult]:
    """Ask every question of a country: five days half of which came late or wrong, or a tape with all that can be wrong."""
    root = tmp_path_factory.mktemp(request.param)
    if request.param == "disturbed":
        country = archive_and_build(root, *to_records(disturb(simulate(11, 5), 5)))
    else:
        country = archive_and_build(root, taped(request.param))
    return [country.ask(query) for query in _queries(country)]


def _axes(by: tuple[By, ...]) -> set[Axis]:
    return {AXES[each] for each in by}


def _queries(country: BuiltCountry) -> Iterator[Query]:
    """Yield questions of every form: each axis, in each scope, over a long and a short period and at an instant."""
    stamps = [record.timestamp for record in (*country.beds, *country.demand)]
    first, last = min(stamps), max(stamps)
    middle = (first + last) // 2
    for scope, by in QUESTIONS:
        kinds = "kind" in by or scope.kind is not None
        yield Query(figures=names(period=True, kinds=kinds), period=Period(first - DAY_MS, last + DAY_MS), scope=scope, by=by)
        if "time" not in _axes(by):
            yield Query(figures=names(period=True, kinds=kinds), period=Period(middle, middle + 5 * HOUR_MS), scope=scope, by=by)
            yield Query(figures=names(period=False, kinds=kinds), at=middle, scope=scope, by=by)


def _group(figure: Figure) -> tuple[list[FigureRow], list[FigureRow]]:
    """Return the rows of the whole (its parts and what is left out too), and the others."""
    end = next((number for number, row in enumerate(figure.rows) if number and not row.part), len(figure.rows))
    return list(figure.rows[:end]), list(figure.rows[end:])


def _sum(rows: list[FigureRow]) -> float:
    return sum(row.value or 0 for row in rows)


def test_rows_add_up_to_the_whole(answers: list[FigureResult]) -> None:
    """Over what a figure says that it adds up, its rows and what it says is left out make up the whole, and so do those of each part."""
    compared = 0
    for result in answers:
        for figure in result.figures:
            if not _axes(result.query.by) <= set(figure.definition.adds_up):
                continue
            whole, rows = _group(figure)
            for row in whole:
                if LEFT_OUT.items() <= row.part.items() or row.value is None:
                    continue
                left_out = [each for each in whole if each.part == {**row.part, **LEFT_OUT}]
                of_part = [each for each in rows if each.part == row.part]
                assert math.isclose(_sum(of_part) + _sum(left_out), row.value, abs_tol=1e-9), (
                    figure.definition.figure,
                    result.query,
                    row.part,
                )
                compared += 1
    assert compared > 300


def test_parts_add_up_to_their_whole(answers: list[FigureResult]) -> None:
    """Where a figure says that its parts add up, those of each member do, in every row."""
    compared = 0
    for result in answers:
        for figure in result.figures:
            if "parts" not in figure.definition.adds_up:
                continue
            whole: FigureRow | None = None
            sums: dict[str, float] = {}
            for row in (*figure.rows, None):
                if row is None or not row.part:
                    if whole is not None and whole.value is not None:
                        assert sums
                        for member, total in sums.items():
                            assert math.isclose(total, whole.value, abs_tol=1e-9), (figure.definition.figure, member, result.query)
                            compared += 1
                    whole, sums = row, {}
                elif len(row.part) == 1 and not LEFT_OUT.items() <= row.part.items():
                    (member,) = row.part
                    sums[member] = sums.get(member, 0) + (row.value or 0)
    assert compared > 300


def test_random_logs_add_up(tmp_path: Path) -> None:
    """Of random logs with everything wrong in them, the rows by region and by kind and what is left out make up the whole."""
    somewhere = 0
    for seed in range(3):
        country = archive_and_build(tmp_path / str(seed), random_log("rough", seed), random_log("demand", seed))
        for by in (("region",), ("kind",), ("region", "kind"), ("day",)):
            stamps = [record.timestamp for record in country.beds]
            period = Period(min(stamps) - 40 * DAY_MS, max(stamps) + DAY_MS)
            for figure in country.ask(Query(figures=names(period=True, kinds="kind" in by), period=period, by=by)).figures:
                if _axes(by) <= set(figure.definition.adds_up) and figure.value is not None:
                    whole, rows = _group(figure)
                    left_out = [row for row in whole if row.part == LEFT_OUT]
                    assert math.isclose(_sum([row for row in rows if not row.part]) + _sum(left_out), figure.value, abs_tol=1e-9)
                    somewhere += bool(left_out)
    assert somewhere


def test_a_stay_of_a_withdrawn_unit_belongs_to_its_region(tmp_path: Path) -> None:
    """A unit that is withdrawn at the very instant of the discharge, or a day before, takes the stay out of no region and no kind."""
    for minutes in (0, -1_440):
        beds = [
            registered("R04", t=-9_000),
            declared(t=-8_000),
            admitted(t=-7_000),
            withdrawn(t=minutes),
            left(t=0, at=60),
        ]
        country = archive_and_build(tmp_path / str(minutes), beds)
        query = Query(figures=("stays-ended",), period=Period(tapes.BEGIN - DAY_MS, tapes.BEGIN + DAY_MS), by=("region", "kind"))
        rows = [row for row in country.ask(query)["stays-ended"].rows if row.value and not row.part]
        assert [(row.scope, row.value) for row in rows] == [(NATION, 1), (Scope(region="R04", kind="crisis"), 1)]


def test_only_what_is_counted_adds_up() -> None:
    """A share, a median and a mean of a time add up over nothing; each figure of a number of things says over what it does."""
    counts = {"units", "beds", "shelters", "households", "persons", "nights", "requests", "holds", "stays", "entries", "events"}
    for definition in DEFINITIONS.values():
        assert bool(definition.adds_up) == (definition.unit in counts), definition.figure
