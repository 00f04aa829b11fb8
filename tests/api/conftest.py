"""An API over a view in memory, with an issuer and a clock of its own."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest_asyncio

from services.adapters.clock import now_ms, seconds
from services.adapters.metrics import Metrics
from services.adapters.moves import Moves
from services.adapters.regions import read_regions
from services.adapters.web import add_probes, keeping, new_app
from services.api.audit import add_audit
from services.api.board import Board, add_areas
from services.api.documents import add_documents
from services.api.operator import add_operator
from services.api.reading import Reading
from services.api.shelters import add_shelters
from services.api.standing import Patience
from services.api.waiting import WaitingLists
from services.domain.freshness import Limits
from tests.audited import Audited
from tests.callers import Callers
from tests.documented import documented
from tests.folded import Folded


@dataclass
class Window:
    """An API, and what stands around it; `later` moves its clock on (ms)."""

    client: httpx.AsyncClient
    callers: Callers
    folded: Folded
    board: Board
    audited: Audited
    later: list[int] = field(default_factory=lambda: [0])

    async def get(self, path: str, headers: dict[str, str]) -> httpx.Response:
        """Ask, and hold the answer against the OpenAPI document."""
        answer = await self.client.get(path, headers=headers)
        path = path.partition("?")[0]
        await documented(self.client, "/v1/shelters/{shelter}" if path.startswith("/v1/shelters/") else path, "get", answer)
        return answer


@pytest_asyncio.fixture
async def window(tmp_path: Path) -> AsyncIterator[Window]:
    """Open an API."""
    metrics, callers, later = Metrics(), Callers(tmp_path), [0]
    folded, audited = Folded(now_ms()), Audited()
    await folded.begin()
    moves = Moves(folded.view, seconds, metrics)
    reading = Reading(
        identity=callers.identity(metrics),
        audit=audited.audit,
        view=folded.view,
        moves=moves,
        partitions=12,
        limits=Limits(),
        patience=Patience(),
        now=lambda: folded.now + later[0],
        metrics=metrics,
    )
    board = Board(
        reading=reading, regions=read_regions(), least_shelters=10, quarter_ms=QUARTER_MS, waiting=WaitingLists(folded.demand, 12).regions
    )
    app = new_app("Plek API", "", metrics, seconds)
    add_probes(app, metrics, lambda: {"view": moves.up}, frozenset({"view"}))
    add_shelters(app, reading)
    add_areas(app, board)
    add_operator(app, reading)
    add_audit(app, reading, audited.kept)
    add_documents(app)
    async with (
        keeping(moves.keep, audited.writer.keep),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://plek") as client,
    ):
        yield Window(client, callers, folded, board, audited, later)


def kind(answer: httpx.Response) -> Any:
    """Tell status and kind of a problem."""
    return answer.status_code, answer.json()["type"].removeprefix("urn:plek:problem:")


QUARTER_MS = 900_000
