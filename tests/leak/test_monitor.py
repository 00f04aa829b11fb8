"""A log with canaries that were written past every gateway: the archive, a copy of the log, has them; nothing else of the monitor does."""

from pathlib import Path

import orjson
import pytest

from services.adapters.regions import read_regions
from services.domain.durations import DAY_MS
from services.monitor.dutch_calendar import month
from services.monitor.figures import serialization
from services.monitor.figures.definitions import DEFINITIONS
from services.monitor.publication import release, snapshot
from services.monitor.publication.published_store import PublishedStore
from services.monitor.publication.release_draft import draft
from services.monitor.query import Query
from services.monitor.report.html_page import page
from services.monitor.report.queries import ask_all
from tests.leak.planting import carrying, ignored, spoiled
from tests.leak.watch import Watch
from tests.monitor.comparison import HOUSEHOLD, BuiltCountry, archive_and_build, names
from tests.monitor.logged_countries import START, simulate, to_records
from tests.reference.log import Record

DAYS = 2


@pytest.fixture(scope="module")
def watch() -> Watch:
    """Return an oracle that knows the canaries."""
    return Watch()


@pytest.fixture(scope="module")
def country(watch: Watch, tmp_path_factory: pytest.TempPathFactory) -> BuiltCountry:
    """Build some days of a country, with canaries in both topics, in events and in records that are no event."""
    beds, demand = to_records(simulate(7, DAYS))
    at = START + DAYS * DAY_MS
    for text in (*watch.oracle.texts, watch.oracle.text):
        carriers = [record._replace(value=carrying(record.key, record.value or b"", text), timestamp=at) for record in beds[:50]]
        bad = [orjson.dumps(each) for each in spoiled(text)]
        beds += [
            *carriers,
            *(Record(b"berk", value, at) for value in (*bad, text.encode())),
            Record(text.encode(), text.encode(), at),
        ]
        demand += [Record(b"berk", value, at) for value in (orjson.dumps(ignored(text)), *bad)]
    return archive_and_build(tmp_path_factory.mktemp("canaries"), beds, demand)


def _leaks(country: BuiltCountry, watch: Watch, written: bool) -> set[str]:  # noqa: FBT001
    """Read every file of the monitor, and return those with a canary; `written` excepts the records of the log."""
    raw = {value for record in (*country.beds, *country.demand) for value in (record.key, record.value) if value is not None}
    watch.oracle.written = raw if written else set()
    for file in sorted(country.store.root.rglob("*")):
        if file.is_file():
            watch.oracle.read_file(file)
    leaks, watch.oracle.leaks = {leak.where for leak in watch.oracle.leaks}, []
    return leaks


def test_the_archive_has_what_the_log_has_and_the_tables_have_none_of_it(country: BuiltCountry, watch: Watch) -> None:
    """The archive is a copy of the log, byte for byte, with its canaries; no other file of the monitor has one."""
    assert _leaks(country, watch, written=True) == set()
    copies = {f"file {file.name}" for file in (country.store.root / "archive").rglob("*.parquet")}
    assert set() < _leaks(country, watch, written=False) <= copies
    assert {file.suffix for file in (country.store.root / "tables").rglob("*") if file.is_file()} >= {".parquet"}


def test_no_figure_in_no_form_has_any_of_it(country: BuiltCountry, watch: Watch) -> None:
    """No figure has a canary, as JSON or as CSV, by region or by province, with a household; nor has a definition."""
    for query in (
        Query(figures=names(period=True), period=month("2023-01"), by=("region",), household=HOUSEHOLD),
        Query(figures=names(period=False), at=START + DAY_MS, by=("province",), household=HOUSEHOLD),
    ):
        document = serialization.to_document(country.ask(query))
        watch.oracle.look("figures", "figures", document.to_json())
        watch.oracle.look("figures", "figures as CSV", serialization.to_csv(serialization.to_rows([document])))
    watch.oracle.look("figures", "definitions", orjson.dumps([each.model_dump() for each in DEFINITIONS.values()]))
    watch.oracle.insist()
    assert watch.oracle.looked["figures"] > 10_000


def test_nothing_that_is_published_has_any_of_it(country: BuiltCountry, watch: Watch, tmp_path: Path) -> None:
    """No snapshot, release or report has a canary, neither as it is published nor in the files that are written."""
    store, at = PublishedStore(tmp_path), START + DAY_MS
    store.put(snapshot.snapshot_key(at), snapshot.take(country.ask, at), at)
    drafted = draft(country.ask, 2023, START + 400 * DAY_MS, ())
    assert drafted is not None
    store.put(release.release_key(2023, 1), drafted, at)
    (tmp_path / "report.html").write_text(page(ask_all(country.ask, 2023), read_regions(), 2023))
    watch.left_below(tmp_path)
    for key in store.keys:
        watch.oracle.look("published", key, store.get(key) or b"")
    watch.oracle.insist()
    assert watch.oracle.looked["file"] > 100_000
