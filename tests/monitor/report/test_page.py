"""The page of a report says what the answers say: in two languages, with definitions, sources and tables, and nothing made up."""

import re
from functools import partial

import pytest

from services.adapters.regions import read_regions
from services.monitor.definitions import DEFINITIONS
from services.monitor.report.asking import QUESTIONS, ask_all
from services.monitor.report.page import page
from services.monitor.report.words import number
from tests.monitor.answers import answer


def written(*, simulated: bool = True, known: bool = True) -> str:
    """Write the report of 2023."""
    return page(ask_all(partial(answer, simulated=simulated, known=known), 2023), read_regions(), 2023)


@pytest.fixture(scope="module")
def report() -> str:
    """Write it once."""
    return written()


def test_the_same_answers_give_the_same_bytes(report: str) -> None:
    """Nothing of the clock, of chance, or of the machine is in it."""
    assert written() == report


def test_nothing_is_loaded_from_anywhere(report: str) -> None:
    """No address but the names of the languages SVG and links are written in; no script at all."""
    addresses = set(re.findall(r"(?:https?:)?//[\w.]+[^\"' )<]*", report))
    assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert "<script" not in report
    assert not re.search(r"@import|@font-face|url\((?!#)", report)


def test_every_name_of_a_part_is_there_once_and_every_link_leads_somewhere(report: str) -> None:
    """Also within the plots: their clips and markers have names of their own."""
    ids = re.findall(r'\bid="([^"]+)"', report)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', report)) <= {(name, "") for name in ids} | {("", name) for name in ids}


def test_every_definition_that_is_used_is_written_out(report: str) -> None:
    """In both languages, with its version."""
    used = set(re.findall(r'href="#def-([^"]+)"', report))
    assert {"occupancy", "hotel-nights", "stay-survival", "hotel-nights-avoidable", "regions-waiting", "unmet-need"} <= used
    for name in used:
        assert f'id="def-{name}"' in report
        assert DEFINITIONS[name].english[1].split(",")[0].split("'")[0] in report
        assert DEFINITIONS[name].dutch[1].split(",")[0].split("'")[0] in report


def test_every_plot_has_words_a_table_and_its_sources(report: str) -> None:
    """For whoever can't see it, or wants to check it."""
    plots = re.findall(r'<figure id="plot-([^"]+)">(.*?)</figure>', report, re.DOTALL)
    assert [name for name, _ in plots] == [
        *("map", "occupancy", "full", "hotels", "avoidable", "avoidable-reasons", "waiting", "staying", "need", "holds"),
    ]
    for name, plot in plots:
        assert re.search(r'role="img" aria-label="[^"]{20,}"', plot), name
        assert f'<table id="table-{name}">' in report
        assert re.search(r'href="#source-\w+"', plot)
        assert re.search(r'href="#def-[\w-]+"', plot)
        assert "96,8%" in plot
        assert "96.8%" in plot
        assert "gesimuleerd" in plot


def test_both_languages_say_as_much(report: str) -> None:
    """Each piece of text stands there twice."""
    assert report.count('lang="nl" class="nl"') == report.count('lang="en" class="en"')


def test_only_a_simulated_country_is_called_so() -> None:
    """On a real one the word is nowhere."""
    text = re.sub(r"<style>.*?</style>", "", written(simulated=False), flags=re.DOTALL)
    assert not re.search("simulat|gesimuleerd", text, re.IGNORECASE)


def test_nothing_known_is_unknown_and_never_nought() -> None:
    """A page of a country nobody heard of has no number."""
    report = written(known=False)
    cards = re.findall(r'<div class="card"><b><span lang="nl" class="nl">([^<]*)</span>', report)
    assert cards == ["onbekend"] * 6
    inhabitants = {number(row.inhabitants, "inhabitants").nl for row in read_regions().values()}
    tables = re.findall(r'<td><span lang="nl" class="nl">([^<]*)</span>', report)
    assert set(tables) - inhabitants == {"onbekend"}


def test_the_questions_look_no_further_than_the_first() -> None:
    """All numbers of a report are of the same records."""
    asked = ask_all(answer, 2023)
    assert len(asked.every) == QUESTIONS
    assert all(each.question.recorded == asked.year.offsets for name, each in asked.every.items() if name != "year")
