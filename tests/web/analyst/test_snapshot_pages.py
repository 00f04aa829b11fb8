"""The slider over snapshots: which moments an analyst sees, what the map and the table say, and the difference with another moment."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
import pytest_asyncio

from tests.web.analyst.monitor_answers import INSTANTS, definition, figures
from tests.web.conftest import Browser

# 29 November 2026, 12:00 UTC: the snapshot of the 28th is a day old, that of the 29th is not
_NOW = 1_795_953_600_000


@pytest_asyncio.fixture
async def analyst(browser: Browser, number: Callable[[str], int]) -> Browser:
    """Log in as an analyst, before a monitor with ten snapshots."""
    browser.clock[0] = _NOW
    await browser.login(number("analyst"))
    browser.services.answers["GET /v1/monitor/definitions"] = 200, {"definitions": [definition("occupancy"), definition("capacity")]}
    browser.services.answers["GET /v1/monitor/snapshots"] = 200, {"snapshots": INSTANTS}
    browser.services.answering["GET /v1/monitor/figures"] = figures
    browser.services.parameters.clear()
    return browser


async def _asked(browser: Browser, path: str) -> tuple[str, list[dict[str, str]]]:
    page = await browser.client.get(path)
    assert page.status_code == 200
    return page.text, [each for each in browser.services.parameters if "figure" in each]


async def test_the_slider_begins_at_the_latest_moment_that_is_a_day_old(analyst: Browser) -> None:
    """An analyst's slider ends at the last snapshot of more than a day ago, and asks for it as it was known then."""
    page, asked = await _asked(analyst, "/snapshots")
    assert re.search(r'type="range"[^>]*max="8" value="8"', page)
    assert asked == [{"figure": "occupancy", "at": INSTANTS[8], "knownAt": INSTANTS[8], "by": "province"}]


@pytest.mark.parametrize(
    ("query", "at"), [("n=0", 0), ("n=3", 3), ("n=99", 8), ("day=2026-11-22", 2), (f"at={INSTANTS[5]}", 5), ("n=-1", 8)]
)
async def test_a_moment_is_chosen_by_slider_day_or_link(analyst: Browser, query: str, at: int) -> None:
    """The number of the slider, a day and the moment of a link lead to one snapshot; what is none of them to the latest."""
    _, asked = await _asked(analyst, f"/snapshots?{query}")
    assert [each["at"] for each in asked] == [INSTANTS[at]]


async def test_the_map_has_names_numbers_and_a_legend_in_both_languages(analyst: Browser) -> None:
    """Each of 35 regions has its name and its province's number inside the drawing, as in the table; the legend is in the language."""
    for language, *words in (("nl", "77,8%", "procent", "te weinig opvang"), ("en", "77.8%", "per cent", "too few shelters")):
        await analyst.client.get(f"/language/{language}")
        page, _ = await _asked(analyst, "/snapshots?n=8")
        drawing = page.partition("<svg viewBox")[2].partition("</svg>")[0]
        assert drawing.count("<polygon") == 35
        assert "Groningen" in drawing
        assert all(word in drawing for word in words)
        assert page.partition("Gelderland</th>")[2].startswith(f'<td class="number"><data value="0.778">{words[0]}')
        assert "PV25" not in page


async def test_what_is_too_few_says_so(analyst: Browser) -> None:
    """A province of which the monitor says that it is too small has no number, in the map and in the table."""
    page, _ = await _asked(analyst, "/snapshots?n=8")
    assert '<g class="few"><polygon' in page
    assert 'Zeeland</th><td class="number"><em>te weinig opvang</em>' in page
    assert 'Overijssel</th><td class="number"><em>onbekend</em>' in page


async def test_what_is_forgotten_says_so(analyst: Browser) -> None:
    """A number that depends on a need that is no longer kept is no number and not unknown: the page says what it is."""
    page, _ = await _asked(analyst, "/snapshots?n=8")
    assert 'Flevoland</th><td class="number"><em>niet meer bewaard</em>' in page


async def test_the_difference_with_a_week_before(analyst: Browser) -> None:
    """With a week before, each number has by how much it is more than it was, in percentage points; without a snapshot then, it is said."""
    page, asked = await _asked(analyst, "/snapshots?n=8&back=7")
    assert {each["at"] for each in asked} == {INSTANTS[8], INSTANTS[1]}
    assert re.search(r"Gelderland</th><td[^>]*><data[^>]*>[^<]*</data></td><td[^>]*>\+0,7<", page)
    assert "geen momentopname" in (await _asked(analyst, "/snapshots?n=0&back=365"))[0]


async def test_a_comparison_that_is_not_answered_is_said(analyst: Browser) -> None:
    """Where the earlier moment can't be had the page says so, and never that there is no such moment."""
    analyst.services.failing.add(INSTANTS[1])
    page, _ = await _asked(analyst, "/snapshots?n=8&back=7")
    assert "Een deel is nu niet bekend." in page
    assert "geen momentopname" not in page


async def test_without_a_snapshot_the_page_says_when_there_is_one(analyst: Browser) -> None:
    """Before the first snapshot there is no slider, and no figure is asked for."""
    analyst.services.answers["GET /v1/monitor/snapshots"] = 200, {"snapshots": INSTANTS[9:]}
    page, asked = await _asked(analyst, "/snapshots")
    assert 'type="range"' not in page
    assert "nog geen momentopname" in page
    assert asked == []


async def test_a_page_of_a_year_of_moments_is_light(analyst: Browser) -> None:
    """With a year of snapshots the page weighs less than 40 kB: a slider of them is a list of instants."""
    year = [f"{date(2025, 1, 1) + timedelta(days=day)}T03:00:00Z" for day in range(366)]
    analyst.services.answers["GET /v1/monitor/snapshots"] = 200, {"snapshots": year}
    page, _ = await _asked(analyst, "/snapshots?n=8&back=7")
    assert len(page) < 40_000


async def test_an_operator_sees_each_region(browser: Browser, number: Callable[[str], int]) -> None:
    """An operator, to whom the monitor answers every number, has the number of each region in map and table."""
    browser.clock[0] = _NOW
    await browser.login(number("operator"))
    browser.services.answers["GET /v1/monitor/definitions"] = 200, {"definitions": [definition("occupancy")]}
    browser.services.answers["GET /v1/monitor/snapshots"] = 200, {"snapshots": INSTANTS}
    browser.services.answering["GET /v1/monitor/figures"] = figures
    browser.services.parameters.clear()
    page, asked = await _asked(browser, "/snapshots")
    assert [each["by"] for each in asked] == ["region"]
    assert 'Arnhem</th><td class="number"><data' in page


async def _again(browser: Browser, page: str) -> tuple[int, int]:
    """Ask as the script does, with the tag that stands in the page; return the status, and how many figures were asked for."""
    [tag] = re.findall(r'data-again="60" data-tag="([^"]*)"', page)
    browser.services.parameters.clear()
    headers = {"X-Refresh": "1", "If-None-Match": tag.replace("&#34;", '"')}
    answer = await browser.client.get("/snapshots", headers=headers)
    return answer.status_code, sum("figure" in each for each in browser.services.parameters)


async def test_the_latest_moment_asks_again_and_no_figure_is_asked_for_while_it_is_the_same(analyst: Browser) -> None:
    """The page says how old it is, and is drawn anew when there is a later moment, or when it is an hour older."""
    page, _ = await _asked(analyst, "/snapshots")
    assert "33 uur oud." in page
    assert await _again(analyst, page) == (304, 0)
    analyst.clock[0] += 3_600_000
    analyst.login_as("an-analyst", "analyst")
    assert await _again(analyst, page) == (200, 1)
    page, _ = await _asked(analyst, "/snapshots")
    analyst.services.answers["GET /v1/monitor/snapshots"] = 200, {"snapshots": INSTANTS[1:]}
    assert await _again(analyst, page) == (200, 1)


@pytest.mark.parametrize("query", ["n=8", "n=3", f"at={INSTANTS[8]}", "day=2026-11-28"])
async def test_a_moment_that_was_chosen_stays(analyst: Browser, query: str) -> None:
    """The moment of the slider, of a link or of a day is not taken from under the hands."""
    assert "data-again" not in (await _asked(analyst, f"/snapshots?{query}"))[0]
