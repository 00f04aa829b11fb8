"""Logging out ends a session everywhere: the API, the gateway and the monitor refuse the token from then on."""

import httpx
import pytest
from playwright.async_api import Browser, expect

from services.adapters.clock import now_ms
from services.local.identity.tokens import Person, Role, TokenIssuer
from tests.browser.conftest import Country
from tests.waiting import until

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
