"""What the monitor makes of a log into which somebody wrote canaries, past every gateway: nothing of them is in anything but its copy."""

from pathlib import Path

import orjson
import pytest

from services.adapters.regions import read_regions
from services.monitor import formats, release, shown, snapshot
from services.monitor.days import DAY_MS, month
from services.monitor.definitions import DEFINITIONS
from services.monitor.drafting import drafted
from services.monitor.question import Question
from services.monitor.report.asking import ask_all
from services.monitor.report.page import page
from services.monitor.shelf import Shelf
from tests.leak.planting import carrying, ignored, spoiled
from tests.leak.watch import Watch
from tests.monitor.asked import HOUSEHOLD, Asked, asked, names
from tests.monitor.countries_logged import START, logged, said
from tests.reference.log import Record

DAYS = 2


@pytest.fixture(scope="module")
def watch() -> Watch:
    """Watch what is written past the gateway."""
    return Watch()


@pytest.fixture(scope="module")
def country(watch: Watch, tmp_path_factory: pytest.TempPathFactory) -> Asked:
    """Let a country live some days; beside it somebody writes canaries into both topics, in events and in what is none."""
    beds, demand = logged(said(7, DAYS))
    at = START + DAYS * DAY_MS
    for text in (*watch.oracle.texts, watch.oracle.text):
        again = [record._replace(value=carrying(record.key, record.value or b"", text), timestamp=at) for record in beds[:50]]
        bad = [orjson.dumps(each) for each in spoiled(text)]
        beds += [*again, *(Record(b"berk", value, at) for value in (*bad, text.encode())), Record(text.encode(), text.encode(), at)]
        demand += [Record(b"berk", value, at) for value in (orjson.dumps(ignored(text)), *bad)]
    return asked(tmp_path_factory.mktemp("canaries"), beds, demand)


def _kept(country: Asked, watch: Watch, written: bool) -> set[str]:  # noqa: FBT001
    """Look at all that the monitor keeps on the disk; tell where something was found."""
    raw = {value for record in (*country.beds, *country.demand) for value in (record.key, record.value) if value is not None}
    watch.oracle.written = raw if written else set()
    for file in sorted(country.store.root.rglob("*")):
        if file.is_file():
            watch.oracle.read_file(file)
    found, watch.oracle.leaks = {leak.where for leak in watch.oracle.leaks}, []
    return found


def test_the_archive_has_what_the_log_has_and_the_tables_have_none_of_it(country: Asked, watch: Watch) -> None:
    """Byte for byte it is a copy of the log, whose records were written past us; nothing else on the disk has anything of them."""
    assert _kept(country, watch, written=True) == set()
    copies = {f"file {file.name}" for file in (country.store.root / "archive").rglob("*.parquet")}
    assert set() < _kept(country, watch, written=False) <= copies
    assert {file.suffix for file in (country.store.root / "tables").rglob("*") if file.is_file()} >= {".parquet"}


def test_no_figure_in_no_form_has_any_of_it(country: Asked, watch: Watch) -> None:
    """As JSON, CSV and Parquet; by region and day; of a household."""
    for question in (
        Question(figures=names(period=True), period=month("2023-01"), by=("region",), household=HOUSEHOLD),
        Question(figures=names(period=False), at=START + DAY_MS, by=("province",), household=HOUSEHOLD),
    ):
        told = shown.document(country.ask(question))
        watch.oracle.look("figures", "figures", orjson.dumps(told))
        rows = shown.rows([told])
        watch.oracle.look("figures", "figures as CSV", formats.as_csv(rows, shown.COLUMNS))
    watch.oracle.look("figures", "definitions", orjson.dumps([shown.definition(each) for each in DEFINITIONS.values()]))
    watch.oracle.insist()
    assert watch.oracle.looked["figures"] > 10_000


def test_nothing_that_is_published_has_any_of_it(country: Asked, watch: Watch, tmp_path: Path) -> None:
    """Snapshots, a release, and the report of a year, as they are put on the shelf and out."""
    shelf, at = Shelf(tmp_path), START + DAY_MS
    shelf.put(snapshot.key(at), snapshot.taken(country.ask, at))
    made = drafted(country.ask, 2023, START + 400 * DAY_MS, ())
    assert made is not None
    shelf.put(release.key(2023, 1), made)
    (tmp_path / "report.html").write_text(page(ask_all(country.ask, 2023), read_regions(), 2023))
    watch.left_below(tmp_path)
    for key in shelf.keys:
        watch.oracle.look("published", key, shelf.get(key) or b"")
    watch.oracle.insist()
    assert watch.oracle.looked["file"] > 100_000
