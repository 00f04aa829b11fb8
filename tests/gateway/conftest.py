"""A gateway over a log and a view in memory, with an issuer of its own: everything real but Kafka, Redis and the network."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest_asyncio

from services.adapters.clock import now_ms, seconds
from services.adapters.memory_log import MemoryLog
from services.adapters.metrics import Metrics
from services.adapters.moves import Moves
from services.adapters.pseudonym import Pseudonyms
from services.adapters.regions import read_regions
from services.adapters.topics import Topics
from services.adapters.web import keeping, new_app
from services.gateway.body import BATCH, ONE
from services.gateway.door import Door
from services.gateway.events import Gateway, add_events
from tests.audited import Audited
from tests.callers import Callers
from tests.documented import documented
from tests.folded import WIRE, Folded


@dataclass
class Desk:
    """A gateway, and what stands around it."""

    client: httpx.AsyncClient
    callers: Callers
    log: MemoryLog
    folded: Folded
    metrics: Metrics
    pseudonyms: Pseudonyms
    moves: Moves
    audited: Audited

    async def send(self, headers: dict[str, str], *sent: Any) -> httpx.Response:
        """Send one event as one, several as a batch."""
        if len(sent) == 1:
            return await self.post(headers, ONE, orjson.dumps(sent[0]))
        return await self.post(headers, BATCH, orjson.dumps(sent))

    async def post(self, headers: dict[str, str], media_type: str, body: bytes) -> httpx.Response:
        """Send bytes."""
        answer = await self.client.post("/v1/events", headers=headers | {"Content-Type": media_type}, content=body)
        await documented(self.client, "/v1/events", "post", answer)
        return answer

    @property
    def kept(self) -> list[tuple[str, bytes]]:
        """What stands in the log: topic and value of every record."""
        return [(topic, record.value or b"") for (topic, _), records in self.log.records.items() for record in records]


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """Open a gateway."""
    metrics, callers, log = Metrics(), Callers(tmp_path), MemoryLog()
    folded = Folded(now_ms())
    await folded.begin()
    moves, pseudonyms, audited = Moves(folded.view, seconds, metrics), Pseudonyms("a key"), Audited("kafka-away")
    of_demand = Moves(folded.demand, seconds, metrics)
    regions = frozenset(read_regions())
    gateway = Gateway(
        identity=callers.identity(metrics),
        audit=audited.audit,
        door=Door(WIRE, 400),
        regions=regions,
        topics=Topics("plek"),
        log=log,
        view=folded.view,
        moves={"beds": moves, "demand": of_demand},
        partitions=12,
        unavailable_ms=60_000,
        now=now_ms,
        seconds=seconds,
        metrics=metrics,
    )
    app = new_app("Plek gateway", "", metrics, seconds)
    add_events(app, gateway)
    async with (
        keeping(moves.keep, of_demand.keep, audited.writer.keep),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://plek") as client,
    ):
        yield Desk(client, callers, log, folded, metrics, pseudonyms, moves, audited)
