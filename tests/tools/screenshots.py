"""`python -m tests.tools.screenshots FOLDER`: take a picture of every page, from a demo of its own: telephone, desktop, dark.

Each picture is to be looked at: what a person would find wrong, no test finds.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from playwright.async_api import Browser, Page, async_playwright

from tests.browser.browser import program

_VIEWS: Final = {
    "phone": {"viewport": {"width": 390, "height": 844}},
    "desktop": {"viewport": {"width": 1_280, "height": 900}},
    "dark": {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"},
}
_PAGES: Final = {
    "": {"first": "/", "published": "/published"},
    "Crisisdienst": {"tonight": "/tonight", "find": "/find", "hotel": "/hotel", "waiting": "/waiting", "duty": "/duty", "trail": "/trail"},
    "Opvang": {"shelter": "/shelter/1", "unit": "/shelter/1/unit/u1", "history": "/shelter/1/history"},
    "Coördinator 1": {"regions": "/regions", "new-shelter": "/regions/new"},
    "Onderzoeker": {
        "figures": "/figures?figure=capacity&by=province",
        "snapshots": "/snapshots",
        "report": "/report",
        "publish": "/publish",
    },
    "Controleur": {"audit": "/audit"},
    "Beheerder": {"parts": "/parts"},
}
_LONGEST: Final = 1_600


@asynccontextmanager
async def _demo() -> AsyncIterator[str]:
    """Run a demo, and yield the address of its pages."""
    with TemporaryDirectory() as folder:
        words = ("-m", "services.cli", "up", "--demo", "--data", folder)
        running = await asyncio.create_subprocess_exec(sys.executable, *words, stdout=asyncio.subprocess.PIPE)
        assert running.stdout
        while "Memory:" not in (await running.stdout.readline()).decode():
            pass
        status = json.loads((Path(folder) / "status.json").read_text("utf-8"))
        try:
            yield f"http://localhost:{status['settings']['web_port']}"
        finally:
            running.terminate()
            await running.communicate()


async def _open(browser: Browser, address: str, person: str, view: str) -> Page:
    page = await (await browser.new_context(**_VIEWS[view])).new_page()  # type: ignore[arg-type]
    if person:
        await page.goto(f"{address}/login")
        await page.click(f"button:has-text('{person}')")
        await page.wait_for_url(f"{address}/**")
        await page.wait_for_function("!document.title.startsWith('Ingelogd')")
    return page


async def _take(page: Page, folder: Path, name: str, view: str) -> None:
    height = min(_LONGEST, await page.evaluate("document.documentElement.scrollHeight"))
    width = await page.evaluate("innerWidth")
    path = folder / f"{name}-{view}.png"
    await page.screenshot(path=path, full_page=True, clip={"x": 0, "y": 0, "width": width, "height": height})


async def _story(page: Page, address: str, folder: Path, view: str) -> None:
    """Take the pages that a search leads to."""
    await page.goto(f"{address}/find")
    await page.fill("input[name=line]", "1+2 !breda")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("main .card")
    await _take(page, folder, "offers", view)
    if await page.locator("form[action='/hold'] button").count():
        await page.locator("form[action='/hold'] button").first.click()
        await page.wait_for_selector(".phone.huge, h1")
        await _take(page, folder, "held", view)
    await page.goto(f"{address}/find")
    await page.fill("input[name=line]", "3+9 rolstoel zoon 17")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("main .card, main .ways")
    await _take(page, folder, "nothing-fits", view)


async def main(folder: Path) -> None:
    """Take all pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    async with _demo() as address, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program(), args=["--no-sandbox"])
        for view in _VIEWS:
            for person, pages in _PAGES.items():
                page = await _open(browser, address, person, view)
                for name, path in pages.items():
                    await page.goto(f"{address}{path}")
                    await _take(page, folder, name, view)
                if person == "Crisisdienst":
                    await _story(page, address, folder, view)
                await page.context.close()
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/img")))
