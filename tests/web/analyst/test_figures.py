"""The explorer: a figure by place or time as a drawing with its table, and a link that gives the same digits."""

import re
from collections.abc import Callable
from datetime import datetime
from urllib.parse import parse_qsl, urlsplit

import pytest
import pytest_asyncio

from services.domain.durations import DAY_MS
from services.web.analyst.figure_question import latest_hour, parameters, period_of, periods
from tests.web.analyst.monitor_answers import definition, figures
from tests.web.conftest import Browser

_NOW = 1_795_953_600_000


@pytest_asyncio.fixture
async def analyst(browser: Browser, number: Callable[[str], int]) -> Browser:
    """Log in as an analyst, before a monitor that knows two figures."""
    browser.clock[0] = _NOW
    await browser.login(number("analyst"))
    defined = [definition("occupancy"), definition("waiting", "instant")]
    browser.services.answers["GET /v1/monitor/definitions"] = 200, {"definitions": defined}
    browser.services.answering["GET /v1/monitor/figures"] = figures
    return browser


async def _show(browser: Browser, address: str) -> tuple[str, dict[str, str]]:
    browser.services.parameters.clear()
    page = await browser.client.get(address)
    assert page.status_code == 200
    return page.text, browser.services.parameters[-1]


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("occupancy&period=2026-10", {"start": "2026-09-30T22:00:00+00:00", "end": "2026-10-31T23:00:00+00:00"}),
        ("occupancy&period=2025", {"start": "2024-12-31T23:00:00+00:00", "end": "2025-12-31T23:00:00+00:00"}),
        ("occupancy&period=2026", {"start": "2025-12-31T23:00:00+00:00", "end": "2026-11-28T11:00:00+00:00"}),
        ("waiting&period=2026-11", {"at": "2026-11-28T11:00:00+00:00"}),
        ("waiting&period=nonsense", {"at": "2026-11-28T11:00:00+00:00"}),
    ],
)
async def test_a_period_is_of_the_dutch_calendar_and_ends_a_day_ago(analyst: Browser, query: str, asked: dict[str, str]) -> None:
    """A month or a year is from its Dutch midnight to the next, as far as an analyst may see it; an instant is the last one of it."""
    _, sent = await _show(analyst, f"/figures?figure={query}")
    assert sent == {"figure": query.partition("&")[0], **asked}


async def test_the_link_asks_the_same_by_what_was_known(analyst: Browser) -> None:
    """The link has the exact times and the hour up to which records were looked at; it is asked as it is, and links to itself."""
    page, sent = await _show(analyst, "/figures?figure=occupancy&period=2026&by=region")
    link = re.findall(r'<a href="(/figures\?[^"]*knownAt[^"]*)"', page)[0].replace("&amp;", "&")
    _, again = await _show(analyst, link)
    assert again == sent | {"knownAt": "2026-11-28T11:00:00+00:00"} == dict(parse_qsl(urlsplit(link).query))
    page, _ = await _show(analyst, link)
    assert link.replace("&", "&amp;") in page
    assert parameters(dict(parse_qsl(urlsplit(link).query)), definition("occupancy"), _NOW + 40 * DAY_MS) == again


async def test_an_operator_asks_a_day_late_too(analyst: Browser, number: Callable[[str], int]) -> None:
    """Of an operator, who may see what is recorded this minute, the digits are those of a day ago: only these stay the same."""
    await analyst.login(number("operator"))
    page, sent = await _show(analyst, "/figures?figure=occupancy&period=2026")
    assert sent["knownAt"] == "2026-11-28T11:00:00+00:00"
    assert "Deze vraag, met dezelfde cijfers" in page


async def test_a_file_has_a_name_and_the_digits_of_the_page(analyst: Browser) -> None:
    """CSV and Parquet are asked with the exact times of the page, and are named by figure, days and by what."""
    page, _ = await _show(analyst, "/figures?figure=occupancy&period=2026-10&by=region")
    csv = re.findall(r'href="(/figures/file/csv\?[^"]*)"', page)[0].replace("&amp;", "&")
    analyst.services.parameters.clear()
    answer = await analyst.client.get(csv)
    assert answer.headers["content-disposition"] == 'attachment; filename="occupancy-2026-09-30-2026-10-31-region.csv"'
    assert analyst.services.parameters[-1]["knownAt"] == "2026-11-28T11:00:00+00:00"


async def test_regions_are_bars_with_names_and_numbers(analyst: Browser) -> None:
    """By region each has a bar with name and number inside the drawing; what is unknown or too few has words and no bar."""
    page, _ = await _show(analyst, "/figures?figure=occupancy&period=2026-10&by=region")
    drawing = page.partition('<svg class="drawn"')[2].partition("</svg>")[0]
    assert drawing.count("<rect") == 33
    assert all(words in drawing for words in ("Arnhem", "procent", "te weinig opvang", "onbekend"))
    assert page.count("Arnhem") == 2


async def test_months_are_a_line_with_a_gap_where_nothing_is_known(analyst: Browser) -> None:
    """By month there is a line in pieces around the month of which nothing is known, with dates and heights in the language."""
    page, _ = await _show(analyst, "/figures?figure=occupancy&period=2026&by=month")
    drawing = page.partition('<svg class="drawn"')[2].partition("</svg>")[0]
    assert (drawing.count("<polyline"), drawing.count("<circle")) == (2, 10)
    assert "mrt 26" in drawing
    await analyst.client.get("/language/en")
    assert "Mar 26" in (await _show(analyst, "/figures?figure=occupancy&period=2026&by=month"))[0]


async def test_no_drawing_has_a_style_of_its_own(analyst: Browser) -> None:
    """No page of drawings has a style attribute or a script inside: the policy of the pages allows neither."""
    for by in ("region", "month", "kind", ""):
        page, _ = await _show(analyst, f"/figures?figure=occupancy&period=2026&by={by}")
        assert " style=" not in page
        assert "<style" not in page


@pytest.mark.parametrize(
    ("now", "first"),
    [
        ("2026-12-01T00:12:00+01:00", "2026-11"),
        ("2026-12-02T00:59:00+01:00", "2026-11"),
        ("2026-12-02T02:30:00+01:00", "2026-12"),
        ("2027-01-01T12:00:00+01:00", "2026-12"),
    ],
)
def test_the_first_month_to_choose_is_the_last_of_which_something_is_known(now: str, first: str) -> None:
    """A day into a month the explorer begins with the month before, and asks about the month that its list shows."""
    clock = int(datetime.fromisoformat(now).timestamp() * 1_000)
    assert periods(clock)[0] == first
    assert period_of("", latest_hour(clock)) == period_of(first, latest_hour(clock))


_NOW_PAGE = "/figures?figure=occupancy&period=2026-11"
_TAGGED = re.compile(r'data-again="60" data-tag="([^"]*)"')


async def _ask_again(browser: Browser, page: str, address: str = _NOW_PAGE) -> int:
    """Ask as the script of a page does, with the tag that stands in it; return the status."""
    [tag] = _TAGGED.findall(page)
    headers = {"X-Refresh": "1", "If-None-Match": tag.replace("&#34;", '"')}
    return (await browser.client.get(address, headers=headers)).status_code


async def test_the_current_figure_asks_again_and_an_unchanged_one_is_not_drawn(analyst: Browser) -> None:
    """The page of the running month has a tag and says how old its number is; with the tag it is 304, until the hour is over."""
    analyst.services.tags["/v1/monitor/figures"] = '"abc"'
    page, _ = await _show(analyst, _NOW_PAGE)
    assert "ruim 25 uur oud" in page
    assert '<a class="button secondary" href="/figures?figure=occupancy&amp;period=2026-11">Kijk nu</a>' in page
    assert await _ask_again(analyst, page) == 304
    analyst.services.tags["/v1/monitor/figures"] = '"abd"'
    assert await _ask_again(analyst, page) == 200


async def test_the_tag_of_a_page_is_that_of_this_page(analyst: Browser) -> None:
    """Another question and another language are drawn, whatever the monitor says of its answer."""
    analyst.services.tags["/v1/monitor/figures"] = '"abc"'
    page, _ = await _show(analyst, _NOW_PAGE)
    assert await _ask_again(analyst, page, f"{_NOW_PAGE}&by=region") == 200
    await analyst.client.get("/language/en")
    assert await _ask_again(analyst, page) == 200


@pytest.mark.parametrize("query", ["", "?figure=occupancy&period=2026-10", "?figure=occupancy&period=2026-11&knownAt=2026-11-28T11:00:00Z"])
async def test_what_stays_as_it_is_does_not_ask_again(analyst: Browser, query: str) -> None:
    """A month that is over, a link to the same digits, and the page before anything was chosen have no tag."""
    more = "&start=2026-10-31T23:00:00Z&end=2026-11-28T11:00:00Z" if "knownAt" in query else ""
    assert "data-again" not in (await analyst.client.get(f"/figures{query}{more}")).text
