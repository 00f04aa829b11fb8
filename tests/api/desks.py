"""An API that workers and shelters use, over a log in memory that is folded as it is written, or later."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, get_args

import httpx
from fastapi import FastAPI

from services.adapters.alerts.alert_sender import QUEUE, AlertSender
from services.adapters.auth.idempotency_keys import MemoryIdempotencyKeys
from services.adapters.auth.pseudonyms import Pseudonyms
from services.adapters.auth.rate_limits import MemoryRates, Rate, RateKind
from services.adapters.auth.rate_limits import RequestRates as RateLimits
from services.adapters.clock import now_ms, seconds
from services.adapters.codec.event_codec import encode, key_of, plain
from services.adapters.codec.json_reader import read_json
from services.adapters.durable_log import DurableLog
from services.adapters.http.app_factory import new_app, running
from services.adapters.http.sealed_positions import SealedPositions
from services.adapters.http.sealed_tokens import SealedTokens
from services.adapters.kafka.ports import LogPosition, LogRecord
from services.adapters.kafka.topics import Topics
from services.adapters.needs.need_keys import unwrapped
from services.adapters.needs.sealed_needs import StartKind, open_need
from services.adapters.observability.metrics import Metrics
from services.adapters.outbox import Outbox
from services.adapters.regions import read_regions
from services.adapters.view.position_tracker import PositionTracker
from services.api.areas.grouping import Areas
from services.api.areas.published_counts import PublishedCounts
from services.api.areas.routes import add_areas
from services.api.areas.waiting_regions import WaitingLists
from services.api.codes_route import add_codes
from services.api.demand.case_access import Cases
from services.api.demand.case_publisher import CasePublisher
from services.api.demand.fitting_now import CurrentFit
from services.api.demand.log_fallback import Fallbacks
from services.api.demand.recent_cases import MemoryRecentCases
from services.api.demand.routes import add_demand
from services.api.demand.waiting_list import WaitingList
from services.api.duty.disk_copy import DutyCopy
from services.api.duty.duty_list import DutyList
from services.api.duty.number_store import MemoryDutyNumbers
from services.api.duty.routes import add_duty_list
from services.api.holds.composition import HoldServices, compose_holds
from services.api.holds.owner_store import MemoryHoldOwners
from services.api.holds.pending_requests import MemoryPendingHolds
from services.api.holds.routes import add_holds
from services.api.limits.abuse_alerts import Alerts
from services.api.limits.alert_log import AlertLog
from services.api.limits.request_quota import RequestQuota
from services.api.limits.routes import add_alarms
from services.api.live.change_feed import ChangeFeed
from services.api.live.routes import LiveRoutes, add_live
from services.api.me_route import Me, add_me
from services.api.operator.auditor_view import AuditorView
from services.api.publishing.durable_publisher import DurablePublisher
from services.api.publishing.event_publisher import EventPublisher
from services.api.publishing.need_sealing import NeedSealing
from services.api.read_model.country_cache import CountryCache
from services.api.read_model.data_age import AgeLimits
from services.api.read_model.disclosure_level import Disclosure
from services.api.read_model.log_outage import LogOutage
from services.api.read_model.view_reader import ViewReader
from services.api.searches.handlers import Searches
from services.api.searches.offer_budget import MemoryOfferBudget
from services.api.searches.routes import add_searches
from services.api.searches.search_answers import SearchAnswers
from services.api.trail_route import Trail, add_trail
from services.domain.beds.staleness import StalenessLimits
from services.domain.events.catalog import Event
from tests.audited import Audited
from tests.callers import Callers
from tests.documented import documented
from tests.folded import WIRE, Folded
from tests.sent import declared, registered
from tests.twins.memory_compacted_topic import MemoryCompactedTopic
from tests.twins.memory_log import MemoryLog
from tests.waiting import until

TOPICS = Topics("plek")
REGIONS = read_regions()
SINGLE = {"adults": 1}
# A worker of a test does in a second what another does in a month
OFTEN: dict[RateKind, Rate] = {kind: Rate(1_000_000) for kind in get_args(RateKind)}
GUARDED = Disclosure()
# Wraps the keys of needs
SECRET = bytes(range(32))
MOTHER = {"adults": 1, "children": 2, "oldest_son_age": 3}


def _standing_still() -> float:
    """Return no time at all: nothing stamps this view every second, and on a busy machine it would seem dead."""
    return 0.0


def _alert_log(folder: Path, metrics: Metrics, reading: ViewReader) -> AlertLog:
    """Make an alert log over a topic in memory."""
    log = MemoryLog(partitions=1)
    sender = AlertSender(TOPICS, DurableLog(log, Outbox(folder / "outbox", log, metrics, name=QUEUE)))
    return AlertLog(topic=MemoryCompactedTopic(log, TOPICS.alarms), sender=sender, now=reading.now)


class FoldedLog(MemoryLog):
    """A log whose events are folded when they are appended; with `stalled`, when `catch_up` is called."""

    def __init__(self, folded: Folded) -> None:
        super().__init__()
        self.folded, self.stalled, self._behind = folded, False, list[LogRecord]()
        self.need_keys = MemoryCompactedTopic(self, TOPICS.need_keys)

    async def append(self, records: Sequence[LogRecord]) -> list[LogPosition]:
        """Append, and fold."""
        places = await super().append(records)
        self._behind += [record for record in records if record.topic != TOPICS.need_keys]
        if not self.stalled:
            await self.catch_up()
        return places

    async def catch_up(self) -> None:
        """Fold what was appended meanwhile."""
        behind, self._behind = self._behind, []
        for record in behind:
            await self.folded.fold(read_json(record.value or b""))

    def said(self, name: str) -> list[dict[str, Any]]:
        """List what was said in events of a type, in either version; a sealed need is opened."""
        events = [records for (topic, _), records in self.records.items() if topic != TOPICS.need_keys]
        values = [read_json(record.value or b"") for records in events for record in records]
        types = {f"nl.plek.{name}.v1", f"nl.plek.{name}.v2"}
        return [self._opened(value["data"]) for value in values if value["type"] in types]

    def _opened(self, data: dict[str, Any]) -> dict[str, Any]:
        if "sealed" not in data:
            return data
        name, text = data["sealed"]["key"], data["sealed"]["text"]
        record = self.need_keys.get(name)
        key = unwrapped(name, record.value or b"", SECRET) if record else None
        kind: StartKind = "search" if "search" in data else "fallback"
        stated = open_need(kind, data[kind], text, key) if key else None
        assert stated is not None
        return {member: value for member, value in data.items() if member != "sealed"} | {
            "need": plain(stated.need),
            "exclude_regions": list(stated.exclude_regions),
        }


@dataclass
class Desks:
    """The API, and what stands around it."""

    client: httpx.AsyncClient
    callers: Callers
    folded: Folded
    log: FoldedLog
    holds: HoldServices
    sending: EventPublisher
    quota: RequestQuota
    audited: Audited
    metrics: Metrics
    outbox: Outbox
    app: FastAPI
    hub: ChangeFeed
    board: PublishedCounts
    duty: DutyList
    numbers: MemoryDutyNumbers
    needs: NeedSealing

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
            await self.log.append([LogRecord(TOPICS.truth(WIRE.topic_of(event)), key_of(event).encode(), encode(event))])

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
    if parts[2] == "duty-list" and len(parts) > 3:
        parts[3:] = ["{organisation}", "{region}"]
    return "/".join(parts)


@asynccontextmanager
async def desks(
    folder: Path,
    chance: int | Random = 1,
    patience_s: float = 30.0,
    *,
    folded: Folded | None = None,
    disclosure: Disclosure = GUARDED,
    alarm_at: int = 4,
    desk_alarm_at: int = 1_000_000,
    often: Mapping[RateKind, Rate] = OFTEN,
    per_hour: int = 1_000_000,
    audit_on_disk: bool = False,
) -> AsyncIterator[Desks]:
    """Open an API."""
    metrics, callers, folded = Metrics(), Callers(folder), folded or Folded(now_ms())
    await folded.begin()
    for partition in range(12):
        await folded.stand(partition)
    log, moves, pseudonyms, audited = (
        FoldedLog(folded),
        PositionTracker(folded.view, _standing_still, metrics),
        Pseudonyms("key"),
        Audited(on_disk=folder / "outbox" if audit_on_disk else None),
    )
    of_demand, outbox = PositionTracker(folded.demand, _standing_still, metrics), Outbox(folder / "outbox", log, metrics)
    rates = MemoryRates(seconds, RateLimits(often, per_hour))
    sending = EventPublisher(
        log=log,
        topics=TOPICS,
        wire=WIRE,
        moves={"beds": moves, "demand": of_demand},
        pseudonyms=pseudonyms,
        retries=MemoryIdempotencyKeys(),
        now=lambda: folded.now,
    )
    needs = NeedSealing(topic=log.need_keys, name=TOPICS.need_keys, secret=SECRET, now=lambda: folded.now)
    durable = DurablePublisher(sending, DurableLog(log, outbox), needs)
    reading = ViewReader(
        view=folded.view,
        moves=moves,
        positions=SealedPositions(audited.pseudonyms),
        partitions=12,
        limits=StalenessLimits(),
        age_limits=AgeLimits(),
        now=lambda: folded.now,
        outage=LogOutage(durable, seconds, 60.0),
    )
    alerts = Alerts(
        audit=audited.audit,
        metrics=metrics,
        pseudonyms=pseudonyms,
        rates=rates,
        wall=reading.now,
        log=_alert_log(folder, metrics, reading),
        searches_at=alarm_at,
        holds_at=alarm_at,
        desk_at=desk_alarm_at,
        call_lists_at=4,
        take_overs_at=4,
    )
    quota = RequestQuota(rates=rates, pseudonyms=pseudonyms, alerts=alerts, now=lambda: folded.now, rate_share=disclosure.rate_share)
    areas = Areas(rows=REGIONS, disclosure=disclosure, heard_days=30, wall=lambda: folded.now)
    answers = SearchAnswers(
        regions=REGIONS,
        areas=areas,
        seals=SealedTokens(pseudonyms.sealing_key("offers")),
        chance=chance if isinstance(chance, Random) else Random(chance),
        budget=MemoryOfferBudget(seconds),
    )
    searching = Searches(
        reading=reading,
        mirror=CountryCache(reading=reading),
        demand=folded.demand,
        durable=durable,
        answers=answers,
        alerts=alerts,
        quota=quota,
        metrics=metrics,
    )
    owners = MemoryHoldOwners()
    holds = compose_holds(searching, MemoryPendingHolds(), owners, seconds, patience_s)
    app = new_app("Plek API", "", metrics, seconds)
    app.state.guard = audited.guard(callers.identity(metrics, rates), frozenset(REGIONS))
    add_searches(app, searching)
    add_holds(app, holds)
    cases = Cases(reading=reading, demand=folded.demand, posting=CasePublisher(reading=reading, durable=durable))
    fitting = CurrentFit(reading=reading, mirror=searching.mirror, sending=sending, quota=quota, opened=searching.decrypt)
    recent = MemoryRecentCases(seconds)
    fallbacks = Fallbacks(cases=cases, fitting=fitting, recent=recent, alerts=alerts, needs=needs)
    add_demand(app, fallbacks, WaitingList(cases=cases))
    board = PublishedCounts(reading=reading, areas=areas, metrics=metrics, quarter_ms=900_000, waiting=WaitingLists(folded.demand, 12).open)
    seals = SealedTokens(pseudonyms.sealing_key("live"))
    hub = ChangeFeed(reading=reading, demand=folded.demand, of_demand=of_demand, board=board, owners=owners, seals=seals)
    alerts.log.notify = hub.send_alerts
    add_areas(app, board)
    add_alarms(app, alerts.log)
    add_codes(app)
    add_me(app, Me(regions=REGIONS, quota=quota, disclosure=disclosure))
    trail_seals, view = SealedTokens(pseudonyms.sealing_key("trail")), AuditorView(pseudonyms, frozenset)
    add_trail(app, Trail(log=audited.kept, seals=trail_seals, now=now_ms, seconds=seconds, view=view))
    add_live(app, LiveRoutes(reading, hub, pseudonyms))
    numbers, copy = MemoryDutyNumbers(), DutyCopy(folder / "plek.duty-list", pseudonyms.sealing_key("duty-list"))
    duty = DutyList(reading=reading, mirror=searching.mirror, numbers=numbers, copy=copy, regions=REGIONS, alerts=alerts)
    add_duty_list(app, duty)
    async with (
        running(
            moves.run_forever,
            of_demand.run_forever,
            audited.writer.run_forever,
            outbox.run_forever,
            hub.run_forever,
        ),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://plek") as client,
    ):
        await until(lambda: moves.up and of_demand.up and audited.writer.ready)
        yield Desks(client, callers, folded, log, holds, sending, quota, audited, metrics, outbox, app, hub, board, duty, numbers, needs)
        await outbox.close()
        await audited.writer.close()
