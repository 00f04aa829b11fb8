"""Without a connection, and while parts are away: never a blank page, never a number without its age, and nothing is lost or doubled."""

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import Country, send
from tests.sent import declared
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]


async def _hotels(country: Country) -> int:
    """Return how many fallbacks are open in Breda."""
    async with httpx.AsyncClient(base_url=country.services["api"].url, headers=country.callers.worker()) as client:
        return len((await client.get("/v1/fallbacks")).json()["fallbacks"])


async def _fill(page: Page) -> None:
    await page.check("input[name=reason][value=at_night]")
    await page.click("button.big")


async def test_a_hotel_without_a_connection_is_sent_once_later(country: Country, chromium: Browser) -> None:
    """A hotel that is logged without a connection is shown as not sent yet, twice, and each is logged once when the connection is back."""
    before = await _hotels(country)
    page = await country.open(chromium, "Crisisdienst")
    for number in (1, 2):
        await page.goto(f"{country.pages}/hotel")
        await page.context.set_offline(True)
        await expect(page.locator("#offline")).to_be_visible()
        await _fill(page)
        await expect(page.locator("#outbox li")).to_have_count(1)
        await page.context.set_offline(False)
        await expect(page.locator("#outbox")).to_be_hidden(timeout=20_000)

        async def logged(expected: int = before + number) -> bool:
            return await _hotels(country) == expected

        await until(logged)
    country.forgive("ERR_INTERNET_DISCONNECTED")


async def _tap(page: Page, unit: str, dialog: str) -> None:
    """Report on a tile without a connection."""
    await page.click(f"[data-unit={unit}]")
    await page.click(f"#offline-{dialog} button")


async def test_what_a_shelter_reports_without_a_connection_is_sent_once_later_in_order(country: Country, chromium: Browser) -> None:
    """Twice without a connection: first one household in, then it out and another in; each is sent once, in order, when it is back."""
    page = await country.open(chromium, "Opvang Hazelaar")
    sent: list[str] = []
    page.context.on("response", lambda answer: sent.append(answer.url.rpartition("/")[2]) if answer.request.method == "POST" else None)
    rounds = ([("u1", "in")], [("u1", "out"), ("u2", "in")])
    for taps, state in zip(rounds, (["u1"], ["u2"]), strict=True):
        await page.context.set_offline(True)
        await expect(page.locator("#offline")).to_be_visible()
        for number, (unit, dialog) in enumerate(taps, 1):
            await _tap(page, unit, dialog)
            await expect(page.locator("#outbox li")).to_have_count(number)
        await page.context.set_offline(False)
        await expect(page.locator("#outbox")).to_be_hidden(timeout=20_000)
        await expect(page.locator(".unit.occupied")).to_have_count(1, timeout=10_000)
        for unit in state:
            await expect(page.locator(f"[data-unit={unit}]")).to_have_class("unit occupied", timeout=10_000)
    assert sent == ["admissions", "discharges", "admissions"]
    await page.goto(f"{country.pages}/shelter/1/history")
    newest = await page.locator("tbody tr td:nth-child(2)").all_inner_texts()
    assert ["u2" in newest[0], "u1" in newest[2]] == [True, True], newest
    country.forgive("ERR_INTERNET_DISCONNECTED")


async def test_two_tabs_have_one_outbox(country: Country, chromium: Browser) -> None:
    """Two tabs without a connection each keep a hotel; when it is back, both tabs send at once, and each hotel is logged once."""
    before = await _hotels(country)
    page = await country.open(chromium, "Crisisdienst")
    tabs = [page, await page.context.new_page()]
    for tab in tabs:
        await tab.goto(f"{country.pages}/hotel")
    await page.context.set_offline(True)
    for tab in tabs:
        await expect(tab.locator("#offline")).to_be_visible()
        await _fill(tab)
        await expect(tab.locator("#outbox li")).to_have_count(1 + tabs.index(tab))
    await page.context.set_offline(False)
    for tab in tabs:
        await expect(tab.locator("#outbox")).to_be_hidden(timeout=30_000)

    async def logged() -> bool:
        return await _hotels(country) == before + 2

    await until(logged)
    country.forgive("ERR_INTERNET_DISCONNECTED")


async def test_the_duty_list_is_there_without_a_connection(country: Country, chromium: Browser) -> None:
    """Once it was looked at, the duty list is shown without a connection, whatever page is asked for, with its date."""
    page = await country.open(chromium, "Crisisdienst")
    await page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    await page.goto(f"{country.pages}/duty")
    await page.context.set_offline(True)
    await page.goto(f"{country.pages}/tonight")
    await expect(page.locator("h1")).to_have_text("Bellijst")
    await expect(page.locator(".age")).to_contain_text("klopte op")
    await page.context.set_offline(False)
    country.forgive("ERR_INTERNET_DISCONNECTED")


async def test_while_the_api_is_away_a_page_says_so_and_comes_back(country: Country, chromium: Browser) -> None:
    """With the API killed the page says what is not known and where the numbers are; started again, it shows the night."""
    page = await country.open(chromium, "Crisisdienst")
    await country.services["api"].kill()
    await page.goto(f"{country.pages}/tonight")
    await expect(page.locator("[role=alert]")).to_contain_text("niet bekend")
    await page.goto(f"{country.pages}/find")
    await page.fill("input[name=line]", "1+1")
    await page.keyboard.press("Enter")
    await expect(page.locator("[role=alert]")).to_contain_text("niet bereikbaar")
    await expect(page.locator("input[name=line]")).to_have_value("1+1")
    await country.services["api"].start()
    await page.click("button.big")
    await expect(page.locator("h1")).to_have_text("Hier is plek", timeout=15_000)
    country.forgive("503", "ERR_")


async def test_two_browsers_want_the_last_place_and_one_has_it(country: Country, chromium: Browser) -> None:
    """Two workers are offered the one place for ten persons and click twice: one holds it, the other reads that it has just gone."""
    await send(country, declared("u9", "els", max_adults=4, max_children=6, beds=10))
    pages = [await country.open(chromium, "Crisisdienst") for _ in range(2)]
    for page in pages:
        await page.goto(f"{country.pages}/find")
        await page.fill("input[name=line]", "4+6")
        await page.keyboard.press("Enter")
        await expect(page.locator("form[action='/hold'] button")).to_have_count(1)
    for page in pages:
        await page.dblclick("form[action='/hold'] button")
    await expect(pages[0].locator(".phone.huge")).to_be_visible()
    await expect(pages[1].locator("[role=alert]").first).to_contain_text("net weg")
    country.forgive("409")
