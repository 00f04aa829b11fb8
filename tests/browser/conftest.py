"""A small country behind real services and the pages, and a real browser that looks at them."""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, Request, async_playwright, expect
from playwright.async_api import Error as BrowserError

from services.adapters.config.settings import Settings
from services.adapters.kafka.topics import create_topics
from services.local.instance.data_directory import DataDirectory
from services.local.processes.component import Service as LocalService
from services.local.processes.component import start
from services.local.processes.free_ports import LOOPBACK
from tests.browser.browser import program
from tests.callers import Callers
from tests.controlled_servers import Kafka, Valkey
from tests.forked import forked
from tests.free_ports import free_ports
from tests.leak.watch import WATCH
from tests.sent import admitted, declared, registered
from tests.servers import KEY, Service, running, settings_for
from tests.waiting import until

# What is expected of a page is there at once; a machine shared with others may need this long
_PATIENCE_MS = 30_000
# A redirect has no page
_EMPTY = frozenset({204, 302, 303, 304})
_SERVICES = ("processor", "gateway", "api", "monitor", "web")
# Two organisations in one region, so that an area has no need of a neighbour
SHELTERS = ("hazelaar-1", "els", "den", "linde", "beuk", "wilg")


@dataclass
class Country:
    """Services that run, by name, and the address of the pages."""

    settings: Settings
    services: dict[str, Service]
    callers: Callers
    pages: str
    refused: list[str] = field(default_factory=list)
    """What the browser was refused, or found wrong: a line each."""

    async def open(self, browser: Browser, role: str = "", **options: Any) -> Page:
        """Open the pages in a browser of its own, logged in as the person whose name begins so."""
        context = await browser.new_context(**({"viewport": {"width": 390, "height": 844}} | options))
        self.watch(context)
        page = await context.new_page()
        await page.goto(f"{self.pages}/login" if role else self.pages)
        if role:
            await page.click(f"button:has-text('{role}')")
            await page.wait_for_url(f"{self.pages}/**")
            # The page that says so leads on by itself, with and without script
            await expect(page).not_to_have_title(re.compile("Ingelogd"))
        return page

    def watch(self, context: BrowserContext) -> None:
        """Note what goes wrong in a browser, and look for canaries in each page."""
        context.on("weberror", lambda error: self.refused.append(f"script: {error.error}"))
        context.on(
            "console",
            lambda line: self.refused.append(f"{line.type}: {line.text} {line.location['url']}") if line.type == "error" else None,
        )
        context.on("request", lambda sent: self.refused.append(f"elsewhere: {sent.url}") if not self._ours(sent.url) else None)
        context.on("requestfinished", _look)

    def forgive(self, *parts: str) -> None:
        """Take out of what went wrong what a test has done itself."""
        self.refused = [line for line in self.refused if not any(part in line for part in parts)]

    def _ours(self, url: str) -> bool:
        return url.startswith((self.pages, self.settings.issuer, "blob:", "data:"))


async def _look(request: Request) -> None:
    """Look for canaries in a page, or a part of one that is shown anew (tests/leak)."""
    if request.resource_type in {"document", "fetch"}:
        with suppress(BrowserError):  # the browser has left the page, and kept nothing of it
            response = await request.response()
            if response and response.status not in _EMPTY:
                WATCH.oracle.seek("page", f"page of {request.url}", await response.body())


async def send(country: Country, *events: dict[str, Any]) -> None:
    """Send events as an operator, and wait until they are in the view."""
    async with httpx.AsyncClient(base_url=country.services["gateway"].url, headers=country.callers.operator, timeout=30) as client:
        answer = await client.post("/v1/events", json=list(events), headers={"Content-Type": "application/cloudevents-batch+json"})
    assert answer.status_code == 200, answer.text


@pytest.fixture(scope="module")
def stated() -> dict[str, object]:
    """Return the settings of a module that are not those of the other modules."""
    return {}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def country(kafka: Kafka, valkey: Valkey, tmp_path_factory: Any, request: Any, stated: dict[str, object]) -> AsyncIterator[Country]:
    """Start everything once for a module, with six shelters in Breda, each with three units for a mother with two children."""
    folder: Path = tmp_path_factory.mktemp("pages")
    issuer, web = free_ports(2)
    prefix = f"pages-{request.path.stem.removeprefix('test_').replace('_', '-')[:20]}-{web}"
    settings = settings_for(
        kafka,
        valkey,
        prefix,
        issuer=f"http://{LOOPBACK}:{issuer}",
        web_port=web,
        data=folder,
        pseudonym_key=KEY,
        outbox=folder / "outbox",
        **stated,
    )
    await create_topics(kafka.brokers, prefix)
    async with AsyncExitStack() as stack:
        service = forked(LocalService("issuer", "services.local.servers.oidc_issuer", settings.issuer, settings, folder / "issuer.log"))
        stack.push_async_callback(service.child.stop)
        await start(service)
        services = {name: Service(name, settings, folder / f"{name}.log") for name in _SERVICES}
        await stack.enter_async_context(running(*services.values()))
        callers = Callers(DataDirectory(folder).home / "issuer", settings.issuer)
        made = Country(settings, services, callers, settings.pages)
        await WATCH.sow(callers, services["api"].url, services["gateway"].url)
        for number, shelter in enumerate(SHELTERS):
            await send(made, registered(shelter, organisation=f"org-{number % 2}"), *(declared(f"u{unit}", shelter) for unit in (1, 2, 3)))
        await until(lambda: _shown(made))
        looked = WATCH.oracle.looked.get("page", 0)
        yield made
        assert made.refused == []
        assert WATCH.oracle.looked.get("page", 0) > looked, "no page was looked at"


async def fill_others(country: Country) -> None:
    """Fill every shelter but that of the person at the screen, so that each place that is offered is there."""
    places = [(unit, shelter) for shelter in SHELTERS[1:] for unit in (1, 2, 3)]
    await send(country, *(admitted(f"u{unit}", shelter, 100 + number) for number, (unit, shelter) in enumerate(places)))


async def _shown(country: Country) -> bool:
    async with httpx.AsyncClient(base_url=country.services["api"].url, headers=country.callers.operator) as client:
        answer = await client.get("/v1/operator/state")
    return answer.status_code == 200 and set(SHELTERS) <= answer.json()["shelters"].keys()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """Start Chromium once; each test opens contexts of its own."""
    expect.set_options(timeout=_PATIENCE_MS)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program(), args=["--no-sandbox"])
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session", autouse=True)
async def closed(request: pytest.FixtureRequest) -> AsyncIterator[None]:
    """Close what a test has opened: an open page asks for what has changed all the time."""
    yield
    if "chromium" in request.fixturenames:
        browser: Browser = request.getfixturevalue("chromium")
        for context in browser.contexts:
            await context.close()
