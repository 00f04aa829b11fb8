"""Late events and corrections: what was known at a time stays as it was, what was true is known better; each to the digit (R14)."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from starlette.datastructures import QueryParams

from services.adapters import rfc3339
from services.adapters.regions import read_regions
from services.domain.durations import DAY_MS
from services.monitor.figures.result import FigureResult
from services.monitor.http.query_params import KnownCodes, for_analyst, read_query
from services.monitor.query import NATION, Period, Query, UnanswerableError
from services.web.analyst.figure_question import same_digits
from tests.monitor.comparison import BuiltCountry, archive_and_build, names
from tests.monitor.figures.test_evaluate import taped
from tests.monitor.logged_countries import START, disturb, simulate, to_records
from tests.monitor.naive.country import Country
from tests.monitor.naive.past import looked_at
from tests.reference import fold

KNOWN_AT = START + 6 * DAY_MS + 1
WHOLE = Period(START - 3 * DAY_MS, START + 6 * DAY_MS)


@dataclass(frozen=True)
class TwoLogs:
    """A log (`now`), and the same log when only its beginning had been written (`then`)."""

    now: BuiltCountry
    then: BuiltCountry


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> TwoLogs:
    """Build a country of twelve days, half of it late or corrected later."""
    beds, demand = to_records(disturb(simulate(11, 12), 5))
    beginning = looked_at(beds, KNOWN_AT), looked_at(demand, KNOWN_AT)
    now, then = (tmp_path_factory.mktemp(name) for name in ("now", "then"))
    return TwoLogs(archive_and_build(now, beds, demand), archive_and_build(then, *beginning))


def numbers(result: FigureResult) -> list[list[tuple[object, ...]]]:
    """Return every number of a result, with what it is about and what it rests on."""
    return [
        [(row.scope, row.start, row.end, tuple(row.part.items()), row.value, row.weight) for row in figure.rows]
        for figure in result.figures
    ]


def test_known_at_gives_the_old_answer(logs: TwoLogs) -> None:
    """As known at a clock, the whole log gives the answers that its beginning gave then; so does the naive computation."""
    for query in (
        Query(figures=names(period=True), period=WHOLE, as_known_at=KNOWN_AT),
        Query(figures=names(period=True, kinds=True), period=WHOLE, as_known_at=KNOWN_AT, by=("kind", "day")),
        Query(figures=names(period=False), at=START + 3 * DAY_MS, as_known_at=KNOWN_AT, by=("region",)),
        Query(figures=names(period=False), as_known_at=KNOWN_AT, by=("region",)),
    ):
        old, new = logs.then.ask(query), logs.now.ask(query)
        assert numbers(new) == numbers(old)
        assert (new.offsets, new.clock, new.coverage) == (old.offsets, old.clock, old.coverage)
    assert logs.now.differences(Query(figures=names(period=True), period=WHOLE, as_known_at=KNOWN_AT)) == []


def test_at_gives_the_new_answer(logs: TwoLogs) -> None:
    """Without a clock, the whole log gives what is known now to have been true; that is another answer."""
    query = Query(figures=names(period=True), period=WHOLE)
    assert logs.now.differences(query) == []
    assert logs.now.differences(Query(figures=names(period=False), at=START + 3 * DAY_MS, by=("region",))) == []
    new, old = logs.now.ask(query), logs.then.ask(query)
    assert all(new[name].value != old[name].value for name in ("occupancy", "stays-ended", "stay-mean", "waiting"))


def test_asked_again_with_its_offsets(logs: TwoLogs) -> None:
    """A result names its offsets; the same query with them gives the same digits though the log has grown."""
    query = Query(figures=names(period=True), period=WHOLE)
    before = logs.then.ask(query)
    again = logs.now.ask(Query(figures=query.figures, period=WHOLE, offsets=before.offsets))
    assert numbers(again) == numbers(before)
    assert (again.offsets, again.clock, again.coverage) == (before.offsets, before.clock, before.coverage)
    beyond = {"beds": {number: offset + 10**6 for number, offset in before.offsets["beds"].items()}}
    with pytest.raises(UnanswerableError, match="do not go as far"):
        logs.then.ask(Query(figures=query.figures, period=WHOLE, offsets=beyond))  # type: ignore[arg-type]  # one topic


def test_tables_grow_with_the_log(logs: TwoLogs, tmp_path: Path) -> None:
    """Tables built in two steps as the log grew give the same answers as those built from all of it at once."""
    query = Query(figures=names(period=True), period=WHOLE, by=("region",))
    archive_and_build(tmp_path, logs.then.beds, logs.then.demand)
    assert numbers(archive_and_build(tmp_path, logs.now.beds, logs.now.demand).ask(query)) == numbers(logs.now.ask(query))


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 1.0])
def test_the_live_view_of_then(part: float, tmp_path: Path) -> None:
    """Without an instant, `as_known_at` is the live view at that clock, held and unknown included, as the second fold has it."""
    records = taped("timed")
    first, last = min(record.timestamp for record in records), max(record.timestamp for record in records)
    clock = round(first + (last - first) * part)
    result = archive_and_build(tmp_path, records).ask(Query(figures=("units-by-state",), as_known_at=clock, by=("region",)))
    expected = fold.known_by(records, clock)
    by_region: dict[str | None, dict[str, object]] = {}
    for row in result["units-by-state"].rows:
        by_region.setdefault(row.scope.region, {})[row.part.get("state", "capacity")] = row.value
    assert by_region.pop(NATION.region) == expected["national"]
    assert {region: counts for region, counts in by_region.items() if counts["capacity"] is not None} == expected["regions"]


def test_nothing_known_is_unknown(tmp_path: Path) -> None:
    """Before the first record, and of a log without records, every figure is unknown and none is 0."""
    nothing = archive_and_build(tmp_path / "empty", ())
    later = archive_and_build(tmp_path / "later", taped("week"))
    year = Period(START, START + 365 * DAY_MS)
    for country in (nothing, later):
        result = country.ask(Query(figures=names(period=True), period=year))
        assert {figure.value for figure in result.figures} == {None}
        assert result.coverage is None
        assert {figure.value for figure in country.ask(Query(figures=names(period=False), at=START)).figures} == {None}
    assert nothing.ask(Query(figures=("capacity",), at=START)).clock is None
    assert Country((), ()).clock is None


def test_the_link_of_a_page_gives_the_same_digits_later(logs: TwoLogs) -> None:
    """An analyst's question gives other digits once late records came in; the link that the page showed gives the same to the digit."""
    asked = {"figure": "occupancy", "start": rfc3339.show_ms(WHOLE.start), "end": rfc3339.show_ms(WHOLE.end), "by": "region"}
    before = logs.then.ask(_of_analyst(asked, START + 7 * DAY_MS))
    link = same_digits(asked, rfc3339.show_ms(before.clock or 0))
    later = START + 13 * DAY_MS
    again = logs.now.ask(_of_analyst(dict(parse_qsl(urlsplit(link).query)), later))
    assert numbers(again) == numbers(before)
    assert again.offsets == before.offsets
    assert numbers(logs.now.ask(_of_analyst(asked, later))) != numbers(before)


def _of_analyst(asked: dict[str, str], now: int) -> Query:
    regions = read_regions()
    known = KnownCodes(frozenset(regions), frozenset(row.province for row in regions.values()))
    return for_analyst(read_query(QueryParams(asked), known), now)
