"""The day of a shelter, with script and with script switched off: each of its forms is sent, and does what it says."""

from typing import Any, Final

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import Country, fill_others
from tests.browser.forms import Sent, forms_of
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

_SHEET: Final = b"Kamer;Opname;Vertrek;Volwassenen;Kinderen\nu1;5-1-2026;20-1-2026;1;2\nu9;6-1-2026;;1;0\n"


class _Desk:
    """The desk of the shelter in a browser."""

    def __init__(self, page: Page, pages: str) -> None:
        self.page, self.pages = page, pages

    async def units(self) -> None:
        """Go to the first page."""
        await self.page.goto(f"{self.pages}/shelter/1")

    async def unit(self, name: str) -> None:
        """Go to the page of a unit, by its tile."""
        await self.units()
        await self.page.click(f"[data-unit={name}]")

    async def press(self, text: str) -> None:
        """Press a button."""
        await self.page.click(f"main button:has-text('{text}') >> visible=true")

    async def sent(self, unit: str, state: str) -> None:
        """Expect that it was sent, and what a unit is then."""
        await expect(self.page.locator("h1")).to_contain_text("Het is verstuurd")

        async def shown() -> bool:
            await self.units()  # without script no page shows by itself what has changed
            return await self.page.locator(f"a.unit.{state}[data-unit={unit}]").count() == 1

        await until(shown)


async def _held(country: Country) -> str:
    """Hold a place as a worker; return the hold."""
    need = {"adults": 1, "children": 1, "men": 0, "oldest_son_age": None, "security": "open"}
    lists: dict[str, list[str]] = {name: [] for name in ("kinds", "features", "services", "languages", "exclude_regions")}
    async with httpx.AsyncClient(base_url=country.services["api"].url, headers=country.callers.worker(), timeout=30) as client:
        search: dict[str, Any] = (await client.post("/v1/searches", json=need | lists)).json()
        hold = await client.post("/v1/holds", json={"offer": search["offers"][0]["offer"]})
    assert hold.status_code in {200, 201, 202}, hold.text
    return str(hold.json()["hold"])


async def _status(country: Country, hold: str) -> tuple[str, bool]:
    async with httpx.AsyncClient(base_url=country.services["api"].url, headers=country.callers.worker()) as client:
        found = (await client.get(f"/v1/holds/{hold}")).json()
    return found["status"], found["accepted"]


async def _stays(desk: _Desk) -> None:
    """Let a household in, to another unit, and out; take the last back, and send it again."""
    await desk.unit("u1")
    await desk.page.fill("input[name=children] >> nth=-1", "2")
    await desk.press("Is binnen")
    await desk.sent("u1", "occupied")
    await desk.unit("u1")
    await desk.page.select_option("select[name=to_unit]", "u2")
    await desk.press("Verhuis")
    await desk.sent("u2", "occupied")
    await desk.unit("u2")
    await desk.press("Is vertrokken")
    await desk.sent("u2", "free")
    await desk.page.click("main a:has-text('Wat is er verstuurd')")
    await desk.press("Draai terug")
    await desk.sent("u2", "occupied")
    await desk.unit("u2")
    await desk.page.check("input[name=destination] >> nth=0")
    await desk.press("Is vertrokken")
    await desk.sent("u2", "free")


async def _closing(desk: _Desk) -> None:
    """Close a unit, take it back, close it again and reopen it; pause and resume; count wrong, and right."""
    await desk.unit("u3")
    await desk.press("Zet dicht")
    await desk.press("Draai terug")
    await desk.sent("u3", "free")
    await desk.unit("u3")
    await desk.press("Zet dicht")
    await desk.sent("u3", "closed")
    await desk.unit("u3")
    await desk.press("Weer open")
    await desk.sent("u3", "free")
    await desk.press("Pauze")
    await desk.sent("u3", "paused")
    await desk.press("Neem weer op")
    await desk.sent("u3", "free")
    await desk.page.fill("input[name=free]", "2")
    await desk.press("Dit klopt")
    await desk.sent("u3", "free")
    await desk.page.fill("input[name=free]", "3")
    await desk.press("Dit klopt")


async def _sheet(desk: _Desk) -> None:
    """Bring in a spreadsheet: what would be sent is shown first."""
    await desk.page.goto(f"{desk.pages}/shelter/1/bring-in")
    await desk.page.set_input_files("input[name=sheet]", {"name": "lijst.csv", "mimeType": "text/csv", "buffer": _SHEET})
    await desk.press("Kijk wat erin staat")
    await expect(desk.page.locator("h1")).to_have_text("1 regel kan verstuurd worden")
    await expect(desk.page.locator("main")).to_contain_text("1 regel wordt niet verstuurd")
    await desk.press("Verstuur dit")
    await expect(desk.page.locator("h1")).to_have_text("2 berichten zijn aangenomen")
    await desk.page.click("main a:has-text('Terug naar de kamers')")


async def _holds(desk: _Desk, country: Country) -> None:
    """Accept a household, and say when it is asked that it is in; decline the next."""
    accepted = await _held(country)
    await desk.units()
    await desk.press("Ja, zij kunnen komen")
    assert await _status(country, accepted) == ("granted", True)
    await desk.page.click(".unit.held")
    await desk.page.fill("input[name=children] >> nth=-1", "1")  # as many as are expected: so it is asked whether it is they
    await desk.page.click("button:text-is('Is binnen')")
    await desk.press("Het is dit gezin")
    await expect(desk.page.locator("h1")).to_have_text("Het is verstuurd")

    async def fulfilled() -> bool:
        return (await _status(country, accepted))[0] == "fulfilled"

    await until(fulfilled)
    declined = await _held(country)
    await desk.units()
    await desk.page.click("main button:text-is('Nee')")
    await expect(desk.page.locator("main [role=status]").first).to_contain_text("niet kan")
    assert (await _status(country, declined))[0] == "declined"


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
async def test_the_day_of_a_shelter(country: Country, chromium: Browser, *, script: bool) -> None:
    """In, out, to another unit, close, reopen, pause, resume, count, undo, a spreadsheet and holds, each by the forms alone."""
    page = await country.open(chromium, "Opvang Hazelaar", java_script_enabled=script)
    desk, sent = _Desk(page, country.pages), Sent()
    sent.watch(page.context)
    await _stays(desk)
    await _closing(desk)
    await _sheet(desk)
    await fill_others(country)
    await _holds(desk, country)
    assert sent.missing(forms_of("shelter")) == set()
    await page.goto(f"{country.pages}/shelter/1/history")
    await page.click("tr:not(.undone):has-text('kamer') button:has-text('Draai terug') >> nth=0")  # the next run finds the unit free
    country.forgive("status of 409")
