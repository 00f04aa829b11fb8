"""An API that workers and shelters use, over a log in memory that is folded as it is written, or later."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import httpx
from fastapi import FastAPI

from services.adapters.clock import now_ms, seconds
from services.adapters.log_port import Place, Record
from services.adapters.memory_log import MemoryLog
from services.adapters.metrics import Metrics
from services.adapters.moves import Moves
from services.adapters.notes import MemoryNotes
from services.adapters.outbox import Outbox
from services.adapters.pseudonym import Pseudonyms
from services.adapters.rates import Asked, MemoryRates, Rate
from services.adapters.regions import read_regions
from services.adapters.retries import MemoryRetries
from services.adapters.strict_json import read_json
from services.adapters.topics import Topics
from services.adapters.web import keeping, new_app
from services.adapters.wire import encode, key_of
from services.api.alarms import Alarms
from services.api.answering import Answering
from services.api.asking import Asking
from services.api.board import Board, add_areas
from services.api.cases import Cases
from services.api.demand_routes import add_demand
from services.api.fallbacks import Fallbacks
from services.api.hold_routes import add_holds
from services.api.holds import Holding
from services.api.hub import Hub
from services.api.live import Live, add_live
from services.api.mirror import Mirror
from services.api.offers import Areas
from services.api.posting import Posting
from services.api.reading import Reading
from services.api.sealing import Seals
from services.api.search_routes import add_searches
from services.api.searches import Searching
from services.api.sending import Sending
from services.api.standing import Patience
from services.api.waiting import WaitingLists
from services.api.waiting_list import WaitingList
from services.domain.crowd import Least
from services.domain.events import Event
from services.domain.freshness import Limits
from tests.audited import Audited
from tests.callers import Callers
from tests.documented import documented
from tests.folded import WIRE, Folded
from tests.sent import declared, registered
from tests.waiting import until

TOPICS = Topics("plek")
REGIONS = read_regions()
SINGLE = {"women": 1}
# A worker of a test does in a second what another does in a month
OFTEN: dict[Asked, Rate] = {"call": Rate(1_000_000), "search": Rate(1_000_000), "name": Rate(1_000_000), "desk": Rate(1_000_000)}
ONE = Least(1, 1)
MOTHER = {"women": 1, "children": [{"age": 3, "boy": True}, {"age": 3, "boy": True}]}


class FoldedLog(MemoryLog):
    """A log whose events are folded when they are appended; with `stalled`, when `catch_up` is called."""

    def __init__(self, folded: Folded) -> None:
        super().__init__()
        self.folded, self.stalled, self._behind = folded, False, list[Record]()

    async def append(self, records: Sequence[Record]) -> list[Place]:
        """Append, and fold."""
        places = await super().append(records)
        self._behind += records
        if not self.stalled:
            await self.catch_up()
        return places

    async def catch_up(self) -> None:
        """Fold what was appended meanwhile."""
        behind, self._behind = self._behind, []
        for record in behind:
            await self.folded.fold(read_json(record.value or b""))

    def said(self, name: str) -> list[dict[str, Any]]:
        """List what was said in events of a type."""
        values = [read_json(record.value or b"") for records in self.records.values() for record in records]
        return [value["data"] for value in values if value["type"] == f"nl.plek.{name}.v1"]


@dataclass
class Desks:
    """The API, and what stands around it."""

    client: httpx.AsyncClient
    callers: Callers
    folded: Folded
    log: FoldedLog
    holding: Holding
    audited: Audited
    metrics: Metrics
    outbox: Outbox
    app: FastAPI
    hub: Hub
    board: Board

    async def call(self, method: str, path: str, who: dict[str, str], body: Any = None, key: str | None = None) -> httpx.Response:
        """Ask, and hold the answer against the OpenAPI document."""
        headers = who | ({} if key is None else {"Idempotency-Key": key})
        answer = await self.client.request(method, path, headers=headers, json=body)
        await documented(self.client, _template(path), method.lower(), answer)
        return answer

    async def say(self, *sent: dict[str, Any]) -> None:
        """Have events logged and folded."""
        for each in sent:
            event = WIRE.decode_object(each)
            assert isinstance(event, Event), event
            await self.log.append([Record(TOPICS.truth(WIRE.topic_of(event)), key_of(event).encode(), encode(event))])

    async def shelters(self, *names: str, region: str = "R07", **facts: Any) -> None:
        """Have shelters with one unit for a mother with two children."""
        for name in names:
            await self.say(registered(name, region), declared("u1", name, **facts))

    async def search(self, who: dict[str, str] | None = None, body: Any = None, **more: Any) -> dict[str, Any]:
        """Search, and take the answer."""
        answer = await self.call("post", "/v1/searches", who or self.callers.worker(), (body or MOTHER) | more)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def hold(self, offer: str, who: dict[str, str] | None = None, key: str | None = None) -> httpx.Response:
        """Ask for an offer to be held."""
        return await self.call("post", "/v1/holds", who or self.callers.worker(), {"offer": offer}, key)

    async def later(self, ms: int) -> None:
        """Let time pass."""
        self.folded.now += ms
        for partition in range(12):
            await self.folded.stand(partition)


def _template(path: str) -> str:
    parts = path.partition("?")[0].split("/")
    named = {"holds": "{hold}", "searches": "{search}", "fallbacks": "{fallback}", "waiting-list": "{entry}"}
    if parts[2] in named and len(parts) > 3:
        parts[3] = named[parts[2]]
    return "/".join(parts)


@asynccontextmanager
async def desks(
    folder: Path,
    chance: int | Random = 1,
    patience_s: float = 30.0,
    *,
    folded: Folded | None = None,
    least: Least = ONE,
    alarm_at: int = 4,
    often: Mapping[Asked, Rate] = OFTEN,
) -> AsyncIterator[Desks]:
    """Open an API; of whatever is told of a place, `least` shelters could be the one."""
    metrics, callers, folded = Metrics(), Callers(folder), folded or Folded(now_ms())
    await folded.begin()
    for partition in range(12):
        await folded.stand(partition)
    log, moves, pseudonyms, audited = FoldedLog(folded), Moves(folded.view, seconds, metrics), Pseudonyms("key"), Audited()
    of_demand, outbox = Moves(folded.demand, seconds, metrics), Outbox(folder / "outbox", log, metrics)
    reading = Reading(
        identity=callers.identity(metrics, MemoryRates(seconds, often)),
        audit=audited.audit,
        view=folded.view,
        moves=moves,
        partitions=12,
        limits=Limits(),
        patience=Patience(),
        now=lambda: folded.now,
        metrics=metrics,
    )
    sending = Sending(
        log=log,
        topics=TOPICS,
        wire=WIRE,
        moves={"beds": moves, "demand": of_demand},
        pseudonyms=pseudonyms,
        retries=MemoryRetries(),
        now=lambda: folded.now,
    )
    alarms = Alarms(reading=reading, rates=MemoryRates(seconds), searches_at=alarm_at, holds_at=alarm_at)
    searching = Searching(
        reading=reading,
        mirror=Mirror(reading=reading),
        demand=folded.demand,
        sending=sending,
        seals=Seals(pseudonyms.sealing_key("offers")),
        regions=REGIONS,
        areas=Areas(REGIONS, 10),
        least=least,
        chance=chance if isinstance(chance, Random) else Random(chance),
        alarms=alarms,
    )
    holding = Holding(reading=reading, mirror=searching.mirror, sending=sending, notes=MemoryNotes(), alarms=alarms, patience_s=patience_s)
    app = new_app("Plek API", "", metrics, seconds)
    add_searches(app, searching)
    add_holds(app, Asking(holding=holding, searching=searching, seconds=seconds), Answering(holding=holding))
    cases = Cases(reading=reading, demand=folded.demand, posting=Posting(reading=reading, sending=sending, outbox=outbox))
    codes = frozenset(REGIONS)
    add_demand(app, Fallbacks(cases=cases, mirror=searching.mirror, regions=codes), WaitingList(cases=cases, regions=codes))
    board = Board(reading=reading, regions=REGIONS, least_shelters=10, quarter_ms=900_000, waiting=WaitingLists(folded.demand, 12).regions)
    hub = Hub(reading=reading, demand=folded.demand, of_demand=of_demand, board=board, seals=Seals(pseudonyms.sealing_key("live")))
    add_areas(app, board)
    add_live(app, Live(reading, hub, pseudonyms))
    async with (
        keeping(moves.keep, of_demand.keep, audited.writer.keep, outbox.keep, hub.keep),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://plek") as client,
    ):
        await until(lambda: moves.up and of_demand.up and audited.writer.ready)
        yield Desks(client, callers, folded, log, holding, audited, metrics, outbox, app, hub, board)
        await outbox.close()
