"""Every figure equals the one worked out from the raw events without the monitor's code, to the digit."""

from pathlib import Path

import pytest

from services.monitor.definitions import DEFINITIONS
from services.monitor.figures import FINDS
from services.monitor.question import Period, Question, Scope
from tests import tapes
from tests.monitor.asked import asked, names
from tests.monitor.countries_logged import START, logged, said
from tests.monitor.naive.country import Country
from tests.monitor.naive.figures import FIGURES
from tests.monitor.records import HOUR
from tests.reference.log import Record

DAY = 24 * HOUR


def test_every_definition_is_worked_out_twice() -> None:
    """Each figure of the table is worked out by the monitor and by the naive computation, and by nothing else."""
    assert list(FINDS) == list(DEFINITIONS) == list(FIGURES)


def taped(name: str) -> list[Record]:
    """Read a tape; one without times of its own is logged a minute a record."""
    lines, begin = tapes.load(name), 1_772_409_600_000
    return [Record(line.key, line.value, line.timestamp or begin + number * 60_000) for number, line in enumerate(lines)]


@pytest.mark.parametrize("name", ["week", "rough", "timed"])
def test_figures_of_a_tape(name: str, tmp_path: Path) -> None:
    """Of a recorded log each figure is right over its whole time, at instants within it, by region and kind, and as it was known."""
    records = taped(name)
    first, last = min(record.timestamp for record in records), max(record.timestamp for record in records)
    with_all = asked(tmp_path, records)
    country, whole = Country(records, ()), Period(first - DAY, last + DAY)
    assert with_all.differences(Question(figures=names(period=True), period=whole), country) == []
    assert with_all.differences(Question(figures=names(period=True, kinds=True), period=whole, by=("kind",)), country) == []
    for part in (1, 2, 3):
        instant = first + (last - first) * part // 4
        assert with_all.differences(Question(figures=names(period=False), at=instant, by=("region",)), country) == []
        assert with_all.differences(Question(figures=names(period=True), period=whole, known_at=instant)) == []


def test_figures_of_a_simulated_month(tmp_path: Path) -> None:
    """Of a month of a whole country each figure is right: in all, by province, by region, by kind, by day."""
    beds, demand = logged(said(7, 31))
    month = asked(tmp_path, beds, demand)
    country, period = Country(beds, demand), Period(START, START + 31 * DAY)
    every, of_kinds = names(period=True), names(period=True, kinds=True)
    assert month.differences(Question(figures=every, period=period), country) == []
    assert month.differences(Question(figures=every, period=period, by=("province",)), country) == []
    assert month.differences(Question(figures=of_kinds, period=period, by=("kind",), scope=Scope(region="R01")), country) == []
    for instant in (START, START + 15 * DAY, START + 31 * DAY):
        assert month.differences(Question(figures=names(period=False), at=instant, by=("region",)), country) == []
