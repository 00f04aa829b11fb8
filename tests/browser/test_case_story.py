"""When nothing fits, or the limit is reached: hotel, waiting list, a reason that goes past it. With script and with script switched off."""

import re

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from services.adapters.redis.clients import new_redis
from tests.browser.conftest import Country
from tests.browser.forms import Sent, forms_of

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]


@pytest.fixture(scope="module")
def stated() -> dict[str, object]:
    """Let a worker search four times."""
    return {"searches_at_once": 4, "searches_per_hour": 1, "requests_per_hour": 1_000_000}


@pytest_asyncio.fixture(loop_scope="session")
async def rested(country: Country) -> None:
    """Give every limit back that a run before this one has used up."""
    redis = new_redis(country.settings.redis)
    turns = [key async for key in redis.scan_iter(match=f"{country.settings.prefix}:turn:*")]
    if turns:
        await redis.delete(*turns)
    await redis.aclose()


async def _press(page: Page, text: str) -> None:
    await page.click(f"main button:has-text('{text}') >> nth=0")


async def _search(page: Page, country: Country, line: str) -> None:
    await page.goto(f"{country.pages}/find")
    await page.fill("input[name=line]", line)
    await _press(page, "Zoek een plek")


async def _colleague_holds(country: Country) -> None:
    """Hold a place as a colleague at the desk of the person at the screen."""
    need = {"adults": 1, "children": 1, "men": 0, "oldest_son_age": None, "security": "open"}
    lists: dict[str, list[str]] = {name: [] for name in ("kinds", "features", "services", "languages", "exclude_regions")}
    colleague = country.callers.worker(sub="colleague", desk="desk-breda")
    async with httpx.AsyncClient(base_url=country.services["api"].url, headers=colleague, timeout=30) as client:
        search = (await client.post("/v1/searches", json=need | lists)).json()
        assert (await client.post("/v1/holds", json={"offer": search["offers"][0]["offer"]})).is_success


async def _hotel_and_list(page: Page, country: Country) -> None:
    """Log a hotel and join the waiting list from offers, with the household carried over; take each back, or end it."""
    offers = page.url
    await _press(page, "Op de wachtlijst")
    await expect(page.locator("input[name=children]")).to_have_value("2")
    await _press(page, "Zet op de wachtlijst")
    await expect(page.locator("main .note.good")).to_contain_text("Het gezin staat op de wachtlijst.")
    await expect(page.locator("main")).to_contain_text("nummer 1")
    await _press(page, "Van de lijst")
    await expect(page.locator("main .note.good")).to_contain_text("Het gezin is van de wachtlijst.")
    for ended in ("Beëindig", "Vergissing"):
        await page.goto(offers)
        await _press(page, "Hotel vastleggen")
        await expect(page.locator("input[name=children]")).to_have_value("2")
        await page.check("input[name=reason][value=other]")
        await _press(page, "Leg vast")
        await _press(page, "Toch een hotel vastleggen")
        await expect(page.locator("main .note.good")).to_contain_text("Het hotel is vastgelegd.")
        await _press(page, ended)
        await expect(page.locator("main .note.good")).not_to_contain_text("Het hotel is vastgelegd.")
    await page.goto(f"{country.pages}/waiting")
    await _press(page, "Zet op de wachtlijst")
    await _press(page, "Vergissing")
    await expect(page.locator("text=Niemand staat op de wachtlijst.")).to_be_visible()


@pytest.mark.usefixtures("rested")
@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
async def test_a_night_with_every_form(country: Country, chromium: Browser, *, script: bool) -> None:
    """Search, refine, hold, give back, hotel, list, a colleague's hold, and past the limit with a reason: each by the forms alone."""
    page = await country.open(chromium, "Crisisdienst", java_script_enabled=script)
    sent = Sent()
    sent.watch(page.context)
    await _search(page, country, "1+1")
    await expect(page.locator("h1")).to_have_text("Hier is plek")
    await page.click("main button:has-text('Pas aan wat nodig is')")
    await page.fill("input[name=children]", "2")
    await _press(page, "Zoek een plek")
    await expect(page.locator("main")).to_contain_text("2 kinderen")
    offers = page.url
    await _hotel_and_list(page, country)
    await page.goto(offers)
    await _press(page, "Houd deze plek vast")
    await page.wait_for_url(re.compile("/holds/"))
    if not script:  # with script the button waits for its time
        await _press(page, "Houd langer vast")
        await expect(page.locator("[role=alert]")).to_have_text("Verlengen kan in de laatste tien minuten.")
    await _press(page, "Geef de plek terug")
    await expect(page.locator("main .note.good")).to_contain_text("De plek is teruggegeven.")
    await _colleague_holds(country)
    await page.goto(f"{country.pages}/tonight")
    await _press(page, "Neem over van een collega")
    await _press(page, "Geef de plek terug")
    if await _limit_reached(page, country):
        await expect(page.locator("main")).to_contain_text("De coördinator ziet dat")
        await page.check("input[name=break_glass][value=many_households]")
        await _press(page, "Het is nodig: ga door")
        await expect(page.locator("h1")).to_have_text("Hier is plek")
    coordinator = await country.open(chromium, "Coördinator 1")
    await expect(coordinator.locator("main")).to_contain_text("meer gezocht dan de grens", timeout=30_000)
    unsent = {("POST", "/holds/*/extend")} if script else set()
    assert sent.missing(forms_of("worker")) - {("POST", "*")} == unsent
    country.forgive("status of 409", "status of 429")


async def _limit_reached(page: Page, country: Country) -> bool:
    """Search until the limit is reached."""
    for number in range(6):
        await _search(page, country, f"1+{number % 3}")
        if await page.locator("input[name=break_glass]").count():
            return True
    return False
