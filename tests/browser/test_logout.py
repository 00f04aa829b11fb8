"""Logging out ends a session everywhere: the API, the gateway and the monitor refuse the token from then on."""

import re
from typing import Final

import httpx
import pytest
from playwright.async_api import Browser, expect

from services.adapters.clock import now_ms
from services.local.identity.tokens import Person, Role, TokenIssuer
from tests.browser.conftest import Country
from tests.waiting import until

# What only the session before may see: the number of a shelter, the offers, the household
_SECRET: Final = ("0800-000001", "Hier is plek", "2 kinderen", "/holds/")
pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]


async def test_a_token_is_refused_by_every_service_after_log_out(country: Country) -> None:
    """A token that was given back at the API is refused there, at the gateway and at the monitor, within seconds."""
    issuer = TokenIssuer(country.callers.keys, country.settings.issuer, country.settings.audience)
    token = issuer.token(Person(role=Role.OPERATOR, subject="leaves"), now_ms(), 1)
    asked = {"api": "/v1/me", "gateway": "/v1/refusals", "monitor": "/v1/monitor/definitions"}

    async def answers() -> list[int]:
        found = []
        for name, path in asked.items():
            async with httpx.AsyncClient(base_url=country.services[name].url, headers={"Authorization": f"Bearer {token}"}) as client:
                found.append((await client.get(path)).status_code)
        return found

    assert set(await answers()) == {200}
    async with httpx.AsyncClient(base_url=country.services["api"].url, headers={"Authorization": f"Bearer {token}"}) as client:
        assert (await client.post("/v1/logout")).json() == {"status": "logged-out"}

    async def refused() -> bool:
        return set(await answers()) == {401}

    await until(refused)


async def test_after_log_out_the_back_button_shows_nothing(country: Country, chromium: Browser) -> None:
    """Going back after a log-out shows the log-in, and no page of before; the duty list alone is kept, without a connection."""
    page = await country.open(chromium, "Crisisdienst")
    await page.goto(f"{country.pages}/duty")
    await page.click("button:has-text('Uitloggen')")
    await expect(page.locator("h1")).to_have_text("U bent uitgelogd")
    await page.go_back()
    await expect(page.locator("h1")).not_to_have_text("Vannacht")
    await page.goto(f"{country.pages}/tonight")
    await expect(page.locator("h1")).to_contain_text("Wie bent u?")


async def test_after_log_out_nothing_of_the_session_is_left_in_the_browser(country: Country, chromium: Browser) -> None:
    """A browser that was logged out after a search and a hold shows neither, keeps no cookie of it, and shows it to no next person."""
    page = await country.open(chromium, "Crisisdienst")
    await page.goto(f"{country.pages}/find")
    await page.fill("input[name=line]", "1+2")
    await page.keyboard.press("Enter")
    await page.wait_for_url(re.compile("/offers/"))
    offers = page.url
    await page.click("form[action='/hold'] button >> nth=0")
    await page.wait_for_url(re.compile("/holds/"))
    hold = page.url
    await page.click("text=Geef de plek terug")
    await page.click("button:has-text('Uitloggen')")
    await expect(page.locator("h1")).to_have_text("U bent uitgelogd")
    assert [each.get("name") for each in await page.context.cookies() if each.get("name") != "plek-language"] == []
    for _ in range(5):
        await page.go_back()
        shown = await page.content()
        assert not [secret for secret in _SECRET if secret in shown], page.url
    for address in (offers, hold):
        await page.goto(address)
        await expect(page.locator("h1")).to_contain_text("Wie bent u?")
    await page.click("button:has-text('Coördinator 1')")
    await expect(page.locator("h1")).to_have_text("Deze pagina is niet voor uw rol.")
    await page.goto(offers)
    await expect(page.locator("main")).not_to_contain_text("Hier is plek")
    kept = await page.evaluate(
        "caches.keys().then((names) => Promise.all(names.map(async (name) => (await (await caches.open(name)).keys())"
        ".map((each) => new URL(each.url).pathname)))).then((paths) => paths.flat().filter((path) => !path.startsWith('/static/')))"
    )
    assert set(kept) <= {"/duty"}
    country.forgive("status of 403")
