"""A session that ends in the middle of a form, two tabs, and the way back: nothing that was typed is lost, nothing counts twice."""

import re

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import Country

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]


async def _log_in_again(page: Page, name: str) -> None:
    """Log in from the page that says that the session is over, and send what was kept."""
    await expect(page.locator("h1")).to_have_text("U was een tijd weg")
    await page.click("main a:has-text('Inloggen')")
    await page.click(f"button:has-text('{name}')")
    await expect(page.locator("h1")).to_have_text("Wat u invulde is er nog")
    await page.click("button:has-text('Alsnog versturen')")


async def _open_of_worker(country: Country, path: str, name: str) -> int:
    """Return how many a worker of the region has open: holds that are granted, or hotels."""
    async with httpx.AsyncClient(base_url=country.services["api"].url, headers=country.callers.worker(desk="desk-breda")) as client:
        return sum(each.get("status", "granted") == "granted" for each in (await client.get(path)).json()[name])


async def test_a_hotel_that_was_typed_survives_the_end_of_the_session(country: Country, chromium: Browser) -> None:
    """A worker whose session ended while a hotel was typed logs in again and sends it, with each field as it was; it is logged once."""
    before = await _open_of_worker(country, "/v1/fallbacks", "fallbacks")
    page = await country.open(chromium, "Crisisdienst")
    await page.goto(f"{country.pages}/hotel")
    await page.fill("input[name=adults]", "2")
    await page.fill("input[name=children]", "5")
    await page.check("input[name=reason][value=at_night]")
    await page.context.clear_cookies(name="__Host-plek")
    await page.click("button.big")
    await _log_in_again(page, "Crisisdienst")
    await expect(page.locator("main .note.good")).to_contain_text("Het hotel is vastgelegd.")
    await expect(page.locator("main")).to_contain_text("2 volwassenen, 5 kinderen")
    assert await _open_of_worker(country, "/v1/fallbacks", "fallbacks") == before + 1
    country.forgive("status of 401")


async def test_an_admission_that_was_typed_survives_the_end_of_the_session(country: Country, chromium: Browser) -> None:
    """A shelter whose session ended while an admission was typed logs in again and sends it, as it was."""
    page = await country.open(chromium, "Opvang Hazelaar")
    await page.click("[data-unit=u1]")
    await page.fill("input[name=children] >> nth=-1", "2")
    await page.context.clear_cookies(name="__Host-plek")
    await page.click("button:text-is('Is binnen')")
    await _log_in_again(page, "Opvang Hazelaar")
    await expect(page.locator("h1")).to_have_text("Het is verstuurd")
    await page.click("main a:has-text('Terug naar de kamers')")
    await expect(page.locator("[data-unit=u1] small")).to_have_text("1+2")
    country.forgive("status of 401")


async def test_a_tab_of_the_session_before_loses_nothing(country: Country, chromium: Browser) -> None:
    """Logged out and in again in one tab, the form of the other is shown with what it held, and sent by one tap."""
    page = await country.open(chromium, "Opvang Hazelaar")
    await page.click("[data-unit=u2]")
    await page.fill("input[name=children] >> nth=-1", "1")
    other = await page.context.new_page()
    await other.goto(f"{country.pages}/shelter/1")
    await other.click("button:has-text('Uitloggen')")
    await other.click("text=Opnieuw inloggen")
    await other.click("button:has-text('Opvang Hazelaar')")
    await expect(other.locator(".unit")).to_have_count(3)
    await page.click("button:text-is('Is binnen')")
    await expect(page.locator("h1")).to_have_text("Wat u invulde is er nog")
    await page.click("button:has-text('Alsnog versturen')")
    await expect(page.locator("h1")).to_have_text("Het is verstuurd")
    # The other tab sees it by itself
    await expect(other.locator("[data-unit=u2] small")).to_have_text("1+1", timeout=30_000)
    country.forgive("status of 403")


async def test_two_tabs_and_a_double_click_send_a_form_once(country: Country, chromium: Browser) -> None:
    """The same form in two tabs, each clicked twice, is one admission: the second tab reads what is in the unit now."""
    page = await country.open(chromium, "Opvang Hazelaar")
    other = await page.context.new_page()
    await other.goto(f"{country.pages}/shelter/1")
    for tab in (page, other):
        await tab.click("[data-unit=u3]")
    for tab in (page, other):
        await tab.dblclick("button:text-is('Is binnen')")
        await expect(tab.locator("h1")).to_contain_text("Het is verstuurd")
    # A fact is never refused, but what looks wrong about it is said
    await expect(other.locator("[role=alert]")).not_to_have_count(0)
    await other.click("button:has-text('Draai terug')")
    await page.click("main a:has-text('Terug naar de kamers')")
    await expect(page.locator("[data-unit=u3] small")).to_have_count(1)


async def test_going_back_from_a_held_place_holds_no_second(country: Country, chromium: Browser) -> None:
    """Back from a held place are the offers of that search, with their age; whoever holds one more for this household reads why not."""
    page = await country.open(chromium, "Crisisdienst")
    await page.goto(f"{country.pages}/find")
    await page.fill("input[name=line]", "1+2")
    await page.keyboard.press("Enter")
    await page.click("form[action='/hold'] button >> nth=0")
    await page.wait_for_url(re.compile("/holds/"))
    held = page.url
    before = await _open_of_worker(country, "/v1/holds", "holds")
    await page.go_back()
    await expect(page.locator("h1")).to_have_text("Hier is plek")
    await expect(page.locator(".age").first).to_contain_text("Zo was het om")
    await page.click("form[action='/hold'] button >> nth=0")
    await expect(page.locator("h1")).to_have_text("Voor dit gezin wordt al een plek vastgehouden.")
    assert await _open_of_worker(country, "/v1/holds", "holds") == before
    await page.goto(held)
    await page.click("text=Geef de plek terug")
    country.forgive("status of 409")
