"""A gateway over a log and a view in memory, with an issuer of its own: everything real but Kafka, Redis and the network."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest_asyncio

from services.adapters.auth.idempotency_keys import MemoryIdempotencyKeys
from services.adapters.auth.pseudonyms import Pseudonyms
from services.adapters.clock import now_ms, seconds
from services.adapters.http.app_factory import new_app, running
from services.adapters.http.sealed_positions import SealedPositions
from services.adapters.kafka.topics import Topics
from services.adapters.observability.metrics import Metrics
from services.adapters.regions import read_regions
from services.adapters.view.partition_cache import PartitionCache
from services.adapters.view.position_tracker import PositionTracker
from services.gateway.binary_mode import JSON
from services.gateway.cloudevents_body import BATCH, ONE
from services.gateway.event_log import EventLog
from services.gateway.event_validator import EventValidator
from services.gateway.event_volume import EventVolume
from services.gateway.facts.record_fact import FactCalls
from services.gateway.facts.routes import add_facts
from services.gateway.proposals.proposal_parts import ProposalParts, compose_changes, compose_decisions, compose_proposals
from services.gateway.proposals.routes import add_proposals
from services.gateway.publish_events import PublishEvents
from services.gateway.routes import add_events
from services.gateway.sent_events.recent_events import RecentEvents
from services.gateway.sent_events.routes import add_sent_events
from services.gateway.sent_events.undo_event import UndoCalls
from services.gateway.shelters.event_handles import EventHandles
from services.gateway.shelters.shelter_states import ShelterStates
from tests.audited import Audited
from tests.callers import Callers
from tests.documented import documented
from tests.folded import WIRE, Folded
from tests.gateway.volumes import volume_over
from tests.sent import http_headers
from tests.twins.memory_compacted_topic import MemoryCompactedTopic
from tests.twins.memory_log import MemoryLog
from tests.twins.memory_log_reader import MemoryLogReader


@dataclass
class Desk:
    """A gateway, with its callers, its log, its view and its audit log."""

    client: httpx.AsyncClient
    callers: Callers
    log: MemoryLog
    folded: Folded
    metrics: Metrics
    pseudonyms: Pseudonyms
    tracker: PositionTracker
    audited: Audited
    volume: EventVolume
    handles: EventHandles
    proposals: ProposalParts
    followed: MemoryCompactedTopic
    states: ShelterStates
    binary: bool = False
    """Whether one event is sent in binary mode, where it has attributes at all."""
    shown: set[int] = field(default_factory=set)
    """Which records of the log were folded."""

    async def send(self, headers: dict[str, str], *sent: Any) -> httpx.Response:
        """Send one event as one, several as a batch."""
        if self.binary and len(sent) == 1 and isinstance(sent[0], dict) and sent[0].keys() - {"data"}:
            return await self.post(headers | http_headers(sent[0]), JSON, orjson.dumps(sent[0].get("data")))
        if len(sent) == 1:
            return await self.post(headers, ONE, orjson.dumps(sent[0]))
        return await self.post(headers, BATCH, orjson.dumps(sent))

    async def post(self, headers: dict[str, str], media_type: str, body: bytes) -> httpx.Response:
        """Send bytes."""
        answer = await self.client.post("/v1/events", headers=headers | {"Content-Type": media_type}, content=body)
        await documented(self.client, "/v1/events", "post", answer)
        return answer

    async def call(self, headers: dict[str, str], path: str, body: dict[str, Any], key: str | None = None) -> httpx.Response:
        """Send a call without an envelope: `berk/admissions`."""
        headers = headers | ({"Idempotency-Key": key} if key else {})
        answer = await self.client.post(f"/v1/shelters/{path}", headers=headers, json=body)
        _, _, rest = path.partition("/")
        parts = rest.split("/")
        template = f"/v1/shelters/{{shelter}}/{rest}" if len(parts) == 1 else f"/v1/shelters/{{shelter}}/{parts[0]}/{{event}}/{parts[2]}"
        await documented(self.client, template, "post", answer)
        return answer

    async def listed(self, headers: dict[str, str], shelter: str = "berk") -> httpx.Response:
        """Read what was sent about a shelter."""
        answer = await self.client.get(f"/v1/shelters/{shelter}/events", headers=headers)
        await documented(self.client, "/v1/shelters/{shelter}/events", "get", answer)
        return answer

    async def fold_log(self) -> None:
        """Fold what the log has and the view does not show yet, as the processor would."""
        records = [record for (topic, _), kept in self.log.records.items() if topic == "plek.bed-events" for record in kept]
        for record in records:
            if id(record) not in self.shown:
                self.shown.add(id(record))
                await self.folded.fold(orjson.loads(record.value or b""))

    async def request(self, method: str, route: str, headers: dict[str, str], body: Any = None, **ids: str) -> httpx.Response:
        """Call a route, with the ids of its path, and look whether its answer is as it is documented."""
        answer = await self.client.request(method, route.format(**ids), headers=headers, json=body)
        await documented(self.client, route, method.lower(), answer)
        return answer

    @property
    def records(self) -> list[tuple[str, bytes]]:
        """Return topic and value of every record of the log."""
        return [(topic, record.value or b"") for (topic, _), records in self.log.records.items() for record in records]


@asynccontextmanager
async def opened(folder: Path, *, second_person: bool = True) -> AsyncIterator[Desk]:
    """Open a gateway."""
    metrics, callers, log = Metrics(), Callers(folder), MemoryLog()
    folded = Folded(now_ms())
    await folded.begin()
    tracker, pseudonyms, audited = PositionTracker(folded.view, seconds, metrics), Pseudonyms("a key"), Audited("kafka-away")
    demand_tracker = PositionTracker(folded.demand, seconds, metrics)
    validator, positions = EventValidator(WIRE, 400), SealedPositions(audited.pseudonyms)
    volume = volume_over(log, folded, audited, folder / "outbox")
    event_log = EventLog(
        log=log,
        topics=Topics("plek"),
        codec=WIRE,
        trackers={"beds": tracker, "demand": demand_tracker},
        seconds=seconds,
        metrics=metrics,
        volume=volume,
    )
    states = ShelterStates(view=PartitionCache(folded.view), tracker=tracker, partitions=12, unavailable_ms=60_000, now=now_ms)
    followed = MemoryCompactedTopic(log, "plek.proposals")
    recent = RecentEvents(log=MemoryLogReader(log, "plek.bed-events"), codec=WIRE, partitions=12, now=now_ms)
    proposals = compose_proposals(followed, event_log, recent, pseudonyms, now_ms, second_person=second_person)
    publishing = PublishEvents(
        validator=validator,
        regions=frozenset(read_regions()),
        log=event_log,
        states=states,
        changes=proposals.changes,
        proposals=proposals.log,
        positions=positions,
        now=now_ms,
        metrics=metrics,
    )
    app = new_app("Plek gateway", "", metrics, seconds)
    app.state.guard = audited.guard(callers.identity(metrics), frozenset(read_regions()))
    add_events(app, publishing)
    keys, handles = MemoryIdempotencyKeys(), EventHandles(pseudonyms)
    add_facts(app, FactCalls(publishing=publishing, handles=handles, pseudonyms=pseudonyms, keys=keys))
    undoing = UndoCalls(publishing=publishing, recent=recent, handles=handles, pseudonyms=pseudonyms, keys=keys)
    add_sent_events(app, undoing)
    decisions = compose_decisions(proposals, states)
    add_proposals(app, compose_changes(proposals, decisions, validator, positions, keys), decisions)
    async with (
        running(tracker.run_forever, demand_tracker.run_forever, audited.writer.run_forever),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://plek") as client,
    ):
        yield Desk(client, callers, log, folded, metrics, pseudonyms, tracker, audited, volume, handles, proposals, followed, states)


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """Open a gateway."""
    async with opened(tmp_path) as made:
        yield made
