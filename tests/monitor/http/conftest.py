"""A monitor over made-up results, with an issuer and a clock of its own; what it publishes is in memory."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
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
from services.monitor.background.background_work import BackgroundWork, WorkState
from services.monitor.background.monitor_task import Advance, MonitorTask, TaskError, TaskKind, TaskResult
from services.monitor.figures.result import FigureResult
from services.monitor.http.catalogue_routes import add_catalogue
from services.monitor.http.figure_routes import add_figures
from services.monitor.http.publish_routes import add_publishing
from services.monitor.http.query_params import KnownCodes
from services.monitor.http.release_routes import add_releases
from services.monitor.http.report_routes import add_reports
from services.monitor.http.route_context import RouteContext
from services.monitor.http.snapshot_routes import add_snapshots
from services.monitor.publication.catalogue import Catalogue, Publisher
from services.monitor.publication.release import versions
from services.monitor.publication.release_draft import draft
from services.monitor.query import Query, UnanswerableError
from services.monitor.report.strict_style import strict_page
from tests.audited import Audited
from tests.callers import AUDIENCE, ISSUER, Callers
from tests.documented import documented
from tests.monitor.answers import answer
from tests.monitor.memory_publications import MemoryPublications
from tests.waiting import until

NOW = round(datetime(2024, 1, 10, 12, 34, 56, tzinfo=UTC).timestamp() * 1_000)
PUBLISHER = Publisher(
    address="https://plek.test",
    name="Landelijke Opvang",
    uri="https://identifier.example/opvang",
    licence="http://publications.europa.eu/resource/authority/licence/CC_BY_4_0",
    contact={"name": "Cijfers", "url": "https://opvang.test/cijfers", "email": "cijfers@opvang.test"},
)
_TEMPLATES = (
    "/v1/monitor/releases/{year}/{version}/dataset",
    "/v1/monitor/releases/{year}/{version}/table",
    "/v1/monitor/progress/{kind}/{year}",
    "/v1/monitor/reports/{year}/{language}",
    "/v1/monitor/release-drafts/{year}",
    "/v1/monitor/snapshots/{when}",
    "/v1/monitor/releases/{year}/{version}",
    "/v1/monitor/releases/{year}",
)


@dataclass
class Monitor:
    """A monitor, the queries it got, and its surroundings; `built_until` is the clock up to which the log is in its tables."""

    client: httpx.AsyncClient
    callers: Callers
    published: MemoryPublications
    audited: Audited
    queries: list[Query] = field(default_factory=list)
    built_until: list[int | None] = field(default_factory=lambda: [NOW])
    tasks: list[MonitorTask] = field(default_factory=list)
    """What was begun in the background."""
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    """Work is finished once this is set."""
    background: BackgroundWork = field(init=False)
    fails: bool = False
    simulated: bool = False
    known: bool = True
    """Whether anything had been logged by the time that is asked about."""

    def __post_init__(self) -> None:
        self.background = BackgroundWork(self.run)

    async def wait_for(self, kind: TaskKind, year: int, state: WorkState) -> None:
        """Wait until a piece of work has come so far; asked over HTTP again and again it would reach the rate limit."""

        def so_far() -> bool:
            found = self.background.find(kind, year)
            return found is not None and found.state == state

        await until(so_far)

    def task(self, kind: TaskKind, year: int, bound: int) -> MonitorTask:
        """Return a task, with what is published so far."""
        earlier = [self.published.get(key) or b"" for key in versions(self.published.keys, year)]
        texts = tuple(value.decode() for value in earlier)
        where = partial(MonitorTask, root=Path("tables"), regions=None, ageing_ms=1, unknown_ms=2)
        return where(kind=kind, simulated=self.simulated, year=year, bound=bound, published=texts)

    async def run(self, task: MonitorTask, advance: Advance) -> TaskResult:
        """Work as the child process does, on made-up answers: two steps, then the rest."""
        self.tasks.append(task)
        advance()
        advance()
        await self.gate.wait()
        if self.fails:
            raise TaskError
        if task.kind == "report":
            head = '<meta http-equiv="Content-Security-Policy" content=""><style>p {}</style>'
            return {language: strict_page(f'{head}<p lang="{language}">{task.year}</p>') for language in ("nl", "en")}
        ask = partial(answer, simulated=self.simulated)
        drafted = draft(ask, task.year, task.bound, [text.encode() for text in task.published])
        return {"draft": drafted.decode() if drafted else None}

    async def get(self, path: str, headers: dict[str, str], **more: str) -> httpx.Response:
        """Send a GET, and check the answer by the OpenAPI document."""
        response = await self.client.get(path, headers=headers | more)
        if "json" in response.headers.get("content-type", ""):
            await documented(self.client, template(path), "get", response)
        return response

    def ask(self, query: Query) -> FigureResult:
        """Answer a query, and record it."""
        if "day" in query.by and query.period is None:
            raise UnanswerableError("days need a period")
        self.queries.append(query)
        return answer(query, known=self.known)


def template(path: str) -> str:
    """Return the path of a route with its parameters."""
    bare = path.partition("?")[0]
    return next((route for route in _TEMPLATES if re.fullmatch(re.sub(r"\{[a-z]+\}", "[^/]+", route), bare)), bare)


@pytest.fixture
def on_disk() -> bool:
    """Whether audit entries may wait on disk."""
    return False


@pytest.fixture
def is_live() -> bool:
    """Whether the data set has the clock on the wall, not that of its log."""
    return True


@pytest_asyncio.fixture
async def monitor(tmp_path: Path, on_disk: bool, is_live: bool) -> AsyncIterator[Monitor]:  # noqa: FBT001  fixtures
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
            until=lambda: opened.built_until[0],
            published=published,
            wall=(lambda: NOW) if is_live else None,
            known=KnownCodes(frozenset(regions), frozenset(row.province for row in regions.values())),
            background=opened.background,
            task=opened.task,
        )
        add_figures(app, context)
        add_snapshots(app, context)
        add_releases(app, context)
        add_catalogue(app, Catalogue(PUBLISHER, published), regions)
        add_reports(app, context)
        add_publishing(app, context)
        yield opened
        await context.background.close()
