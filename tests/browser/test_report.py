"""The report in a real browser: it opens without an error, sends no request, and prints."""

import re
from pathlib import Path

import pytest

from services.adapters.regions import read_regions
from services.monitor.report.html_page import page
from services.monitor.report.queries import ask_all
from tests.browser.browser import Browser, find
from tests.monitor.answers import answer

pytestmark = pytest.mark.e2e


@pytest.fixture
def browser(tmp_path: Path) -> Browser:
    """Find a browser, with a home of its own."""
    return find(tmp_path / "home")


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """Write a report."""
    file = tmp_path / "report.html"
    file.write_text(page(ask_all(answer, 2023), read_regions(), 2023), "utf-8")
    return file


def test_the_report_opens_without_an_error_and_asks_nothing_of_the_network(browser: Browser, report: Path) -> None:
    """The report has all its figures, writes no line on the console, and sends no request."""
    seen = browser.open(report)
    assert (seen.console, seen.asked) == ([], [])
    assert seen.dom.count("<figure") == 10
    assert seen.dom.count('<svg class="map"') == 2
    assert seen.dom.count('<svg class="drawing') == 10


def test_a_page_that_asks_and_errs_is_found_out(browser: Browser, tmp_path: Path) -> None:
    """The control: a page that sends a request and has an error is found to do so."""
    bad = tmp_path / "bad.html"
    bad.write_text('<!doctype html><img src="http://third.example/pixel.gif"><script>missing.call()</script>', "utf-8")
    seen = browser.open(bad)
    assert seen.asked == ["http://third.example/pixel.gif"]
    assert "missing is not defined" in "".join(seen.console)


def test_the_report_prints_on_some_sheets_of_a4(browser: Browser, report: Path, tmp_path: Path) -> None:
    """The report prints on fewer than twenty sheets of A4, each of 210 by 297 mm."""
    printed = browser.print(report, tmp_path / "report.pdf")
    sizes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed)
    assert 5 < len(sizes) < 20
    assert {(round(float(width)), round(float(height))) for width, height in sizes} == {(595, 842)}
