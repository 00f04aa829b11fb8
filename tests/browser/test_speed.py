"""How fast a page is: from an event to the screen with many pages open, and from a search to a held place."""

import asyncio
import time
from typing import Any, Final

import pytest
from playwright.async_api import Browser, Page

from tests.browser.conftest import Country, send
from tests.sent import admitted, event, registered, uuid

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.asyncio(loop_scope="session")]

# Chromium opens six connections to a host for each of its profiles (HTTP/1.1), and a live page keeps one: so five pages a profile
_TABS: Final = 5
_EVENTS: Final = 10
# The aim is a second. Here a hundred browsers, the services, Kafka and Redis share two cores
_MOST_S = 3.0
_HELD_S = 10.0
# As many profiles for each person: a night, and the worst there is, a hundred screens of one shelter
_NIGHT: Final = {"Crisisdienst": 12, "Opvang Hazelaar": 4, "Coördinator 1": 4}
_ONE_SHELTER: Final = {"Opvang Hazelaar": 20}
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


def _event(number: int, first: int) -> dict[str, Any]:
    """Make the next admission or discharge of unit u2."""
    stay = first + number // 2
    if number % 2 == 0:
        return admitted("u2", "hazelaar-1", stay)
    return event("discharge", "hazelaar-1", stay=uuid(stay), destination="unknown", unit_ready=True, number=stay)


@pytest.mark.parametrize(("name", "profiles"), [("a night", _NIGHT), ("one shelter", _ONE_SHELTER)], ids=["night", "one-shelter"])
async def test_an_event_is_soon_on_every_screen(country: Country, chromium: Browser, name: str, profiles: dict[str, int]) -> None:
    """From the acknowledgement of an event to the change on each page that shows it, measured in the browser, with a hundred pages open."""
    own = registered("hazelaar-1", organisation="org-0", number=1)
    await send(country, own | {"data": own["data"] | {"intake_phone": _NUMBER}})
    pages: list[tuple[str, Page]] = []
    for person, number in profiles.items():
        for _ in range(number):
            first = await country.open(chromium, person)
            tabs = [first, *[await first.context.new_page() for _ in range(_TABS - 1)]]
            await asyncio.gather(*(tab.goto(first.url) for tab in tabs[1:]))
            pages += [(person, tab) for tab in tabs]
    took: list[float] = []
    for number in range(_EVENTS):
        showing = [(page, _SEEN[person]) for person, page in pages if person in _SEEN]
        await asyncio.gather(*(page.evaluate(_WATCH, [where, texts[number % 2]]) for page, (where, *texts) in showing))
        await send(country, _event(number, 100 * sum(profiles.values()) + len(profiles)))
        sent = time.time() * 1_000
        seen = await asyncio.gather(*(page.evaluate("window.seen") for page, _ in showing))
        took += [(at - sent) / 1_000 for at in seen]
    assert min(took) > 0, "it was shown before it was sent"
    took.sort()
    median, p99 = took[len(took) // 2], took[int(len(took) * 0.99)]
    print(f"event to screen, {name}, {len(pages)} pages: median {median:.2f} s, p99 {p99:.2f} s, slowest {took[-1]:.2f} s")  # noqa: T201
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
