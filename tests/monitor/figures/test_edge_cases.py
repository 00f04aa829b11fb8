"""Stays and hotels at the edges of their rules, each with the values worked out by hand.

Times are minutes after midnight UTC of 2 March 2026, when the Dutch clock shows one; on 29 March it goes to summer time.
"""

from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from services.adapters.regions import read_regions
from services.domain.durations import DAY_MS, MINUTE_MS
from services.monitor.figures.evaluate import answer
from services.monitor.intervals.table_store import TableStore
from services.monitor.query import NATION, Period, Query, Scope
from tests.monitor.comparison import archive_and_build
from tests.reference import case_demand as demand
from tests.reference import given
from tests.reference.given import BEGIN, KEY, admitted, closed, declared, fixed, left, moved, registered, withdrawn
from tests.reference.log import Record

HOUR: Final = 60
DAY: Final = 24 * HOUR
# In seconds: every record is logged after the time asked about
LATE: Final = 60 * 86_400
WHOLE: Final = Period(BEGIN - 30 * DAY_MS, BEGIN + 50 * DAY_MS)
HERE: Final = [registered("R04", t=-20 * DAY), declared(t=-20 * DAY), declared("u2", kind="follow_up", t=-20 * DAY)]
PLACE, FOLLOW_UP = ("R04", "crisis"), ("R04", "follow_up")
Placed = dict[tuple[str, str], float | None]
"""By region and kind the mean length in days of the one stay that ended there; None: not counted there."""

STAYS: Final[list[tuple[str, list[Record], float | None, Placed]]] = [
    ("two days", [*HERE, admitted(t=0), left(t=2 * DAY)], 2.0, {PLACE: 2.0}),
    ("half a day", [*HERE, admitted(t=0), left(t=12 * HOUR)], 0.5, {PLACE: 0.5}),
    ("no length: it was never there", [*HERE, admitted(t=0), left(t=0)], None, {}),
    ("over before it began", [*HERE, admitted(t=DAY), left(t=0)], None, {}),
    ("an end that was logged first", [*HERE, left(t=DAY), admitted(t=0)], 1.0, {PLACE: 1.0}),
    ("an end without a beginning", [*HERE, left(t=DAY)], None, {}),
    ("a beginning without an end", [*HERE, admitted(t=0)], None, {}),
    ("of two ends the first", [*HERE, admitted(t=0), left(t=3 * DAY), left(t=DAY)], 1.0, {PLACE: 1.0}),
    ("an end that was taken back", [*HERE, admitted(t=0), left(t=DAY, id="wrong"), fixed("wrong", t=DAY)], None, {}),
    ("it counts where it ended", [*HERE, admitted(t=0), moved("u2", t=DAY), left(t=2 * DAY)], 2.0, {FOLLOW_UP: 2.0}),
    ("moved at the instant of its end: the old unit", [*HERE, admitted(t=0), moved("u2", t=DAY), left(t=DAY)], 1.0, {PLACE: 1.0}),
    ("its unit withdrawn at that instant", [*HERE, admitted(t=0), withdrawn(t=DAY), left(t=DAY)], 1.0, {PLACE: 1.0}),
    ("its unit withdrawn the day before", [*HERE, admitted(t=0), withdrawn(t=DAY), left(t=2 * DAY)], 2.0, {PLACE: 2.0}),
    ("its unit withdrawn a minute later", [*HERE, admitted(t=0), left(t=DAY), withdrawn(t=DAY + 1)], 1.0, {PLACE: 1.0}),
    ("its unit closed all the while", [*HERE, closed(t=-DAY), admitted(t=0), left(t=DAY)], 1.0, {PLACE: 1.0}),
    ("another kind at that instant", [*HERE, admitted(t=0), declared(kind="follow_up", t=DAY), left(t=DAY)], 1.0, {FOLLOW_UP: 1.0}),
    ("another kind a minute later", [*HERE, admitted(t=0), declared(kind="follow_up", t=DAY + 1), left(t=DAY)], 1.0, {PLACE: 1.0}),
    ("the shelter moved before", [*HERE, admitted(t=0), registered("R01", t=DAY), left(t=2 * DAY)], 2.0, {("R01", "crisis"): 2.0}),
    ("the shelter moved at that instant", [*HERE, admitted(t=0), registered("R01", t=DAY), left(t=DAY)], 1.0, {("R01", "crisis"): 1.0}),
    ("the shelter moved later", [*HERE, admitted(t=0), left(t=DAY), registered("R01", t=2 * DAY)], 1.0, {PLACE: 1.0}),
    ("a unit that was never declared", [*HERE, admitted("u9", t=0), left(t=DAY)], 1.0, {("R04", ""): 1.0}),
    ("a unit declared after it", [*HERE, admitted("u9", t=0), left(t=DAY), declared("u9", t=2 * DAY)], 1.0, {("R04", ""): 1.0}),
    (
        "no registration, but of another",
        [registered(shelter="x", t=-DAY), declared(t=-DAY), admitted(t=0), left(t=DAY)],
        1.0,
        {("", "crisis"): 1.0},
    ),
    # From two in the afternoon of 28 March to that of the 29th there are 23 hours
    ("over the night that has an hour less", [*HERE, admitted(t=26 * DAY + 13 * HOUR), left(t=27 * DAY + 12 * HOUR)], 1.0, {PLACE: 1.0}),
    ("up to the instant at which it changes", [*HERE, admitted(t=26 * DAY + HOUR), left(t=27 * DAY + HOUR)], 1.0, {PLACE: 1.0}),
]


def _logged(records: list[Record]) -> list[Record]:
    """Log the records at the end of it all, one after the other."""
    return [Record(each.key, each.value, given.ms(LATE + number), each.partition) for number, each in enumerate(records)]


@pytest.mark.parametrize(("records", "mean", "placed"), [row[1:] for row in STAYS], ids=[row[0] for row in STAYS])
def test_a_stay_at_the_edge(records: list[Record], mean: float | None, placed: Placed, tmp_path: Path) -> None:
    """A stay counts as often, as long and in that region and kind as was worked out by hand; what has neither counts for the country."""
    country = archive_and_build(tmp_path, _logged(records))
    result = country.ask(Query(figures=("stays-ended", "stay-mean"), period=WHOLE, by=("region", "kind")))
    ended, lengths = result["stays-ended"], result["stay-mean"]
    assert ended.value == (0 if mean is None else 1)
    assert lengths.value == pytest.approx(mean)
    inside = {place: length for place, length in placed.items() if all(place)}
    counted = [row.scope for row in ended.rows if row.value and not row.part and row.scope != NATION]
    assert counted == [Scope(region=region, kind=kind) for region, kind in inside]
    assert [row.value for row in lengths.rows if row.scope in counted] == [pytest.approx(length) for length in inside.values()]
    for place in set(placed) - set(inside):
        region, kind = place
        scope = Scope(region=region or None, kind=kind or None)
        part = country.ask(Query(figures=("stays-ended",), period=WHOLE, scope=scope))
        assert part["stays-ended"].value == 1


def over(**meta: int) -> Record:
    """Log the end of the fallback."""
    return demand.said("fallback-ended", {"fallback": KEY, "outcome": "home"}, dict(meta))


# By name: the records, and how many nights, households and nights without an end. Four o'clock is three in UTC, and two from 29 March on.
HOTELS: Final[list[tuple[str, list[Record], int, int, int]]] = [
    ("one night", [demand.hotel(t=20 * HOUR), over(t=33 * HOUR)], 1, 1, 0),
    ("by day", [demand.hotel(t=4 * HOUR), over(t=22 * HOUR)], 0, 0, 0),
    ("from four o'clock", [demand.hotel(t=3 * HOUR), over(t=4 * HOUR)], 1, 1, 0),
    ("up to four o'clock", [demand.hotel(t=0), over(t=3 * HOUR)], 0, 0, 0),
    ("a minute past four", [demand.hotel(t=0), over(t=3 * HOUR + 1)], 1, 1, 0),
    ("of no length", [demand.hotel(t=3 * HOUR), over(t=3 * HOUR)], 0, 0, 0),
    ("over before it began", [demand.hotel(t=DAY), over(t=0)], 0, 0, 0),
    ("an end that was logged first", [over(t=2 * DAY), demand.hotel(t=0)], 2, 1, 0),
    ("over the night that has an hour less", [demand.hotel(t=26 * DAY + 12 * HOUR), over(t=28 * DAY)], 1, 1, 0),
    ("from four o'clock in summer", [demand.hotel(t=27 * DAY + 2 * HOUR), over(t=28 * DAY)], 1, 1, 0),
    ("a fortnight and no end", [demand.hotel(t=36 * DAY)], 0, 1, 14),
    ("a day less than that", [demand.hotel(t=46 * DAY + 1)], 4, 1, 0),
    ("taken back", [demand.hotel(t=0, id="wrong"), over(t=DAY), demand.fixed("wrong", {"fallback": KEY}, t=DAY)], 0, 0, 0),
]


@pytest.mark.parametrize(("records", "nights", "households", "unended"), [row[1:] for row in HOTELS], ids=[row[0] for row in HOTELS])
def test_a_hotel_at_the_edge(records: list[Record], nights: int, households: int, unended: int, tmp_path: Path) -> None:
    """A hotel has as many nights as was worked out by hand: 04:00 on the Dutch clock, its first instant in and its last not."""
    country = archive_and_build(tmp_path, _logged(HERE), [demand.made(t=-DAY), *_logged(records)])
    figures = ("hotel-nights", "hotel-households", "hotel-nights-unended", "hotel-person-nights", "hotel-nights-avoidable")
    result = country.ask(Query(figures=figures, period=Period(WHOLE.start, BEGIN + 50 * DAY_MS + MINUTE_MS)))
    assert [figure.value for figure in result.figures] == [nights, households, unended, nights, 0]


def test_a_region_file_without_municipalities_leaves_their_share_unknown(tmp_path: Path) -> None:
    """Where the file does not say how many municipalities one region has, their share is unknown, and no other is."""
    archive_and_build(tmp_path, _logged(HERE), [demand.made(t=-DAY), demand.joined(t=0)])
    figures = ("municipalities-waiting", "regions-waiting", "inhabitants-waiting")
    without = read_regions() | {"R01": replace(read_regions()["R01"], municipalities=None)}
    for regions, known in ((read_regions(), True), (without, False)):
        result = answer(TableStore(tmp_path, regions, simulated=True), Query(figures=figures, at=BEGIN + MINUTE_MS))
        assert [figure.value is not None for figure in result.figures] == [known, True, True]
