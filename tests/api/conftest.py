"""An API over a view in memory, with an issuer and a clock of its own."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest_asyncio

from services.adapters.auth.rate_limits import Rates
from services.adapters.clock import now_ms, seconds
from services.adapters.http.app_factory import add_probes, new_app, running
from services.adapters.http.sealed_positions import SealedPositions
from services.adapters.kafka.topics import Topics
from services.adapters.observability.metrics import Metrics
from services.adapters.regions import read_regions
from services.adapters.view.last_checks import MemoryLastChecks
from services.adapters.view.position_tracker import PositionTracker
from services.api.areas.export_routes import add_area_exports
from services.api.areas.grouping import Areas
from services.api.areas.published_counts import PublishedCounts
from services.api.areas.routes import add_areas, add_regions
from services.api.areas.waiting_regions import WaitingLists
from services.api.operator.asyncapi_route import add_documents
from services.api.operator.audit_route import add_audit
from services.api.operator.audit_search_route import AuditSearch, add_audit_search
from services.api.operator.auditor_view import AuditorView
from services.api.operator.dead_letter_route import DeadLetterLog, add_dead_letters
from services.api.operator.openings import Openings
from services.api.operator.openings_route import AuditOpenings, add_audit_openings
from services.api.operator.partition_route import Partitions, add_partitions
from services.api.operator.state_route import add_operator
from services.api.read_model.country_cache import CountryCache
from services.api.read_model.data_age import AgeLimits
from services.api.read_model.disclosure_level import Disclosure
from services.api.read_model.view_reader import ViewReader
from services.api.shelters.import_key import add_import_key
from services.api.shelters.routes import add_shelters
from services.api.shelters.waiting_holds import add_waiting_holds
from services.domain.beds.staleness import StalenessLimits
from services.domain.durations import HOUR_MS
from tests.audited import Audited
from tests.callers import Callers
from tests.documented import documented
from tests.folded import Folded
from tests.twins.memory_compacted_topic import MemoryCompactedTopic
from tests.twins.memory_log import MemoryLog
from tests.twins.memory_log_reader import MemoryLogReader


@dataclass
class Window:
    """An API, and what stands around it; `later` moves its clock on (ms)."""

    client: httpx.AsyncClient
    callers: Callers
    folded: Folded
    board: PublishedCounts
    audited: Audited
    letters: MemoryLog
    """The log of events and of dead letters."""
    checks: MemoryLastChecks
    openings: MemoryLog
    """The log of the requests of auditors."""
    later: list[int] = field(default_factory=lambda: [0])

    async def get(self, path: str, headers: dict[str, str]) -> httpx.Response:
        """Ask, and hold the answer against the OpenAPI document."""
        answer = await self.client.get(path, headers=headers)
        path = path.partition("?")[0]
        await documented(self.client, re.sub("^/v1/shelters/[^/]+", "/v1/shelters/{shelter}", path), "get", answer)
        return answer


@pytest_asyncio.fixture
async def window(tmp_path: Path) -> AsyncIterator[Window]:
    """Open an API."""
    folded = Folded(now_ms())
    await folded.begin()
    async with opened(tmp_path, folded) as found:
        yield found


@asynccontextmanager
async def opened(folder: Path, folded: Folded, rates: Rates | None = None) -> AsyncIterator[Window]:
    """Open an API over a view that was begun."""
    metrics, callers, later, audited = Metrics(), Callers(folder), [0], Audited()
    letters, checks = MemoryLog(), MemoryLastChecks()
    moves = PositionTracker(folded.view, seconds, metrics)
    reading = ViewReader(
        view=folded.view,
        moves=moves,
        positions=SealedPositions(audited.pseudonyms),
        partitions=12,
        limits=StalenessLimits(),
        age_limits=AgeLimits(),
        now=lambda: folded.now + later[0],
    )
    board = PublishedCounts(
        reading=reading,
        areas=Areas(rows=read_regions(), disclosure=Disclosure(), heard_days=30, wall=lambda: folded.now),
        metrics=metrics,
        quarter_ms=QUARTER_MS,
        waiting=WaitingLists(folded.demand, 12).open,
    )
    app = new_app("Plek API", "", metrics, seconds)
    app.state.guard = audited.guard(callers.identity(metrics, rates))
    add_probes(app, metrics, lambda: {"view": moves.up}, frozenset({"view"}))
    mirror = CountryCache(reading=reading)
    add_shelters(app, reading, mirror)
    add_import_key(app, reading, mirror, audited.pseudonyms)
    add_waiting_holds(app, mirror)
    add_areas(app, board)
    add_area_exports(app, board)
    add_regions(app, board.areas.rows)
    add_operator(app, reading, mirror)
    asked = MemoryLog(now=lambda: folded.now + later[0])
    openings = Openings(MemoryCompactedTopic(asked, OPENINGS), asked, OPENINGS, lambda: folded.now + later[0], 24 * HOUR_MS)
    auditors = AuditorView(audited.pseudonyms, openings.opened)
    add_audit(app, audited.kept, auditors)
    add_audit_search(app, AuditSearch(log=audited.kept, checks=checks, seconds=seconds, view=auditors))
    add_audit_openings(app, AuditOpenings(openings))
    topics = Topics("plek")
    partitions = Partitions(
        views={"beds": folded.view, "demand": folded.demand},
        open=lambda sort: MemoryLogReader(letters, topics.truth(sort)),
        partitions=12,
        checks=checks,
        now=lambda: folded.now + later[0],
    )
    add_partitions(app, partitions)
    add_dead_letters(app, DeadLetterLog(topics=topics, partitions=12, open=lambda: MemoryLogReader(letters, topics.dead_letters)))
    add_documents(app)
    async with (
        running(moves.run_forever, audited.writer.run_forever),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://plek") as client,
    ):
        yield Window(client, callers, folded, board, audited, letters, checks, asked, later)


def kind(answer: httpx.Response) -> Any:
    """Tell status and kind of a problem."""
    return answer.status_code, answer.json()["type"].removeprefix("urn:plek:problem:")


QUARTER_MS = 900_000
OPENINGS = Topics("plek").audit_openings
