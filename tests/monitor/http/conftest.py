"""A monitor over made-up results, with an issuer and a clock of its own; what it publishes is in memory."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from services.adapters.auth.authentication import Authentication
from services.adapters.auth.jwks_client import IssuerKeys
from services.adapters.auth.rate_limits import MemoryRates
from services.adapters.clock import seconds
from services.adapters.http.app_factory import new_app, running
from services.adapters.observability.metrics import Metrics
from services.adapters.regions import read_regions
from services.monitor.figures.result import FigureResult
from services.monitor.http.figure_routes import add_figures
from services.monitor.http.query_params import KnownCodes
from services.monitor.http.release_routes import add_releases
from services.monitor.http.route_context import RouteContext
from services.monitor.http.snapshot_routes import add_snapshots
from services.monitor.query import Query, UnanswerableError
from tests.audited import Audited
from tests.callers import AUDIENCE, ISSUER, Callers
from tests.documented import documented
from tests.monitor.answers import answer
from tests.monitor.memory_publications import MemoryPublications

NOW = round(datetime(2024, 1, 10, 12, 34, 56, tzinfo=UTC).timestamp() * 1_000)
_TEMPLATES = ("/v1/monitor/snapshots/{when}", "/v1/monitor/releases/{year}/{version}", "/v1/monitor/releases/{year}")


@dataclass
class Monitor:
    """A monitor, the queries it got, and its surroundings; `until` is the clock up to which the log is in its tables."""

    client: httpx.AsyncClient
    callers: Callers
    published: MemoryPublications
    audited: Audited
    queries: list[Query] = field(default_factory=list)
    until: list[int | None] = field(default_factory=lambda: [NOW])

    async def get(self, path: str, headers: dict[str, str], **more: str) -> httpx.Response:
        """Send a GET, and check the answer by the OpenAPI document."""
        response = await self.client.get(path, headers=headers | more)
        if "json" in response.headers["content-type"]:
            await documented(self.client, template(path), "get", response)
        return response

    def ask(self, query: Query) -> FigureResult:
        """Answer a query, and record it."""
        if "day" in query.by and query.period is None:
            raise UnanswerableError("days need a period")
        self.queries.append(query)
        return answer(query)


def template(path: str) -> str:
    """Return the path of a route with its parameters."""
    bare = path.partition("?")[0]
    parts = bare.count("/")
    return next((route for route in _TEMPLATES if route.count("/") == parts and route.split("{")[0] in bare), bare)


@pytest.fixture
def on_disk() -> bool:
    """Whether audit entries may wait on disk."""
    return False


@pytest_asyncio.fixture
async def monitor(tmp_path: Path, on_disk: bool) -> AsyncIterator[Monitor]:  # noqa: FBT001  a fixture
    """Open a monitor."""
    metrics, callers, published = Metrics(), Callers(tmp_path), MemoryPublications()
    regions = read_regions()
    app = new_app("Plek monitor", "", metrics, seconds)
    audited = Audited("kafka-away", on_disk=tmp_path / "waiting" if on_disk else None)
    async with (
        running(audited.writer.run_forever),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://plek") as client,
    ):
        opened = Monitor(client, callers, published, audited)
        keys = IssuerKeys(ISSUER, callers.fetch, seconds, metrics)
        app.state.guard = audited.guard(Authentication(keys, ISSUER, AUDIENCE, metrics, MemoryRates(seconds), "role"))
        context = RouteContext(
            ask=opened.ask,
            until=lambda: opened.until[0],
            published=published,
            now=lambda: NOW,
            known=KnownCodes(frozenset(regions), frozenset(row.province for row in regions.values())),
        )
        add_figures(app, context)
        add_snapshots(app, context)
        add_releases(app, context)
        yield opened
