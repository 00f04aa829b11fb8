"""Parts away while pages of a worker, a shelter and a coordinator are open: each says so, none is blank, and each comes back by itself."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import Country
from tests.controlled_servers import Kafka, Valkey
from tests.leak.watch import WATCH

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.asyncio(loop_scope="session")]

# A page that asks by itself does so each half minute; a service that was away is asked again within seconds
_BACK_MS: Final = 90_000
_SHOWS: Final = """() => {
    const main = document.getElementById('main'), aged = main.querySelector('.age, .note.bad');
    const shown = (each) => Boolean(each && each.getClientRects().length && each.textContent.trim());
    return { blank: !shown(main.querySelector('h1')), bare: Boolean(main.querySelector('.units, table, .cards .card')) && !shown(aged) };
}"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def kafka(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> AsyncIterator[Kafka]:
    """Start a broker of this module's own, to kill."""
    async with Kafka(tmp_path_factory.mktemp("kafka"), cache) as server:
        yield server
        await WATCH.left_in(server)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def valkey(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Valkey]:
    """Start a Valkey of this module's own, to kill."""
    async with Valkey(tmp_path_factory.mktemp("valkey")) as server:
        yield server
        await WATCH.left_in(server)


@dataclass(frozen=True)
class _Open:
    """Pages that are open when something is killed."""

    worker: Page
    shelter: Page
    coordinator: Page

    async def check(self, *, anew: bool = False) -> None:
        """Check that none is blank and none has a number without its age; `anew`: as each is when it is asked for now."""
        for page in (self.worker, self.shelter, self.coordinator):
            if anew:
                await page.reload()
            assert await page.evaluate(_SHOWS) == {"blank": False, "bare": False}, page.url


async def _opened(country: Country, chromium: Browser) -> _Open:
    pages = _Open(*[await country.open(chromium, name) for name in ("Crisisdienst", "Opvang Hazelaar", "Coördinator 1")])
    await expect(pages.worker.locator("h1")).to_have_text("Vannacht")
    await expect(pages.shelter.locator(".unit")).to_have_count(3)
    await expect(pages.coordinator.locator("tbody tr")).to_have_count(6)
    return pages


async def _count(page: Page, free: int = 3) -> None:
    await page.fill("input[name=free]", str(free))
    await page.click("button:has-text('Dit klopt')")


def _forgive(country: Country) -> None:
    """Forgive what a browser says of answers that did not come."""
    country.forgive("status of 503", "status of 500", "ERR_", "status of 409")


async def test_without_the_gateway_a_shelter_sends_again_with_one_tap(country: Country, chromium: Browser) -> None:
    """What a shelter sends without the gateway is refused in words, and sent by one tap once it is back; others lack a part at most."""
    pages = await _opened(country, chromium)
    await country.services["gateway"].kill()
    await pages.check()
    await pages.check(anew=True)
    await expect(pages.coordinator.locator("[role=alert]")).to_contain_text("niet bekend")
    await expect(pages.coordinator.locator("tbody tr")).to_have_count(6)
    await _count(pages.shelter)
    await expect(pages.shelter.locator("h1")).to_contain_text("niet bereikbaar")
    await country.services["gateway"].start()
    await pages.shelter.click("button:has-text('Probeer het nog een keer')")
    await expect(pages.shelter.locator("h1")).to_have_text("Het is verstuurd")
    await pages.check(anew=True)
    await expect(pages.coordinator.locator("[role=alert]")).to_have_count(0)
    _forgive(country)


async def test_without_kafka_numbers_have_a_warning_and_a_hotel_waits(country: Country, chromium: Browser, kafka: Kafka) -> None:
    """With Kafka away numbers have a warning and their time, a hotel is kept, a count is refused in words; all comes back by itself."""
    pages = await _opened(country, chromium)
    await kafka.kill()
    warning = ".note.bad:has-text('Let op: dit was zo om')"
    try:
        await pages.check()
        for page in (pages.worker, pages.shelter, pages.coordinator):
            await expect(page.locator(warning)).to_be_visible(timeout=_BACK_MS)
        await pages.check(anew=True)
        await _count(pages.shelter)
        await expect(pages.shelter.locator("h1")).to_contain_text("Er kan nu niets")
        await pages.worker.goto(f"{country.pages}/hotel")
        await pages.worker.check("input[name=reason][value=at_night]")
        await pages.worker.click("button.big")
        await pages.worker.wait_for_selector("main [role=status], button:has-text('Toch een hotel')")
        if await pages.worker.locator("button:has-text('Toch een hotel')").count():
            await pages.worker.click("button:has-text('Toch een hotel')")
        await expect(pages.worker.locator("main .note.good")).to_contain_text("bewaard")
        await pages.check()
    finally:
        await kafka.start()
    for page in (pages.worker, pages.coordinator):
        await expect(page.locator(warning)).to_have_count(0, timeout=_BACK_MS)
    await expect(pages.worker.locator("form[action$='/undo']")).to_have_count(1, timeout=_BACK_MS)
    await pages.shelter.click("button:has-text('Probeer het nog een keer')")
    await expect(pages.shelter.locator("h1")).to_have_text("Het is verstuurd")
    _forgive(country)


async def test_without_the_view_pages_say_that_nothing_is_known(country: Country, chromium: Browser, valkey: Valkey) -> None:
    """With Redis away no page makes up a number: it says what is not known and where the numbers to phone are; and comes back by itself."""
    pages = await _opened(country, chromium)
    await valkey.kill()
    try:
        await pages.check()
        await pages.check(anew=True)
        await expect(pages.worker.locator("[role=alert]")).to_contain_text("niet bekend")
        await expect(pages.shelter.locator("h1")).to_contain_text("niet bekend")
        await expect(pages.shelter.locator("main a[href='/duty']")).to_be_visible()
        await expect(pages.coordinator.locator("[role=alert]")).to_contain_text("niet bekend")
        await pages.worker.goto(f"{country.pages}/find")
        await pages.worker.fill("input[name=line]", "1+2")
        await pages.worker.keyboard.press("Enter")
        await expect(pages.worker.locator("[role=alert]")).to_contain_text("niet bekend")
        await expect(pages.worker.locator("input[name=line]")).to_have_value("1+2")
    finally:
        await valkey.start()
    await expect(pages.coordinator.locator("tbody tr")).to_have_count(6, timeout=_BACK_MS)
    await expect(pages.coordinator.locator("[role=alert]")).to_have_count(0, timeout=_BACK_MS)
    await pages.worker.click("button.big")
    await expect(pages.worker.locator("h1")).to_have_text("Hier is plek", timeout=_BACK_MS)
    await pages.shelter.click("main .button")
    await expect(pages.shelter.locator(".unit")).to_have_count(3)
    _forgive(country)


async def test_without_the_api_open_pages_say_so_and_come_back(country: Country, chromium: Browser) -> None:
    """With the API killed what is open stays, with its time and a warning; started again, pages show by themselves what has changed."""
    pages = await _opened(country, chromium)
    await country.services["api"].kill()
    await expect(pages.shelter.locator("#offline")).to_be_visible(timeout=_BACK_MS)
    await expect(pages.worker.locator("main [role=alert]")).to_contain_text("niet bekend", timeout=_BACK_MS)
    await expect(pages.worker.locator("main")).not_to_contain_text("Er wordt niets vastgehouden")
    await expect(pages.coordinator.locator("main [role=alert]")).to_contain_text("niet bekend", timeout=_BACK_MS)
    await expect(pages.coordinator.locator("tbody")).to_have_text("Nu niet bekend.")
    await pages.check()
    await country.services["api"].start()
    await expect(pages.shelter.locator("#offline")).to_be_hidden(timeout=_BACK_MS)
    await _count(pages.shelter, 2)
    await expect(pages.shelter.locator("h1")).to_contain_text("Het is verstuurd")
    await expect(pages.coordinator.locator("tbody")).to_contain_text("telde 2 vrij, Plek 3", timeout=_BACK_MS)
    await expect(pages.worker.locator("main [role=alert]")).to_have_count(0, timeout=_BACK_MS)
    await pages.check()
    _forgive(country)
