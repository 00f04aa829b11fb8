"""Two coordinators: one proposes, the other confirms; whom to phone first is on top. With script and with script switched off."""

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import Country
from tests.browser.forms import Sent, forms_of
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]


async def _press(page: Page, text: str) -> None:
    await page.click(f"main button:has-text('{text}') >> nth=0")


async def _shown(page: Page, country: Country, selector: str) -> None:
    """Look at the regions until something is there: without script no page shows by itself what has changed."""

    async def shown() -> bool:
        await page.goto(f"{country.pages}/regions")
        return await page.locator(selector).count() > 0

    await until(shown)


async def _decided(second: Page, country: Country, text: str, said: str) -> None:
    """Decide on the newest proposal as the second coordinator."""
    await _shown(second, country, f"main button:has-text('{text}')")
    await _press(second, text)
    await expect(second.locator("main .note.good")).to_contain_text(said)


async def _opened(page: Page, country: Country, name: str) -> None:
    await _shown(page, country, f"tr:has-text('{name}')")
    await page.click(f"tr:has-text('{name}') button:has-text('Kamers en gegevens')")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
async def test_one_proposes_and_another_confirms(country: Country, chromium: Browser, *, script: bool) -> None:
    """A new shelter, its units, and another number are proposed by one, and confirmed or rejected by the other; nobody confirms the own."""
    first = await country.open(chromium, "Coördinator 1", java_script_enabled=script)
    second = await country.open(chromium, "Coördinator 2", java_script_enabled=script)
    sent, name = Sent(), "Opvang Esdoorn" if script else "Opvang Vlier"
    for page in (first, second):
        sent.watch(page.context)

    await first.click("nav a:has-text('Nieuwe opvang')")
    fields = {
        "shelter": "esdoorn" if script else "vlier",
        "name": name,
        "organisation": "org-7",
        "intake_phone": "0800-000123",
        "units": "2",
    }
    for field, value in fields.items():
        await first.fill(f"input[name={field}]", value)
    await _press(first, "Stel voor")
    await expect(first.locator("h1")).to_have_text("Het is voorgesteld")
    await _shown(first, country, "main button:has-text('Trek in')")
    await expect(first.locator("main button:has-text('bevestig')")).to_have_count(0)
    await _decided(second, country, "Klopt: bevestig", "Het voorstel is bevestigd.")
    for page in (first, second):
        await _shown(page, country, f"tr:has-text('{name}')")
    await expect(second.locator(f"tr:has-text('{name}')")).to_contain_text("nog nooit")
    # Never heard of: to be phoned before all others
    await expect(second.locator("tbody tr").first).to_contain_text("0800-000123")

    await _opened(first, country, name)
    await _press(first, "Meld aan")
    await expect(first.locator("h1")).to_contain_text("Het")
    await _opened(first, country, name)
    await first.fill("input[name=intake_phone]", "0800-000456")
    await _press(first, "Stel voor")
    await expect(first.locator("h1")).to_have_text("Het is voorgesteld")
    await _decided(second, country, "Klopt niet: wijs af", "Het voorstel is afgewezen.")
    await _opened(second, country, name)
    await expect(second.locator("input[name=intake_phone]")).to_have_value("0800-000123")
    await _press(second, "Meld af")
    await expect(second.locator("h1")).to_contain_text("Het")
    assert sent.missing(forms_of("coordinator")) == set()
