"""Each page in both themes, both languages and two widths: no violation that axe finds, light enough, and quick."""

from collections.abc import AsyncIterator
from typing import Final
from urllib.parse import quote

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page

from tests.browser.conftest import Country

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

_PAGES: Final = {
    "": ("/", "/published", "/accessibility"),
    "Crisisdienst": ("/tonight", "/find", "/hotel", "/waiting", "/duty"),
    "Opvang Hazelaar": ("/shelter/1", "/shelter/1/unit/u1", "/shelter/1/history", "/shelter/1/bring-in"),
    "Coördinator 1": ("/regions", "/regions/new"),
    "Onderzoeker": ("/figures", "/figures?figure=capacity&by=region", "/snapshots", "/report", "/publish"),
    "Controleur": ("/audit",),
    "Beheerder": ("/parts",),
}
_OPTIONS: Final = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
MOST_BYTES: Final = 60_000
# By the browser's own account (W3C Resource Timing), of the page and of all that it loaded
WEIGHT: Final = """[...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
    .reduce((sum, each) => sum + each.decodedBodySize, 0)"""
_SIZES: Final = ((320, "light"), (320, "dark"), (1_280, "light"), (1_280, "dark"))


@pytest.mark.parametrize("person", list(_PAGES))
async def test_axe_finds_nothing_and_no_page_is_wider_than_the_screen(country: Country, chromium: Browser, person: str) -> None:
    """WCAG 2.2 AA by axe, in Dutch and English; at 320 pixels nothing has to be scrolled sideways but a map or a table."""
    found: list[str] = []
    page = await country.open(chromium, person)
    for path in _PAGES[person]:
        for language in ("nl", "en"):
            await page.goto(f"{country.pages}/language/{language}?to={quote(path)}")
            found += [each async for each in violations(page, path)]
    assert found == []


async def violations(page: Page, path: str) -> AsyncIterator[str]:
    """Yield each violation of a page, at two widths and in both themes, and how much it is too wide."""
    for width, scheme in _SIZES:
        await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        await page.set_viewport_size({"width": width, "height": 800})
        answer = await Axe().run(page, options=_OPTIONS)
        for violation in answer.response["violations"]:
            yield f"{path} {width} {scheme} {violation['id']}: {[node['target'] for node in violation['nodes']][:3]}"
        wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            yield f"{path} {width}: {wide} pixels too wide"


async def test_a_page_is_light_and_asks_nothing_of_others(country: Country, chromium: Browser) -> None:
    """Each page weighs less than 60 kB with all it loads, and loads all of it from the pages themselves."""
    page = await country.open(chromium, "Crisisdienst")
    for path in _PAGES["Crisisdienst"]:
        await page.goto(f"{country.pages}{path}", wait_until="load")
        weight = await page.evaluate(WEIGHT)
        assert 0 < weight < MOST_BYTES, (path, weight)


async def test_a_page_that_has_faults_is_found_out(country: Country, chromium: Browser) -> None:
    """The control: a picture without a text and a line that is too wide are found."""
    page = await country.open(chromium)
    picture = "const it = new Image(); it.width = 2000; document.body.append(it)"
    await page.evaluate(picture)
    found = [each async for each in violations(page, "/")]
    assert any("image-alt" in each for each in found)
    assert any("too wide" in each for each in found)
