"""Composes the API. Nothing connects before it is started, and nothing it needs has to be there then."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import SystemRandom

from fastapi import FastAPI

from services.adapters.audit.gate import Audit
from services.adapters.audit.trail import KafkaTrail
from services.adapters.audit.writer import Writer
from services.adapters.clock import now_ms, seconds
from services.adapters.identity import Identity
from services.adapters.issuer import IssuerKeys, fetching
from services.adapters.kept_keys import KeptKeys
from services.adapters.metrics import Metrics
from services.adapters.moves import Moves
from services.adapters.notes import RedisNotes
from services.adapters.outbox import Outbox
from services.adapters.producer import Producer
from services.adapters.pseudonym import Pseudonyms
from services.adapters.rates import MemoryRates, RedisRates, rates_of
from services.adapters.regions import read_regions
from services.adapters.retries import RedisRetries
from services.adapters.settings import Settings
from services.adapters.topic_watch import TopicWatch
from services.adapters.topics import Topics
from services.adapters.view.port import ReadableDemand
from services.adapters.view.redis_view import RedisDemandView, RedisView
from services.adapters.view.world_view import WorldView
from services.adapters.web import add_probes, keeping, new_app
from services.adapters.wire import Topic, Wire
from services.api.alarms import Alarms
from services.api.answering import Answering
from services.api.asking import Asking
from services.api.audit import add_audit
from services.api.board import Board, add_areas
from services.api.cases import Cases
from services.api.demand_routes import add_demand
from services.api.documents import add_documents
from services.api.fallbacks import Fallbacks
from services.api.hold_routes import add_holds
from services.api.holds import Holding
from services.api.hub import Hub
from services.api.live import Live, add_live
from services.api.mirror import Mirror
from services.api.offers import Areas
from services.api.operator import add_operator
from services.api.posting import Posting
from services.api.reading import Reading
from services.api.sealing import Seals
from services.api.search_routes import add_searches
from services.api.searches import Searching
from services.api.sending import Sending
from services.api.shelters import add_shelters
from services.api.standing import Patience
from services.api.unended import Unended
from services.api.waiting import WaitingLists
from services.api.waiting_list import WaitingList
from services.domain.crowd import Least

_DESCRIPTION = "Where a place is free right now, to whom it may be told, and how old the answer is."


def create_app(settings: Settings) -> FastAPI:
    """Put the API together from its settings."""
    metrics = Metrics()
    pseudonyms = Pseudonyms(settings.secret)
    disk = settings.outbox or settings.data / "outbox"
    on_disk = KeptKeys(disk / "issuer-keys", settings.issuer, pseudonyms.sealing_key("issuer-keys"), now_ms)
    keys = IssuerKeys(settings.issuer, fetching(settings.issuer), seconds, metrics, on_disk)
    kept = RedisView(settings.redis, settings.prefix, settings.partitions)
    demand = RedisDemandView(settings.redis, settings.prefix, settings.partitions)
    beside = None if settings.world == "live" else WorldView(kept, demand)
    view = beside or kept
    moves, of_demand = Moves(view, seconds, metrics), Moves(demand, seconds, metrics)
    producer = Producer(settings.brokers, seconds, metrics)
    retries, notes = RedisRetries(settings.redis, settings.prefix), RedisNotes(settings.redis, settings.prefix)
    # Its own: a look at a shelter must not wait behind somebody's events.
    noting = Producer(settings.brokers, seconds, metrics, part="kafka-audit")
    trail = KafkaTrail(settings.brokers, Topics(settings.prefix).audit)
    watch = TopicWatch(settings.brokers, settings.prefix, settings.partitions, metrics)
    writer = Writer("plek.api", noting, trail, now_ms, metrics)
    rates = RedisRates(settings.redis, settings.prefix, pseudonyms, MemoryRates(seconds, rates_of(settings)), metrics)
    reading = Reading(
        identity=Identity(keys, settings.issuer, settings.audience, metrics, rates, settings.role_claim),
        audit=Audit(writer, pseudonyms, now_ms),
        view=view,
        moves=moves,
        partitions=settings.partitions,
        limits=settings.limits,
        patience=Patience(round(settings.degraded_after_s * 1_000), round(settings.unavailable_after_s * 1_000)),
        now=beside.now if beside else now_ms,
        metrics=metrics,
        wall=now_ms,
        world=settings.world,
    )
    board = Board(
        reading=reading,
        regions=read_regions(settings.regions),
        least_shelters=settings.area_shelters,
        quarter_ms=round(settings.areas_minutes * 60_000),
        waiting=WaitingLists(demand, settings.partitions).regions,
    )
    sending = _sending(settings, producer, {"beds": moves, "demand": of_demand}, pseudonyms, retries)
    alarms = Alarms(reading=reading, rates=rates, searches_at=settings.searches_unheld, holds_at=settings.holds_given_back)
    searching = _searching(settings, reading, demand, sending, alarms)
    outbox = Outbox(disk / settings.prefix, producer, metrics)
    cases = Cases(reading=reading, demand=demand, posting=Posting(reading=reading, sending=sending, outbox=outbox))
    codes = frozenset(searching.regions)
    unended = Unended(demand=demand, partitions=settings.partitions, sending=sending, now=reading.now, metrics=metrics)
    hub = Hub(reading=reading, demand=demand, of_demand=of_demand, board=board, seals=Seals(pseudonyms.sealing_key("live")))
    holding = Holding(reading=reading, mirror=searching.mirror, sending=sending, notes=notes, alarms=alarms)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        following = (moves.keep, of_demand.keep, searching.mirror.keep)
        appending = [watch.before(each.keep) for each in (producer, noting)]
        ours = (writer.keep, board.keep, holding.keep, outbox.keep, hub.keep, *([] if beside else [unended.keep]))
        async with keeping(watch.keep, *appending, keys.keep, *following, *ours):
            yield
        for each in (kept, demand, retries, notes, rates, outbox):
            await each.close()

    app = new_app("Plek API", _DESCRIPTION, metrics, seconds, lifespan, world=settings.world)
    # Whoever follows /readyz must still bring a hotel here: without the view it is taken all the same, and whoever reads is told to phone.
    needed = frozenset({"issuer"})
    add_probes(app, metrics, lambda: {"issuer": keys.ready, "view": moves.up, "kafka": producer.ready, "audit": writer.ready}, needed)
    add_shelters(app, reading)
    add_areas(app, board)
    add_searches(app, searching)
    add_holds(app, Asking(holding=holding, searching=searching, seconds=seconds), Answering(holding=holding))
    add_demand(app, Fallbacks(cases=cases, mirror=searching.mirror, regions=codes), WaitingList(cases=cases, regions=codes))
    add_live(app, Live(reading, hub, pseudonyms))
    add_operator(app, reading)
    add_audit(app, reading, trail)
    add_documents(app)
    return app


def _sending(settings: Settings, log: Producer, moves: dict[Topic, Moves], pseudonyms: Pseudonyms, retries: RedisRetries) -> Sending:
    return Sending(
        log=log,
        topics=Topics(settings.prefix),
        wire=Wire(frozenset(read_regions(settings.regions))),
        moves=moves,
        pseudonyms=pseudonyms,
        retries=retries,
        now=now_ms,
    )


def _searching(settings: Settings, reading: Reading, demand: ReadableDemand, sending: Sending, alarms: Alarms) -> Searching:
    regions = read_regions(settings.regions)
    return Searching(
        reading=reading,
        mirror=Mirror(reading=reading),
        demand=demand,
        sending=sending,
        seals=Seals(sending.pseudonyms.sealing_key("offers")),
        regions=regions,
        areas=Areas(regions, settings.area_shelters),
        least=Least(settings.crowd_shelters, settings.alike_shelters),
        chance=SystemRandom(),
        alarms=alarms,
    )
