"""The work of each role with the keyboard alone: each step is reached with Tab, and seen when it is."""

import re
from typing import Final

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import Country

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

# A page has no more to stop at than this, with every region to choose from
_MOST_STOPS: Final = 120
_IS: Final = "selector => document.activeElement !== document.body && document.activeElement.matches(selector)"
_SEEN: Final = """() => {
    const style = getComputedStyle(document.activeElement), box = document.activeElement.getBoundingClientRect();
    return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 && box.width > 0 && box.top >= 0
        && box.bottom <= innerHeight + 1;
}"""


async def _reach(page: Page, selector: str) -> None:
    """Go to something with Tab, and check that it can be seen that one is there (WCAG 2.4.7 and 2.4.11)."""
    for _ in range(_MOST_STOPS):
        if await page.evaluate(_IS, selector):
            assert await page.evaluate(_SEEN), f"{selector} has the focus, and it can't be seen"
            return
        await page.keyboard.press("Tab")
    pytest.fail(f"no Tab leads to {selector} on {page.url}")


async def _press(page: Page, selector: str) -> None:
    await _reach(page, selector)
    await _enter(page)


async def _enter(page: Page) -> None:
    """Press Enter where that leads to another page."""
    async with page.expect_navigation():
        await page.keyboard.press("Enter")


async def _log_in(country: Country, chromium: Browser, name: str) -> Page:
    """Log in without touching the mouse."""
    page = await country.open(chromium)
    await _press(page, "main a[href='/login']")
    await expect(page.locator("h1")).to_contain_text("Wie bent u?")
    stop = await page.locator("button").evaluate_all(
        "(buttons, name) => buttons.findIndex((each) => each.textContent.includes(name))", name
    )
    for _ in range(_MOST_STOPS):
        await page.keyboard.press("Tab")
        if await page.evaluate("stop => document.activeElement === document.querySelectorAll('button')[stop]", stop):
            break
    await _enter(page)
    await page.wait_for_url(f"{country.pages}/**")
    await expect(page).not_to_have_title(re.compile("Ingelogd"))
    return page


async def test_a_worker_finds_holds_and_gives_back_with_the_keyboard(country: Country, chromium: Browser) -> None:
    """From the first page to a held place and back, and a hotel, with Tab, Enter, Space and the arrows alone."""
    page = await _log_in(country, chromium, "Crisisdienst")
    await _press(page, "main a.big")
    await _reach(page, "input[name=line]")
    await page.keyboard.type("1+2")
    await _enter(page)
    await _press(page, "form[action='/hold'] button")
    await page.wait_for_url(re.compile("/holds/"))
    await _press(page, "form[action$='/release'] button")
    await expect(page.locator("main .note.good")).to_contain_text("De plek is teruggegeven.")
    await _press(page, "nav a[href='/hotel']")
    await _reach(page, "input[name=reason]")
    await page.keyboard.press("Space")
    await page.keyboard.press("ArrowDown")
    await _press(page, "main button.big")
    await expect(page.locator("[role=alert]")).to_contain_text("er is nu een plek die past")
    await _press(page, "form[action='/hotel'] button.big")
    await expect(page.locator("main .note.good")).to_contain_text("Het hotel is vastgelegd.")
    await _press(page, "form[action$='/undo'] button")
    await expect(page.locator("main")).to_contain_text("Niemand zit in een hotel.")


async def test_a_shelter_reports_in_and_out_with_the_keyboard(country: Country, chromium: Browser) -> None:
    """A household in, out to a destination that is chosen with the arrows, and the count, with the keyboard alone."""
    page = await _log_in(country, chromium, "Opvang Hazelaar")
    await _press(page, "a.unit.free")
    await _reach(page, "form:not(:has(input[name=hold])) input[name=children]")
    await page.keyboard.press("ArrowUp")
    await _press(page, "form[action$='/admissions'] button.button")
    await expect(page.locator("h1")).to_have_text("Het is verstuurd")
    # After what was sent Enter alone leads on
    await _enter(page)
    await expect(page.locator(".unit.occupied small")).to_have_text("1+1")
    await _press(page, "a.unit.occupied")
    await _reach(page, "input[name=destination]")
    await page.keyboard.press("ArrowDown")
    await _press(page, "form[action$='/discharges'] button.button")
    await expect(page.locator("h1")).to_contain_text("Het is verstuurd")
    await _enter(page)
    await expect(page.locator(".unit.occupied")).to_have_count(0)
    await _press(page, "form[action$='/counts'] button")
    await expect(page.locator("h1")).to_contain_text("Het is verstuurd")


async def test_two_coordinators_propose_and_confirm_with_the_keyboard(country: Country, chromium: Browser) -> None:
    """A new shelter is proposed by one and confirmed by another, with Tab, Enter and typing alone."""
    first = await _log_in(country, chromium, "Coördinator 1")
    await _press(first, "nav a[href='/regions/new']")
    for field, value in {"shelter": "vlier", "name": "Opvang Vlier", "organisation": "org-7", "intake_phone": "0800-000123"}.items():
        await _reach(first, f"input[name={field}]")
        await first.keyboard.type(value)
    await _press(first, "main form button.button:not(.secondary)")
    await expect(first.locator("h1")).to_have_text("Het is voorgesteld")
    second = await _log_in(country, chromium, "Coördinator 2")
    await _press(second, "form[action$='/confirm'] button")
    await expect(second.locator("main .note.good")).to_contain_text("Het voorstel is bevestigd.")


async def test_an_analyst_asks_and_an_auditor_searches_with_the_keyboard(country: Country, chromium: Browser) -> None:
    """An analyst chooses a figure and sees it, and an auditor finds who looked at figures, with the keyboard alone."""
    analyst = await _log_in(country, chromium, "Onderzoeker")
    await _reach(analyst, "select[name=figure]")
    await analyst.keyboard.type("Bez")
    await _press(analyst, "main form button")
    await expect(analyst.locator("h2")).to_contain_text("Bezetting")
    auditor = await _log_in(country, chromium, "Controleur")
    await _reach(auditor, "select[name=event]")
    await auditor.keyboard.type("Cijfers bek")
    await _press(auditor, "main form button")
    await expect(auditor.locator("tbody tr").first).to_contain_text("Cijfers bekeken")


async def test_what_cannot_be_reached_is_found_out(country: Country, chromium: Browser) -> None:
    """The control: a button that Tab leaves out is not reached, and one whose focus can't be seen is found."""
    page = await country.open(chromium)
    await page.evaluate("document.querySelector(\"main a[href='/login']\").tabIndex = -1")
    with pytest.raises(pytest.fail.Exception):
        await _reach(page, "main a[href='/login']")
    await page.evaluate("document.querySelector('a.brand').style.outline = 'none'")
    with pytest.raises(AssertionError):
        await _reach(page, "a.brand")
