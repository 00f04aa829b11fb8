"""Every figure equals the one computed from the raw events without the monitor's code, to the digit."""

from pathlib import Path

import pytest

from services.monitor.figures.definitions import DEFINITIONS
from services.monitor.figures.evaluate import CALCULATORS
from services.monitor.query import Period, Query, Scope
from tests import tapes
from tests.monitor.comparison import archive_and_build, names
from tests.monitor.logged_countries import START, simulate, to_records
from tests.monitor.naive.country import Country
from tests.monitor.naive.figures import FIGURES
from tests.monitor.records import HOUR
from tests.reference.log import Record

DAY = 24 * HOUR


def test_every_figure_is_computed_twice() -> None:
    """The monitor and the naive computation compute the figures that are defined, and no others."""
    assert list(CALCULATORS) == list(DEFINITIONS) == list(FIGURES)


def taped(name: str) -> list[Record]:
    """Read a tape; one without times of its own is logged a minute a record."""
    lines, begin = tapes.load(name), 1_772_409_600_000
    return [Record(line.key, line.value, line.timestamp or begin + number * 60_000) for number, line in enumerate(lines)]


@pytest.mark.parametrize("name", ["week", "rough", "timed"])
def test_figures_of_a_tape(name: str, tmp_path: Path) -> None:
    """Of a recorded log each figure is right over its whole time, at instants within it, by region and kind, and as it was known."""
    records = taped(name)
    first, last = min(record.timestamp for record in records), max(record.timestamp for record in records)
    country = archive_and_build(tmp_path, records)
    naive, whole = Country(records, ()), Period(first - DAY, last + DAY)
    assert country.differences(Query(figures=names(period=True), period=whole), naive) == []
    assert country.differences(Query(figures=names(period=True, kinds=True), period=whole, by=("kind",)), naive) == []
    for part in (1, 2, 3):
        instant = first + (last - first) * part // 4
        assert country.differences(Query(figures=names(period=False), at=instant, by=("region",)), naive) == []
        assert country.differences(Query(figures=names(period=True), period=whole, as_known_at=instant)) == []


def test_figures_of_a_simulated_month(tmp_path: Path) -> None:
    """Of a month of a whole country each figure is right: in all, by province, by region, by kind, by day."""
    beds, demand = to_records(simulate(7, 31))
    country = archive_and_build(tmp_path, beds, demand)
    naive, period = Country(beds, demand), Period(START, START + 31 * DAY)
    every, of_kinds = names(period=True), names(period=True, kinds=True)
    assert country.differences(Query(figures=every, period=period), naive) == []
    assert country.differences(Query(figures=every, period=period, by=("province",)), naive) == []
    assert country.differences(Query(figures=of_kinds, period=period, by=("kind",), scope=Scope(region="R01")), naive) == []
    for instant in (START, START + 15 * DAY, START + 31 * DAY):
        assert country.differences(Query(figures=names(period=False), at=instant, by=("region",)), naive) == []
