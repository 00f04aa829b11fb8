"""A monitor over made-up answers, with an issuer and a clock of its own; what it publishes is kept in memory."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest_asyncio

from services.adapters.clock import seconds
from services.adapters.identity import Identity
from services.adapters.issuer import IssuerKeys
from services.adapters.metrics import Metrics
from services.adapters.rates import MemoryRates
from services.adapters.regions import read_regions
from services.adapters.web import new_app
from services.monitor.answer import Answer
from services.monitor.http.figures import add_figures
from services.monitor.http.query import Known
from services.monitor.http.releases import add_releases
from services.monitor.http.snapshots import add_snapshots
from services.monitor.http.window import Window
from services.monitor.question import Question, UnanswerableError
from services.monitor.shelf import MemoryPublications
from tests.callers import AUDIENCE, ISSUER, Callers
from tests.documented import documented
from tests.monitor.answers import answer

NOW = round(datetime(2024, 1, 10, 12, 34, 56, tzinfo=UTC).timestamp() * 1_000)
_TEMPLATES = ("/v1/monitor/snapshots/{when}", "/v1/monitor/releases/{year}/{version}", "/v1/monitor/releases/{year}")


@dataclass
class Monitor:
    """A monitor, what it was asked, and what stands around it; `until` is up to when it has worked the log out."""

    client: httpx.AsyncClient
    callers: Callers
    published: MemoryPublications
    asked: list[Question] = field(default_factory=list)
    until: list[int | None] = field(default_factory=lambda: [NOW])

    async def get(self, path: str, headers: dict[str, str], **more: str) -> httpx.Response:
        """Ask, and hold the answer against the OpenAPI document."""
        found = await self.client.get(path, headers=headers | more)
        if "json" in found.headers["content-type"]:
            await documented(self.client, template(path), "get", found)
        return found

    def ask(self, question: Question) -> Answer:
        """Answer a question, and remember it."""
        if "day" in question.by and question.period is None:
            raise UnanswerableError("days need a period")
        self.asked.append(question)
        return answer(question)


def template(path: str) -> str:
    """Tell the template of a path."""
    bare = path.partition("?")[0]
    parts = bare.count("/")
    return next((each for each in _TEMPLATES if each.count("/") == parts and each.split("{")[0] in bare), bare)


@pytest_asyncio.fixture
async def monitor(tmp_path: Path) -> AsyncIterator[Monitor]:
    """Open a monitor."""
    metrics, callers, published = Metrics(), Callers(tmp_path), MemoryPublications()
    regions = read_regions()
    app = new_app("Plek monitor", "", metrics, seconds)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://plek") as client:
        made = Monitor(client, callers, published)
        window = Window(
            identity=Identity(IssuerKeys(ISSUER, callers.fetch, seconds, metrics), ISSUER, AUDIENCE, metrics, MemoryRates(seconds), "role"),
            ask=made.ask,
            until=lambda: made.until[0],
            published=published,
            now=lambda: NOW,
            known=Known(frozenset(regions), frozenset(row.province for row in regions.values())),
        )
        add_figures(app, window)
        add_snapshots(app, window)
        add_releases(app, window)
        yield made
