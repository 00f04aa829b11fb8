"""The page of a report: in two languages, with definitions, sources and tables, and the numbers of the results."""

import re
from base64 import b64encode
from dataclasses import replace
from functools import partial
from hashlib import sha256
from html import unescape

import pytest

from services.adapters.regions import read_regions
from services.monitor.figures.definitions import DEFINITIONS
from services.monitor.figures.result import FigureResult
from services.monitor.query import Query
from services.monitor.report.html_page import page, pages
from services.monitor.report.queries import QUERY_COUNT, ask_all
from services.monitor.report.strict_style import page_policy
from services.monitor.report.translations import number
from tests.monitor.answers import answer


def written(*, simulated: bool = True, known: bool = True) -> str:
    """Write the report of 2023."""
    return page(ask_all(partial(answer, simulated=simulated, known=known), 2023), read_regions(), 2023)


@pytest.fixture(scope="module")
def report() -> str:
    """Write it once."""
    return written()


def test_the_same_answers_give_the_same_bytes(report: str) -> None:
    """The page depends on the results alone: not on the clock, on chance, or on the machine."""
    assert written() == report


def test_nothing_is_loaded_from_anywhere(report: str) -> None:
    """The page has no address but the XML namespaces of SVG and links, and no script."""
    addresses = set(re.findall(r"(?:https?:)?//[\w.]+[^\"' )<]*", report))
    assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert "<script" not in report
    assert not re.search(r"@import|@font-face|url\((?!#)", report)


def test_every_id_is_unique_and_every_link_has_a_target(report: str) -> None:
    """Every id is on the page once, also those inside the plots, and every link has a target."""
    ids = re.findall(r'\bid="([^"]+)"', report)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', report)) <= {(name, "") for name in ids} | {("", name) for name in ids}


def test_every_definition_that_is_used_is_written_out(report: str) -> None:
    """Every definition that the page refers to is on it, in both languages."""
    used = set(re.findall(r'href="#def-([^"]+)"', report))
    assert {"occupancy", "hotel-nights", "stay-survival", "hotel-nights-avoidable", "regions-waiting", "unmet-need"} <= used
    for name in used:
        assert f'id="def-{name}"' in report
        assert DEFINITIONS[name].en.definition.replace("`", "").split(",")[0].split("'")[0] in report
        assert DEFINITIONS[name].nl.definition.replace("`", "").split(",")[0].split("'")[0] in report


def test_every_plot_has_words_a_table_and_its_sources(report: str) -> None:
    """Every plot has a description, a table, its definitions, its sources and the coverage in both languages."""
    plots = re.findall(r'<figure id="plot-([^"]+)">(.*?)</figure>', report, re.DOTALL)
    assert [name for name, _ in plots] == [
        *("map", "occupancy", "full", "hotels", "avoidable", "avoidable-reasons", "waiting", "staying", "need", "holds"),
    ]
    for name, plot in plots:
        assert re.search(r'<div class="alt"><p lang="nl" class="nl">[^<]{20,}</p><p lang="en" class="en">[^<]{20,}</p>', plot), name
        assert all('aria-hidden="true"' in svg for svg in re.findall("<svg class=[^>]*>", plot))
        assert f'<table id="table-{name}">' in report
        assert re.search(r'href="#source-\w+"', plot)
        assert re.search(r'href="#def-[\w-]+"', plot)
        assert "96,8%" in plot
        assert "96.8%" in plot
        assert "gesimuleerd" in plot


def test_every_word_is_in_both_languages_and_one_is_shown(report: str) -> None:
    """Each piece of text stands in Dutch and right after it in English, in drawings too, and the style shows one of them."""
    found = re.findall(r'lang="(nl|en)"[^>]*>', re.sub(r"<html[^>]*>|<label[^>]*>", "", report))
    assert found
    assert found == ["nl", "en"] * (len(found) // 2)
    assert report.count('lang="nl" class="nl"') + len(re.findall(r'class="[\w -]+ nl" lang="nl"', report)) == len(found) // 2
    assert "#dutch:checked ~ main .en, #english:checked ~ main .nl { display: none; }" in report


def test_no_text_of_a_drawing_is_in_one_language_only(report: str) -> None:
    """What is the same in both languages inside a drawing is a number or the name of a region."""
    names = {row.name for row in read_regions().values()} | {"Den Haag", "Den Bosch"}
    same = set(re.findall(r'<text [^>]*class="(?![^"]*\b(?:nl|en)\b)[^"]*"[^>]*>([^<]*)</text>', report))
    assert {word for word in map(unescape, same) if not re.fullmatch(r"[<>\d]+%?", word)} - names == set()


def test_only_a_simulated_country_is_called_so() -> None:
    """On the page of a real country the word simulated does not occur."""
    text = re.sub(r"<style>.*?</style>", "", written(simulated=False), flags=re.DOTALL)
    assert not re.search("simulat|gesimuleerd", text, re.IGNORECASE)


def test_what_is_unknown_is_never_0() -> None:
    """A page on which nothing is known has no number but the inhabitants."""
    report = written(known=False)
    assert re.findall(r'<li><p><b><span lang="nl" class="nl">([^<]*)</span>', report) == ["onbekend"] * 6
    inhabitants = {number(row.inhabitants, "inhabitants").nl for row in read_regions().values()}
    unlabelled = re.sub(r'<span class="of">(?:<span [^>]*>[^<]*</span>)*</span>', "", report)
    tables = re.findall(r'<td>(?:<span lang="nl" class="nl">)?([^<]*)</span>', "".join(unlabelled.split('id="sources"')[:1]))
    assert set(tables) - inhabitants == {"onbekend"}


def test_the_queries_look_no_further_than_the_first() -> None:
    """All numbers of a report come from the same records."""
    asked = ask_all(answer, 2023)
    assert len(asked.by_name) == QUERY_COUNT
    assert all(each.query.offsets == asked.year.offsets for name, each in asked.by_name.items() if name != "year")


def test_the_policy_of_the_page_allows_its_one_style_sheet_by_its_hash(report: str) -> None:
    """The page has one style sheet, no style attribute, and a policy that allows that sheet alone: nothing is unsafe."""
    (sheet,) = re.findall(r"<style>(.*?)</style>", report, re.DOTALL)
    digest = b64encode(sha256(sheet.encode()).digest()).decode()
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', report)
    assert policy == page_policy(report) == f"default-src 'none'; style-src 'sha256-{digest}'"
    assert not re.search(r"<[^<>]*\sstyle=", report)


def test_the_page_opens_in_the_language_that_was_asked_for() -> None:
    """A page in English says so to a reader of screens, and shows English first; the Dutch is one choice away."""
    found = pages(ask_all(answer, 2023), read_regions(), 2023, ("nl", "en"))
    assert '<html lang="en">' in found["en"]
    assert 'id="english" checked' in found["en"]
    assert 'id="dutch" checked' in found["nl"]
    assert "unsafe-" not in found["en"]


def test_what_is_forgotten_is_called_so(report: str) -> None:
    """Avoidable nights that depend on a need that is no longer kept are called forgotten, and a note says why parts are unknown."""

    def forgets(query: Query) -> FigureResult:
        result = answer(query)
        figures = [
            replace(figure, rows=tuple(replace(row, value=None, weight=None, forgotten=True) for row in figure.rows))
            if figure.definition.figure == "hotel-nights-avoidable"
            else figure
            for figure in result.figures
        ]
        return replace(result, figures=tuple(figures))

    written_so = page(ask_all(forgets, 2023), read_regions(), 2023)
    note = "what the household needed was forgotten"
    assert (note in written_so, note in report) == (True, False)
    assert re.search(r"waren volgens die onderbouwing .{0,20}vergeten|vergeten nachten|>vergeten<", written_so)
    assert ">forgotten<" in written_so
