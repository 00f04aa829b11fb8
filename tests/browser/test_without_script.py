"""With script switched off: the forms that are in no story, of analysts, auditors and everyone, and of a session that has ended."""

import re

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import Country
from tests.browser.forms import Sent, forms_of

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

# Shown once there is a snapshot, or a year to publish, and neither is here: tests/web/analyst sends them
_OF_A_YEAR = {
    ("GET", "/published"),
    ("GET", "/publish"),
    ("GET", "/report"),
    ("GET", "/snapshots"),
    ("POST", "/publish"),
    ("POST", "/publish/confirm"),
}


@pytest.mark.parametrize(("person", "path", "folder"), [("Onderzoeker", "/figures", "analyst"), ("Controleur", "/audit", "oversight")])
async def test_those_who_read_choose_what_they_see(country: Country, chromium: Browser, person: str, path: str, folder: str) -> None:
    """The forms of an analyst and of an auditor lead to what was chosen."""
    page = await country.open(chromium, person, java_script_enabled=False)
    sent = Sent()
    sent.watch(page.context)
    await page.goto(f"{country.pages}{path}")
    await page.click("main form button")
    await expect(page.locator("main h1")).to_be_visible()
    if person == "Controleur":
        await _ask_to_open(page)
    assert sent.missing(forms_of(folder)) - _OF_A_YEAR == set()


async def _ask_to_open(page: Page) -> None:
    """Choose the first pseudonym that is listed, and ask to open it."""
    listed = page.locator("main table button[name=object]")
    values = [await each.get_attribute("value") or "" for each in await listed.all()]
    await listed.nth(next(place for place, value in enumerate(values) if re.fullmatch("[0-9a-f]{32}", value))).click()
    await page.click("form[action='/audit/openings'] button")
    await expect(page.locator("main", has_text="Een tweede controleur moet dat ook vragen")).to_be_visible()


async def test_what_was_typed_is_kept_and_one_can_log_out(country: Country, chromium: Browser) -> None:
    """The session ended while a hotel was typed: after the log-in the form is sent as it was; logging out works too."""
    page = await country.open(chromium, "Crisisdienst", java_script_enabled=False)
    sent = Sent()
    sent.watch(page.context)
    await page.goto(f"{country.pages}/hotel")
    await page.check("input[name=reason][value=at_night]")
    await page.context.clear_cookies(name="__Host-plek")
    await page.click("button.big")
    await page.click("main a:has-text('Inloggen')")
    await page.click("button:has-text('Crisisdienst')")
    await page.click("button:has-text('Alsnog versturen')")
    await page.click("button:has-text('Toch een hotel vastleggen')")
    await expect(page.locator("main .note.good")).to_contain_text("Het hotel is vastgelegd.")
    await page.click("button:has-text('Uitloggen')")
    await expect(page.locator("h1")).to_have_text("U bent uitgelogd")
    assert sent.missing(forms_of(".")) == set()
    country.forgive("status of 401")
