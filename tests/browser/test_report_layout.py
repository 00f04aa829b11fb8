"""The report as it is seen: on a telephone, at a desk, in the dark and on paper, in one language at a time."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, Final, Literal

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from services.adapters.regions import read_regions
from services.monitor.report.html_page import pages
from services.monitor.report.queries import ask_all
from tests.browser.test_accessibility import violations
from tests.monitor.answers import answer

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

# A4 without the margins of report.css, in CSS pixels (96 to the inch)
_PAPER: Final = (180 / 25.4 * 96, 265 / 25.4 * 96)
# What can be read at arm's length, in CSS pixels; a phone that shrinks a drawing falls below it
_LEAST_LETTER: Final = 7.5
_WORDS: Final = """(language) => [...document.querySelectorAll("main [lang], main svg text, label")]
    .filter(each => each.checkVisibility({checkOpacity: false}) && each.getClientRects().length)
    .filter(each => each.lang === language).map(each => each.textContent.trim())"""
_LETTERS: Final = """[...document.querySelectorAll("figure svg text")].filter(each => each.getClientRects().length).map(each => {
    const scale = each.getScreenCTM().a, size = parseFloat(getComputedStyle(each).fontSize);
    return [each.textContent, scale * size] })"""
_SIDEWAYS: Final = """[...document.querySelectorAll("figure svg text, figure svg polygon, figure svg rect")]
    .map(each => each.getBoundingClientRect()).filter(box => box.width && (box.left < -1 || box.right > innerWidth + 1)).length"""
# Pairs of words of one drawing that lie over each other
_OVERLAPS: Final = """[...document.querySelectorAll("figure svg.drawing")].flatMap(svg => {
    const boxes = [...svg.querySelectorAll("text")].filter(each => each.getClientRects().length)
        .map(each => [each.textContent, each.getBoundingClientRect()]);
    return boxes.flatMap(([one, a], at) => boxes.slice(at + 1).filter(([, b]) =>
        Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3)
        .map(([other]) => `${one} | ${other}`)) })"""

# Tables that are wider than what can be seen of them
_SCROLLED: Final = """[...document.querySelectorAll(".scroll")].filter(each => each.scrollWidth > each.clientWidth)
    .map(each => each.getAttribute("aria-labelledby"))"""
# Colours that are drawn in a panel and that its legend lacks
_UNEXPLAINED: Final = """[...document.querySelectorAll(".panel:has(.legend)")].flatMap(panel => {
    const paint = each => { const style = getComputedStyle(each); return each.matches("line, path") ? style.stroke : style.fill };
    const explained = new Set([...panel.querySelectorAll(".swatch > *")].map(paint));
    return [...panel.querySelectorAll(":is(.map, .drawing) :is(.tile, .bar, .stack, .line, .mean, .before)")].map(paint)
        .filter(colour => !explained.has(colour)) })"""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a report in each language."""
    folder = tmp_path_factory.mktemp("report")
    for language, page in pages(ask_all(answer, 2023), read_regions(), 2023, ("nl", "en")).items():
        (folder / f"{language}.html").write_text(page, "utf-8")
    return folder


@pytest_asyncio.fixture(loop_scope="session")
async def tab(chromium: Browser) -> AsyncIterator[Page]:
    """Open a tab as wide as a telephone."""
    context = await chromium.new_context(viewport={"width": 390, "height": 844})
    yield await context.new_page()
    await context.close()


async def _open(tab: Page, report: Path, language: str = "nl", width: int = 390) -> None:
    await tab.set_viewport_size({"width": width, "height": 844})
    await tab.goto((report / f"{language}.html").as_uri())


@pytest.mark.parametrize("language", ["nl", "en"])
async def test_axe_finds_nothing_in_either_theme_and_language(tab: Page, report: Path, language: str) -> None:
    """WCAG 2.2 AA by axe, light and dark, and at 320 pixels the page does not scroll sideways."""
    await _open(tab, report, language)
    assert [each async for each in violations(tab, language)] == []


@pytest.mark.parametrize(("language", "other", "switch"), [("nl", "en", "English"), ("en", "nl", "Nederlands")])
async def test_one_language_is_seen_at_a_time(tab: Page, report: Path, language: str, other: str, switch: str) -> None:
    """The page shows one language, in its drawings too, until the other is chosen; then it shows that one alone."""
    await _open(tab, report, language)
    before = await tab.evaluate(_WORDS, language)
    assert len(before) > 100
    assert await tab.evaluate(_WORDS, other) == [switch]
    await tab.click(f"label:has-text('{switch}')")
    after = await tab.evaluate(_WORDS, other)
    assert len(after) == len(before)
    assert len(await tab.evaluate(_WORDS, language)) == 1
    months = {"nl": {"mei", "okt"}, "en": {"May", "Oct"}}
    assert months[other] <= set(after)
    assert not months[language] & set(after)


@pytest.mark.parametrize("width", [320, 390, 1_280])
async def test_a_drawing_is_drawn_for_the_width_that_it_has(tab: Page, report: Path, width: int) -> None:
    """Letters in drawings can be read at every width, none lies over another, and nothing sticks out of the page."""
    await _open(tab, report, width=width)
    letters: list[tuple[str, float]] = await tab.evaluate(_LETTERS)
    # At 320 pixels a map is a quarter narrower, and stays one map
    least = _LEAST_LETTER if width > 320 else 6.5
    assert [each for each in letters if each[1] < least] == []
    assert await tab.evaluate(_SIDEWAYS) == 0
    assert await tab.evaluate(_OVERLAPS) == []


async def test_a_table_is_a_list_on_a_telephone(tab: Page, report: Path) -> None:
    """No table has to be scrolled sideways; on a telephone each number stands beside the name of its column, at a desk below it."""
    for width, listed in ((320, True), (390, True), (1_280, False)):
        await _open(tab, report, width=width)
        assert await tab.evaluate(_SCROLLED) == []
        named = tab.locator("#tables td .of").first
        assert await named.is_visible() == listed
        assert await tab.locator("#tables thead").first.is_visible() != listed


async def test_maps_are_stacked_on_a_telephone_and_beside_each_other_at_a_desk(tab: Page, report: Path) -> None:
    """Each map has the width of a telephone for itself; a desk has room for both."""
    for width, stacked in ((390, True), (1_280, False)):
        await _open(tab, report, width=width)
        one, other = [await _box(tab, at) for at in (0, 1)]
        assert (other["y"] > one["y"] + one["height"]) == stacked
        assert (one["width"] > width * 0.85) == stacked


async def _box(tab: Page, number: int) -> dict[str, float]:
    box: Any = await tab.locator("svg.map").nth(number).bounding_box()
    return dict(box)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_colour_of_a_drawing_is_in_its_legend(tab: Page, report: Path, scheme: Literal["light", "dark"]) -> None:
    """A legend shows each colour of its drawing as it is drawn there, in both themes."""
    await tab.emulate_media(color_scheme=scheme)
    await _open(tab, report)
    assert await tab.locator(".panel:has(.legend)").count() == 7
    assert await tab.evaluate(_UNEXPLAINED) == []


@pytest.mark.parametrize("language", ["nl", "en"])
async def test_a_drawing_is_never_cut_by_the_edge_of_a_sheet(tab: Page, report: Path, language: Literal["nl", "en"]) -> None:
    """On paper each figure is lower than a sheet and may not be broken, all drawings fit the width, and the first page is one sheet."""
    await _open(tab, report, language, width=round(_PAPER[0]))
    await tab.emulate_media(media="print", color_scheme="dark")
    figures: Sequence[tuple[str, float, str]] = await tab.evaluate(
        """[...document.querySelectorAll("figure, .first")].map(each =>
            [each.id, each.getBoundingClientRect().height, getComputedStyle(each).breakInside])"""
    )
    assert len(figures) == 11
    assert [name for name, height, inside in figures if height > _PAPER[1] or (inside != "avoid" and name)] == []
    assert await tab.evaluate(_SIDEWAYS) == 0
    assert await tab.evaluate("getComputedStyle(document.querySelector('.first')).breakAfter") == "page"
    # Paper is white in the dark too, and has no buttons
    assert await tab.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
    assert await tab.locator("label").first.is_visible() is False
