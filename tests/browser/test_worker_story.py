"""The night of a crisis worker and of a shelter, in a real browser, from the log-in to the end."""

import re

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import Country, fill_others

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]


async def _hold(page: Page, line: str = "1+2") -> str:
    """Search with one line of text and hold the first offer; return the address of the hold."""
    await page.click("main a:has-text('Zoek een plek')")
    await page.fill("input[name=line]", line)
    await page.keyboard.press("Enter")
    await page.wait_for_selector("form[action='/hold'] button")
    await page.keyboard.press("h")
    await page.wait_for_url(re.compile("/holds/"))
    return page.url


async def test_from_the_first_page_to_a_held_place_in_four_steps(country: Country, chromium: Browser) -> None:
    """Find, type, enter, `h`: the page shows a number to phone, the region, and what to say; given back, it is over."""
    page = await country.open(chromium, "Crisisdienst")
    await _hold(page)
    await expect(page.locator(".phone.huge")).to_have_text("0800-000001")
    await expect(page.locator("dl")).to_contain_text("Breda")
    await page.click("text=Geef de plek terug")
    await expect(page.locator("main [role=status]").first).to_contain_text("teruggegeven")


async def test_a_shelter_answers_and_the_worker_sees_it(country: Country, chromium: Browser) -> None:
    """A hold appears on the shelter's page by itself; its yes appears on the worker's page by itself."""
    worker = await country.open(chromium, "Crisisdienst")
    shelter = await country.open(chromium, "Opvang Hazelaar")
    await fill_others(country)
    await _hold(worker)
    await shelter.wait_for_selector("[data-waits]", timeout=10_000)
    await shelter.click("text=Ja, zij kunnen komen")
    await expect(worker.locator("h1")).to_have_text("De opvang zegt ja", timeout=10_000)
    await shelter.click(".unit.held")
    await shelter.click("button:has-text('Dit gezin is binnen')")
    await expect(shelter.locator("h1")).to_have_text("Het is verstuurd")
    await expect(worker.locator("h1")).to_have_text("Het gezin is binnen", timeout=10_000)


async def test_in_out_and_undo_in_two_taps_each(country: Country, chromium: Browser) -> None:
    """A household comes in, is undone, comes in again and leaves; each is on the history with a way back."""
    page = await country.open(chromium, "Opvang Hazelaar")
    await page.click(".unit.free >> nth=0")
    await page.fill("input[name=adults] >> nth=-1", "1")
    await page.click("button:has-text('Is binnen')")
    await expect(page.locator("h1")).to_have_text("Het is verstuurd")
    await page.click("text=Draai terug")
    await page.click("text=Terug naar de kamers")
    await expect(page.locator(".unit.free").first).to_be_visible()
    await page.click("text=Wat is er verstuurd")
    await expect(page.locator("tr.undone")).to_have_count(1)


async def test_a_hotel_is_asked_about_while_something_fits(country: Country, chromium: Browser) -> None:
    """While a fitting place is free the page says so before it logs a hotel; logged all the same, it is listed until it is undone."""
    page = await country.open(chromium, "Crisisdienst")
    await page.click("nav >> text=Hotel")
    await page.check("input[name=reason][value=nothing_free]")
    await page.click("text=Leg vast")
    await expect(page.locator("[role=alert]")).to_contain_text("er is nu een plek die past")
    await page.click("text=Toch een hotel vastleggen")
    await expect(page.locator("main [role=status]").first).to_contain_text("vastgelegd")
    await page.click("text=Vergissing: draai terug")
    await expect(page.locator("text=Niemand zit in een hotel.")).to_be_visible()
