"""An analyst in a real browser, before a week of a simulated country: figures, the slider, the report, and nothing published."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from services.adapters.clock import now_ms
from services.adapters.config.settings import Settings
from services.adapters.dutch_time import ZONE
from services.adapters.kafka.clients import new_producer
from services.adapters.kafka.topics import Topics, create_topics
from services.domain.durations import DAY_MS, HOUR_MS
from services.local.instance.data_directory import DataDirectory
from services.local.processes.component import Service as LocalService
from services.local.processes.component import start
from services.local.processes.free_ports import LOOPBACK
from services.monitor.intervals.builder import TOPICS
from services.simulator.simulation import Simulation
from tests.browser.conftest import Country
from tests.callers import Callers
from tests.controlled_servers import Kafka, Valkey
from tests.forked import forked
from tests.free_ports import free_ports
from tests.leak.watch import WATCH
from tests.monitor.logged_countries import to_records
from tests.servers import KEY, Service, running, settings_for
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]
_DAYS = 8
# So many snapshots are enough to slide over
_ENOUGH = 5
_PATIENT = 120_000


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def past(kafka: Kafka, valkey: Valkey, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Country]:
    """Start issuer, monitor and pages on the log of a simulated country that ends now."""
    folder: Path = tmp_path_factory.mktemp("analyst")
    issuer, web = free_ports(2)
    more: dict[str, Any] = {"issuer": f"http://{LOOPBACK}:{issuer}", "web_port": web, "data": folder, "outbox": folder / "outbox"}
    settings = settings_for(kafka, valkey, f"sim-story-{web}", pseudonym_key=KEY, **more)
    await create_topics(settings.brokers, settings.prefix)
    await _log(settings)
    async with AsyncExitStack() as stack:
        service = forked(LocalService("issuer", "services.local.servers.oidc_issuer", settings.issuer, settings, folder / "issuer.log"))
        stack.push_async_callback(service.child.stop)
        await start(service)
        services = {name: Service(name, settings, folder / f"{name}.log") for name in ("monitor", "web")}
        await stack.enter_async_context(running(*services.values()))
        made = Country(settings, services, Callers(DataDirectory(folder).home / "issuer", settings.issuer), settings.pages)
        await WATCH.sow(made.callers, services["monitor"].url)
        headers = made.callers.of("analyst")
        async with httpx.AsyncClient(base_url=services["monitor"].url, headers=headers, timeout=60) as client:
            await until(lambda: _has_snapshots(client), 240)
        yield made
        assert made.refused == []


async def _log(settings: Settings) -> None:
    """Append what happened in the country, each record at its own time."""
    now = now_ms()
    simulation = Simulation(5, now // HOUR_MS * HOUR_MS - _DAYS * DAY_MS)
    logs = to_records((logged.at, logged.event) for logged in simulation.until(now))
    async with new_producer(settings.brokers) as producer:
        for topic, records in zip(TOPICS, logs, strict=True):
            name = Topics(settings.prefix).truth(topic)
            for record in records:
                await producer.send(name, record.value, record.key, record.partition, record.timestamp)
        await producer.flush()


async def _has_snapshots(client: httpx.AsyncClient) -> bool:
    await asyncio.sleep(1)  # asked more often it would reach the rate limit
    return len((await client.get("/v1/monitor/snapshots")).json()["snapshots"]) >= _ENOUGH


async def test_a_figure_by_region_and_the_same_digits_by_its_link(past: Country, chromium: Browser) -> None:
    """From the log-in an analyst chooses occupancy, a month and by region: bars, a table, and a link to the same table."""
    page = await past.open(chromium, "Onderzoeker")
    await page.select_option("select[name=figure]", "occupancy")
    await page.select_option("select[name=period]", f"{datetime.fromtimestamp(now_ms() / 1_000, ZONE) - timedelta(days=3):%Y-%m}")
    await page.select_option("select[name=by]", "region")
    await page.click("text=Laat zien")
    await expect(page.locator("svg.drawn")).to_contain_text("Amsterdam", timeout=_PATIENT)
    await expect(page.locator("main")).to_contain_text("oefenland")
    table = await page.locator("table").inner_text()
    assert re.search(r"Nederland\s[^%]*\d,\d%", table)
    assert "te weinig opvang" in table
    await page.click("text=Deze vraag, met dezelfde cijfers")
    assert "knownAt=" in page.url
    assert await page.locator("table").inner_text() == table


async def test_a_page_asks_every_minute_and_keeps_what_is_chosen(past: Country, chromium: Browser) -> None:
    """An unchanged number costs one empty answer a minute; an hour later the new one is there, and what was chosen in the form stays."""
    page = await past.open(chromium, "Onderzoeker")
    await page.clock.install()
    month = f"{datetime.fromtimestamp((now_ms() - 26 * HOUR_MS) / 1_000, ZONE):%Y-%m}"
    await page.goto(f"{past.pages}/figures?figure=occupancy&period={month}")
    section = page.locator("#again[data-again]")
    await expect(section).to_contain_text("ruim 25 uur oud", timeout=_PATIENT)
    await page.select_option("select[name=figure]", "capacity")
    await page.focus("nav a >> nth=0")
    for _ in range(2):
        async with page.expect_response(lambda answer: answer.request.headers.get("x-refresh") == "1") as asked:
            await page.clock.fast_forward(61_000)
        answer = await asked.value
        assert (answer.status, await answer.request.header_value("if-none-match")) == (304, await section.get_attribute("data-tag"))
    # As it is when the hour is over: another tag
    await page.evaluate("document.querySelector('#again').dataset.tag = '\"an hour ago\"'")
    await page.evaluate("document.querySelector('#again .lead').textContent = 'old'")
    await page.clock.fast_forward(61_000)
    await expect(page.locator("#again .lead")).to_contain_text("%", timeout=_PATIENT)
    await expect(page.locator("select[name=figure]")).to_have_value("capacity")
    assert await section.get_attribute("data-tag") != '"an hour ago"'


async def test_the_slider_moves_at_once(past: Country, chromium: Browser) -> None:
    """With the keyboard the slider goes a day back: map, table and address follow without a button."""
    page = await past.open(chromium, "Onderzoeker")
    await page.click("nav >> text=Momentopnamen")
    await expect(page.locator(".map polygon")).to_have_count(35, timeout=_PATIENT)
    before = await page.locator("#slid h2").inner_text()
    await page.focus("input[type=range]")
    await page.keyboard.press("ArrowLeft")
    await expect(page.locator("#slid h2")).not_to_have_text(before, timeout=_PATIENT)
    assert re.search(r"[?&]n=\d+", page.url)


async def test_the_slider_is_a_form_without_script(past: Country, chromium: Browser) -> None:
    """With script switched off another figure and a day before are a tap on the button away."""
    page = await past.open(chromium, "Onderzoeker", java_script_enabled=False)
    await page.goto(f"{past.pages}/snapshots?n=3")
    await page.select_option("select[name=back]", "1")
    await page.click("text=Laat zien")
    await expect(page.locator("thead")).to_contain_text("Verschil met", timeout=_PATIENT)
    await expect(page.locator("input[type=range]")).to_have_value("3")


async def test_nothing_of_a_simulated_country_is_published(past: Country, chromium: Browser) -> None:
    """The draft shows what would be public, and says that nothing of a country to practise with is."""
    page = await past.open(chromium, "Onderzoeker")
    await page.click("nav >> text=Publiceren")
    await page.click("text=Laat zien wat erin komt")
    await expect(page.locator("main")).to_contain_text(re.compile("oefenland wordt niets gepubliceerd|niets nieuws"), timeout=_PATIENT)
    await expect(page.locator("form[action='/publish/confirm']")).to_have_count(0)


async def test_the_year_report_shows_its_progress_and_then_itself(past: Country, chromium: Browser) -> None:
    """The report is begun, counts its steps by itself, and opens without a line on the console: its policy allows all of its style."""
    page = await past.open(chromium, "Onderzoeker")
    await page.click("nav >> text=Jaarverslag")
    await page.click("text=Maak het verslag")
    await expect(page.locator("[data-working]").or_(page.locator("text=Open het verslag"))).to_be_visible()
    await page.click("text=Open het verslag", timeout=_PATIENT)
    await expect(page.locator("figure")).to_have_count(10)
    styled = "[...document.querySelectorAll('figure svg .track')].some((each) => getComputedStyle(each).fill === 'rgb(230, 234, 238)')"
    assert await page.evaluate(styled)
    await expect(page.locator("#summary li")).to_have_count(6)
    await expect(page.locator("#dutch")).to_be_checked()
    assert past.refused == []
