"""How fast a page is: from an event to the screen with a hundred pages open, and from a search to a held place."""

import time
from typing import Any, Final

import pytest
from playwright.async_api import Browser

from tests.browser.conftest import SHELTERS, Country, send
from tests.browser.light_pages import Person, open_pages
from tests.sent import admitted, event, registered, uuid

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.timeout(600), pytest.mark.asyncio(loop_scope="session")]

# A hundred pages: four in browsers, four light ones of each of these people
_SCREENS: Final = ("Opvang Hazelaar", "Opvang Hazelaar", "Coördinator 1", "Coördinator 1")
_WORKERS: Final = 18
_EACH: Final = 4
_EVENTS: Final = 30
# The aim is a second, and a machine with nothing else to do needs 0.6; one of two cores that runs other tests beside it needs longer
_MOST_S: Final = 3.0
_HELD_S: Final = 10.0
_WATCH: Final = """([selector, text]) => {
    const shown = () => document.querySelector(selector)?.textContent.includes(text);
    window.seen = new Promise((resolve) => {
        if (shown()) resolve(0);
        const observer = new MutationObserver(() => { if (shown()) { observer.disconnect(); resolve(Date.now()); } });
        observer.observe(document.getElementById("main"), { childList: true, subtree: true });
    });
}"""
_NUMBER: Final = "0800-000777"
# Where an admission into u2 of the own shelter can be seen, and what stands there then and after the discharge
_SEEN: Final = {
    "Opvang Hazelaar": ("[data-unit=u2]", "Bezet", "Vrij"),
    "Coördinator 1": ("main tbody tr:has(a[href='tel:0800000777']) td:nth-child(4)", "1", "0"),
}


def _event(number: int) -> dict[str, Any]:
    """Make the next admission or discharge of unit u2."""
    stay = 900 + number // 2
    if number % 2 == 0:
        return admitted("u2", "hazelaar-1", stay)
    return event("discharge", "hazelaar-1", stay=uuid(stay), destination="unknown", unit_ready=True, number=stay)


async def test_an_event_is_soon_on_the_screen_with_a_hundred_pages_open(country: Country, chromium: Browser) -> None:
    """From sending an event to the change in four browsers among a hundred pages, measured in the browser: 99 of 100 are soon."""
    own = registered("hazelaar-1", organisation="org-0", number=1)
    await send(country, own | {"data": own["data"] | {"intake_phone": _NUMBER}})
    people = [Person("/tonight", "worker", f"night-{number}", regions="R07", desk=f"desk-{number}") for number in range(_WORKERS)]
    people += [Person("/shelter/1", "shelter", f"day-{number}", shelters=shelter) for number, shelter in enumerate(SHELTERS)]
    async with open_pages(country.pages, people, _EACH) as others:
        screens = [(await country.open(chromium, name), *_SEEN[name]) for name in _SCREENS]
        assert len(others) + len(screens) == 100
        took: list[float] = []
        for number in range(_EVENTS):
            for page, where, *texts in screens:
                await page.evaluate(_WATCH, [where, texts[number % 2]])
            sent = time.time() * 1_000
            await send(country, _event(number))
            took += [(await page.evaluate("window.seen") - sent) / 1_000 for page, *_ in screens]
        same = _EACH * (_WORKERS + 1)
        assert min(page.fetched for page in others[same - _EACH : same]) > 0, "no other page of the shelter was fetched anew"
    assert min(took) > 0, "it was shown before it was sent"
    took.sort()
    median, p99 = took[len(took) // 2], took[int(len(took) * 0.99)]
    print(f"event to screen, 100 pages: median {median:.2f} s, p99 {p99:.2f} s, slowest {took[-1]:.2f} s")  # noqa: T201
    assert p99 < _MOST_S, took


async def test_a_place_is_held_in_ten_seconds_by_someone_who_types(country: Country, chromium: Browser) -> None:
    """From the first page of the night to a number to phone, typing like a person, in four steps and less than ten seconds."""
    page = await country.open(chromium, "Crisisdienst")
    began = time.monotonic()
    await page.click("main a.big")
    await page.locator("input[name=line]").press_sequentially("1+2", delay=150)
    await page.keyboard.press("Enter")
    await page.wait_for_selector("form[action='/hold'] button")
    await page.keyboard.press("h")
    await page.wait_for_selector(".phone.huge")
    assert time.monotonic() - began < _HELD_S
