"""Who watches over Plek, in a real browser: an operator, an auditor, and a worker who looks back."""

import asyncio
import re
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from services.adapters.kafka.clients import new_producer
from services.adapters.kafka.topics import Topics
from tests.browser.conftest import Country
from tests.cli.events.test_elsewhere import plek
from tests.controlled_servers import Kafka
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]


async def _verify(country: Country, folder: Path, *verb: str) -> str:
    """Run a check as an operator does at a terminal, and return what it printed."""
    settings = country.settings
    there = {"PLEK_KAFKA": settings.kafka, "PLEK_REDIS": settings.redis, "PLEK_PREFIX": settings.prefix}
    done = await asyncio.to_thread(plek, folder, *verb, **there)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


async def _search(page: Page) -> None:
    await page.click("main a:has-text('Zoek een plek')")
    await page.fill("input[name=line]", "1+2")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("form[action='/hold'] button")


async def test_an_operator_sees_a_dead_letter_and_the_last_verification(
    country: Country, chromium: Browser, kafka: Kafka, tmp_path: Path
) -> None:
    """A record that is no event is listed with its reason; the page says that nothing was verified, and then what the command found."""

    async def refused() -> bool:
        async with httpx.AsyncClient(base_url=country.services["api"].url, headers=country.callers.operator) as client:
            return bool((await client.get("/v1/operator/dead-letters")).json()["dead_letters"])

    page = await country.open(chromium, "Beheerder")
    await page.goto(f"{country.pages}/parts")
    await expect(page.locator("main")).to_contain_text("In de laatste 90 dagen is er niets geweigerd.")
    await expect(page.locator("main")).to_contain_text("De stand is nog nooit met het log vergeleken. Dat kan met: plek verify")
    async with new_producer(kafka.brokers) as producer:
        await producer.send_and_wait(Topics(country.settings.prefix).bed_events, b"Kerkstraat 12", b"hazelaar-1")
    await until(refused)
    assert "0 differences" in await _verify(country, tmp_path, "verify")
    await page.reload()
    await expect(page.locator("main")).to_contain_text("niet te lezen: geen JSON")
    await expect(page.locator("main")).to_contain_text("geen verschil")
    await expect(page.locator("main")).to_contain_text("Alle berichten zijn verwerkt.")
    assert "Kerkstraat" not in await page.content()


async def test_a_worker_sees_the_own_search_and_an_auditor_finds_it(country: Country, chromium: Browser, tmp_path: Path) -> None:
    """A search is on the worker's own trail, under a pseudonym by which the auditor finds it; the chains were checked up to a record."""
    worker, auditor = await country.open(chromium, "Crisisdienst"), await country.open(chromium, "Controleur")
    await _search(worker)
    await worker.click("footer >> text=Wat ik deed en bekeek")
    await expect(worker.locator("tbody")).to_contain_text("Een plek gezocht")
    await expect(worker.locator("tbody")).not_to_contain_text("hazelaar")
    pseudonym = await worker.locator("main code").first.inner_text()
    await auditor.goto(f"{country.pages}/audit")
    await expect(auditor.locator("main")).to_contain_text("Dat kan met: plek audit verify")
    await auditor.fill("input[name=user]", pseudonym)
    await auditor.select_option("select[name=event]", "search-made")
    await auditor.click("button:text-is('Zoek')")
    await expect(auditor.locator("tbody tr").first).to_contain_text("Een plek gezocht")
    assert await auditor.locator(f"tbody button[name=user]:not([value='{pseudonym}'])").count() == 0
    assert auditor.url == f"{country.pages}/audit"
    assert "hold together" in await _verify(country, tmp_path, "audit", "verify")
    await auditor.reload()
    await expect(auditor.locator("main")).to_contain_text("records kloppen.")


async def test_the_search_works_without_script(country: Country, chromium: Browser) -> None:
    """With script switched off an auditor presses the pseudonym of a shelter, and reads who looked at it."""
    async with httpx.AsyncClient(base_url=country.services["api"].url, headers=country.callers.shelter("els")) as client:
        assert (await client.get("/v1/shelters")).status_code == 200
    page = await country.open(chromium, "Controleur", java_script_enabled=False)
    await page.goto(f"{country.pages}/audit")
    pseudonym = await page.locator("tbody td:nth-child(4) button.plain").first.get_attribute("value") or ""
    await page.click(f"button.plain[value='{pseudonym}'] >> nth=0")
    await expect(page.locator("input[name=object]")).to_have_value(pseudonym)
    await expect(page.locator("tbody tr").first).to_contain_text(pseudonym[:8])


async def test_two_auditors_open_a_shelter_together(country: Country, chromium: Browser) -> None:
    """One asks with a reason and sees no name; the other joins, without script too, and both read it; no address of a page has it."""
    async with httpx.AsyncClient(base_url=country.services["api"].url, headers=country.callers.shelter("els")) as client:
        assert (await client.get("/v1/shelters")).status_code == 200
    first = await country.open(chromium, "Controleur")
    second = await country.open(chromium, "Controleur 2", java_script_enabled=False)
    await first.goto(f"{country.pages}/audit")
    await first.select_option("select[name=event]", "shelters-shown")
    await first.click("button:text-is('Zoek')")
    await first.click("tbody tr:first-child td:nth-child(4) button.plain")
    assert "els" not in re.findall(r"[a-z0-9-]+", await first.inner_text("tbody"))
    await first.select_option("select[name=reason]", "complaint")
    await first.click("button:text-is('Vraag om te openen')")
    await expect(first.locator("main")).to_contain_text("Een tweede controleur moet dat ook vragen")
    await second.goto(f"{country.pages}/audit")
    await expect(second.locator("main")).to_contain_text("te openen: Er is een klacht.")
    await second.click("button:text-is('Open het samen')")
    for page in (first, second):
        await page.goto(f"{country.pages}/audit")
        await expect(page.locator("main")).to_contain_text("Geopend voor controleurs tot")
        await expect(page.locator("tbody button.plain[value='els']").first).to_be_visible()
        assert "els" not in page.url
