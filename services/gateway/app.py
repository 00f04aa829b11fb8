"""Composes the gateway. Nothing connects before it is started, and nothing it needs has to be there then."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from services.adapters.audit.gate import Audit
from services.adapters.audit.trail import KafkaTrail
from services.adapters.audit.writer import Writer
from services.adapters.clock import now_ms, seconds
from services.adapters.dead_letters import LARGEST_BYTES
from services.adapters.identity import Identity
from services.adapters.issuer import IssuerKeys, fetching
from services.adapters.metrics import Metrics
from services.adapters.moves import Moves
from services.adapters.producer import Producer
from services.adapters.pseudonym import Pseudonyms
from services.adapters.rates import MemoryRates, RedisRates, rates_of
from services.adapters.regions import read_regions
from services.adapters.settings import Settings
from services.adapters.topic_watch import TopicWatch
from services.adapters.topics import Topics
from services.adapters.view.redis_view import RedisDemandView, RedisView
from services.adapters.web import add_probes, keeping, new_app
from services.adapters.wire import Wire
from services.gateway.door import Door
from services.gateway.events import Gateway, add_events
from services.gateway.intake import Clerk, Intake

_DESCRIPTION = "Events of shelters and desks go in here, and are acknowledged when they can't be lost any more."


def create_app(settings: Settings) -> FastAPI:
    """Put the gateway together from its settings."""
    metrics = Metrics()
    keys = IssuerKeys(settings.issuer, fetching(settings.issuer), seconds, metrics)
    view = RedisView(settings.redis, settings.prefix, settings.partitions)
    demand = RedisDemandView(settings.redis, settings.prefix, settings.partitions)
    producer = Producer(settings.brokers, seconds, metrics)
    # Its own: dead letters may be larger than events, and one way in must not wait for the other.
    letters = Producer(settings.brokers, seconds, metrics, LARGEST_BYTES, part="kafka-letters")
    audited = Producer(settings.brokers, seconds, metrics, part="kafka-audit")
    writer = Writer("plek.gateway", audited, KafkaTrail(settings.brokers, Topics(settings.prefix).audit), now_ms, metrics)
    pseudonyms = Pseudonyms(settings.secret)
    rates = RedisRates(settings.redis, settings.prefix, pseudonyms, MemoryRates(seconds, rates_of(settings)), metrics)
    identity = Identity(keys, settings.issuer, settings.audience, metrics, rates, settings.role_claim)
    gateway = _gateway(settings, identity, Audit(writer, pseudonyms, now_ms, "kafka-away"), producer, (view, demand), metrics)
    intake = Intake(settings.brokers, _clerk(settings, gateway, letters))
    watch = TopicWatch(settings.brokers, settings.prefix, settings.partitions, metrics)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        following = [each.keep for each in gateway.moves.values()]
        appending = [watch.before(each.keep) for each in (producer, letters, audited)]
        async with keeping(watch.keep, *appending, keys.keep, *following, writer.keep, intake.keep):
            yield
        await view.close()
        await rates.close()
        await demand.close()

    app = new_app("Plek gateway", _DESCRIPTION, metrics, seconds, lifespan)
    # Without the view it takes events all the same, and says that they are not visible.
    add_probes(
        app,
        metrics,
        lambda: {
            "topics": watch.passed,
            "kafka": producer.ready,
            "issuer": keys.ready,
            "audit": writer.ready,
            "view": gateway.moves["beds"].up,
        },
        frozenset({"kafka", "issuer", "audit"}),
    )
    add_events(app, gateway)
    return app


def _gateway(
    settings: Settings, identity: Identity, audit: Audit, log: Producer, views: tuple[RedisView, RedisDemandView], metrics: Metrics
) -> Gateway:
    view, demand = views
    regions = frozenset(read_regions(settings.regions))
    return Gateway(
        identity=identity,
        audit=audit,
        door=Door(Wire(regions), settings.too_old_days),
        regions=regions,
        topics=Topics(settings.prefix),
        log=log,
        view=view,
        moves={"beds": Moves(view, seconds, metrics), "demand": Moves(demand, seconds, metrics)},
        partitions=settings.partitions,
        unavailable_ms=round(settings.unavailable_after_s * 1_000),
        now=now_ms,
        seconds=seconds,
        metrics=metrics,
    )


def _clerk(settings: Settings, gateway: Gateway, log: Producer) -> Clerk:
    return Clerk(
        topics=gateway.topics,
        door=gateway.door,
        log=log,
        view=gateway.view,
        partitions=gateway.partitions,
        oldest_ms=round(settings.degraded_after_s * 1_000),
        now=gateway.now,
        metrics=gateway.metrics,
    )
