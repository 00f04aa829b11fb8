"""Data quality, worked out by hand: what is remarked on an event, where and when it counts, and which shelters were silent."""

from pathlib import Path
from typing import Final

import pytest

from services.domain.durations import DAY_MS
from services.monitor.figures.quality import REMARKS
from services.monitor.query import NATION, By, Period, Query, Scope
from tests.monitor.comparison import archive_and_build
from tests.monitor.figures.test_left_out import random_log
from tests.monitor.naive.country import Country
from tests.reference import case_demand as demand
from tests.reference.given import BEGIN, DAY, HOUR, OTHER, STAY, admitted, counted, declared, fixed, left, registered, said
from tests.reference.log import Record

HERE: Final = [registered("R04", id="reg", t=-9_000, at=-540_000), declared(adults=1, children=2, t=-8_000, at=-480_000)]
WHOLE: Final = Period(BEGIN - DAY_MS, BEGIN + 10 * DAY_MS)


def _admitted(**household: int) -> Record:
    return said("admission", {"unit": "u1", "stay": STAY, **household}, {"t": 0, "at": 60})


# The log goes on for longer than is asked about
END: Final = counted(t=20_000, at=11 * DAY)
BEDS: Final[list[tuple[str, list[Record], set[str]]]] = [
    ("in time", [admitted(t=0, at=60)], set()),
    ("a day late to the minute", [admitted(t=0, at=DAY)], set()),
    ("a second later", [admitted(t=0, at=DAY + 1)], {"late"}),
    ("before what was logged", [admitted(t=5, at=300), admitted("u2", OTHER, t=4, at=301)], {"disordered"}),
    ("at the same instant", [admitted(t=5, at=300), admitted("u2", OTHER, t=5, at=301)], set()),
    ("again", [admitted(id="one", t=0, at=60), admitted(id="one", t=0, at=61)], {"double"}),
    ("taken back", [admitted(id="one", t=0, at=60), fixed("one", t=2, at=120)], {"correction"}),
    ("as many as fit", [_admitted(adults=1, children=2)], set()),
    ("two where one fits", [_admitted(adults=2, children=0)], {"oversized"}),
    ("three children where two fit", [_admitted(adults=1, children=3)], {"oversized"}),
    ("an end without a beginning", [left(t=0, at=60)], set()),
]


@pytest.mark.parametrize(("records", "remarks"), [row[1:] for row in BEDS], ids=[row[0] for row in BEDS])
def test_what_is_remarked(records: list[Record], remarks: set[str], tmp_path: Path) -> None:
    """An event counts once however many remarks it has, in the region of its shelter, and under each remark that was worked out by hand."""
    country = archive_and_build(tmp_path, [*HERE, *records, END])
    rows = country.ask(Query(figures=("remarked-events",), period=WHOLE, by=("region",)))["remarked-events"].rows
    counts = {row.part["remark"]: row.value for row in rows[1 : 1 + len(REMARKS)]}
    assert {remark for remark, count in counts.items() if count} == remarks
    assert rows[0].value == (1 if remarks else 0)
    assert [row.scope for row in rows if row.value and not row.part and row.scope != NATION] == ([Scope(region="R04")] if remarks else [])


def test_demand_is_remarked_where_it_began(tmp_path: Path) -> None:
    """An end that was logged late counts in the region of the search, and one of which no beginning is known for the country alone."""
    late, unknown = [demand.made(t=0, at=0), demand.ended(t=1, at=2 * DAY)], [demand.ended(t=1, at=2 * DAY)]
    for number, (records, region) in enumerate(((late, 1), (unknown, 0))):
        country = archive_and_build(tmp_path / str(number), [*HERE, END], records)
        rows = country.ask(Query(figures=("remarked-events",), period=WHOLE, by=("region",)))["remarked-events"].rows
        assert rows[0].value == 1
        assert sum(int(row.value or 0) for row in rows if row.scope == Scope(region="R01") and not row.part) == region
        assert [row.value for row in rows if row.part == {"left_out": "in_no_row"}] == [1] * (1 - region)


def test_a_shelter_is_silent_after_a_day(tmp_path: Path) -> None:
    """A shelter that speaks every 24 hours is never silent; one hour more, and it was silent in that period and in no other."""
    steady = [counted(t=hours * 60, at=hours * HOUR) for hours in range(0, 11 * 24, 24)]
    for number, records in enumerate((steady, [*steady[:4], counted(t=4 * 1_440 + 60, at=4 * DAY + HOUR), *steady[5:]])):
        country = archive_and_build(tmp_path / str(number), [*HERE, *records])
        days = [Period(BEGIN + day * DAY_MS, BEGIN + (day + 1) * DAY_MS) for day in range(8)]
        silent = [country.ask(Query(figures=("silent-shelters",), period=day))["silent-shelters"].value for day in days]
        assert silent == [0, 0, 0, 0, number, 0, 0, 0]


@pytest.mark.parametrize("seed", range(4))
def test_random_logs_are_remarked_alike(seed: int, tmp_path: Path) -> None:
    """Of a random log with everything wrong in it, the remarks by region and month are those of a second reader."""
    beds, cases = random_log(("rough", "timed")[seed % 2], seed), random_log("demand", seed)
    country, naive = archive_and_build(tmp_path, beds, cases), Country(beds, cases)
    stamps = [record.timestamp for record in (*beds, *cases)]
    period = Period(min(stamps) - DAY_MS, max(stamps) + DAY_MS)
    bys: tuple[By, ...] = ("region", "month")
    for by in bys:
        assert country.differences(Query(figures=("remarked-events", "silent-shelters"), period=period, by=(by,)), naive) == []
