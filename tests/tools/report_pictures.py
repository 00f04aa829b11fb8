"""`python -m tests.tools.report_pictures FOLDER`: take pictures of the report of a simulated year, on screens and on paper.

A picture has the whole page, cut into columns, or all sheets. Each is to be looked at: what a person would find wrong, no test finds.
"""

import asyncio
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pypdfium2
from PIL import Image
from playwright.async_api import Browser, async_playwright

from services.adapters.codec.event_codec import encode, key_of
from services.adapters.kafka.topics import PARTITIONS, partition_of
from services.adapters.regions import read_regions
from services.domain.events import catalog as e
from services.monitor.archive.parquet_log import ParquetLog
from services.monitor.archive.paths import MonitorPaths
from services.monitor.dutch_calendar import year as year_of
from services.monitor.figures.evaluate import answer
from services.monitor.figures.result import FigureResult
from services.monitor.intervals.builder import build
from services.monitor.intervals.table_store import TableStore
from services.monitor.query import Query
from services.monitor.report.html_page import pages
from services.monitor.report.queries import ask_all
from services.simulator.model.calendar import start_of_year
from services.simulator.simulation import Simulation
from tests.browser.browser import program
from tests.monitor.records import MadeRecord

_YEAR: Final = 2023
_AT_ONCE: Final = 100_000
_VIEWS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "phone-nl": ("nl", {"viewport": {"width": 390, "height": 844}}),
    "phone-en-dark": ("en", {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}),
    "desktop-nl": ("nl", {"viewport": {"width": 1_000, "height": 900}}),
    "desktop-en-dark": ("en", {"viewport": {"width": 1_000, "height": 900}, "color_scheme": "dark"}),
    "analyst-phone-nl": ("analyst-nl", {"viewport": {"width": 390, "height": 844}}),
}
_PRINTED: Final = ("nl", "en")
_COLUMN: Final = 1_800
# Its letters are three fifths as large as on a screen
_SHEET_SCALE: Final = 0.8
_SHEETS_A_ROW: Final = 5
_GAP: Final = 8
_COLOURS: Final = 255


def _write_reports(folder: Path) -> None:
    """Simulate two years and write the report of the second: with every number, and as an analyst may see it."""
    root, regions = folder / "monitor", read_regions()
    directory, offsets = MonitorPaths(root), defaultdict[tuple[bool, int], int](int)
    events = Simulation(7, start_of_year(_YEAR - 1)).until(start_of_year(_YEAR + 1))
    with ParquetLog(directory.archive("beds")) as beds, ParquetLog(directory.archive("demand")) as demand:
        while chunk := list(islice(events, _AT_ONCE)):
            made = defaultdict[tuple[bool, int], list[MadeRecord]](list)
            for each in chunk:
                key = key_of(each.event).encode()
                place = isinstance(each.event.data, e.DEMAND_EVENTS), partition_of(key, PARTITIONS)
                made[place].append(MadeRecord(offsets[place], each.at, key, encode(each.event)))
                offsets[place] += 1
            for (is_demand, partition), records in made.items():
                (demand if is_demand else beds).append(partition, records)
    build(directory, frozenset(regions))
    store = TableStore(root, regions, simulated=True)

    def as_analyst(query: Query) -> FigureResult:
        return answer(store, replace(query, protected=True, as_known_at=year_of(_YEAR).end))

    for start, ask in (("", lambda query: answer(store, query)), ("analyst-", as_analyst)):
        for language, page in pages(ask_all(ask, _YEAR), regions, _YEAR, ("nl", "en")).items():
            (folder / f"{start}{language}.html").write_text(page, "utf-8")


async def _look(browser: Browser, page: Path, options: dict[str, Any]) -> Image.Image:
    """Return a page as columns, from its top to its tables."""
    tab = await (await browser.new_context(**options)).new_page()
    await tab.goto(page.as_uri())
    width = options["viewport"]["width"]
    height = await tab.evaluate("document.getElementById('tables').getBoundingClientRect().top + 700")
    whole = Image.open(BytesIO(await tab.screenshot(full_page=True, clip={"x": 0, "y": 0, "width": width, "height": height})))
    await tab.context.close()
    columns = [whole.crop((0, top, width, min(top + _COLUMN, whole.height))) for top in range(0, whole.height, _COLUMN)]
    return _beside(columns, len(columns))


async def _print(browser: Browser, page: Path) -> Image.Image:
    """Return all sheets of a page."""
    tab = await browser.new_page()
    await tab.goto(page.as_uri())
    printed = pypdfium2.PdfDocument(await tab.pdf(prefer_css_page_size=True))
    await tab.close()
    return _beside([sheet.render(scale=_SHEET_SCALE).to_pil() for sheet in printed], _SHEETS_A_ROW)


def _beside(pictures: Sequence[Image.Image], in_a_row: int) -> Image.Image:
    wide, high = max(each.width for each in pictures) + _GAP, max(each.height for each in pictures) + _GAP
    sheet = Image.new("RGB", (min(in_a_row, len(pictures)) * wide, -(-len(pictures) // in_a_row) * high), "grey")
    for number, each in enumerate(pictures):
        sheet.paste(each, (number % in_a_row * wide, number // in_a_row * high))
    return sheet


def _store(picture: Image.Image, file: Path) -> None:
    """Write a picture with few colours: drawings and letters need no more."""
    picture.quantize(_COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(file, optimize=True)


async def main(folder: Path) -> None:
    """Take all pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as made:
        await asyncio.to_thread(_write_reports, Path(made))
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=program(), args=["--no-sandbox"])
            for name, (page, options) in _VIEWS.items():
                _store(await _look(browser, Path(made) / f"{page}.html", options), folder / f"year-report-{name}.png")
            for page in _PRINTED:
                _store(await _print(browser, Path(made) / f"{page}.html"), folder / f"year-report-print-{page}.png")
            await browser.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/img")))
