"""Composes the monitor. Nothing connects before it is started, and nothing it needs has to be reachable then."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI

from services.adapters.audit.disk_buffer import AuditQueue
from services.adapters.audit.reader import KafkaAuditLog
from services.adapters.audit.recorder import Audit
from services.adapters.audit.writer import AuditWriter
from services.adapters.auth.authentication import Authentication
from services.adapters.auth.jwks_client import IssuerKeys, fetching
from services.adapters.auth.pseudonyms import Pseudonyms
from services.adapters.auth.rate_limits import MemoryRates, limits_of
from services.adapters.auth.redis_rate_limits import RedisRates
from services.adapters.auth.revoked_tokens import KEPT_MS
from services.adapters.clock import now_ms, seconds
from services.adapters.config.settings import Settings
from services.adapters.datasets import is_simulated
from services.adapters.http.app_factory import Keeper, add_probes, new_app, running
from services.adapters.http.call import RequestGuard
from services.adapters.kafka.compacted_topic import CompactedTopic
from services.adapters.kafka.log_reader import Log
from services.adapters.kafka.producer import Producer
from services.adapters.kafka.topics import Topics
from services.adapters.observability.metrics import Metrics
from services.adapters.regions import read_regions
from services.domain.durations import MINUTE_MS
from services.monitor.background.background_work import BackgroundWork
from services.monitor.background.monitor_task import MonitorTask, TaskKind, run_child
from services.monitor.figure_service import FigureService
from services.monitor.head_signer import HeadSigner
from services.monitor.http.catalogue_routes import add_catalogue
from services.monitor.http.figure_routes import add_figures
from services.monitor.http.publish_routes import add_publishing
from services.monitor.http.query_params import KnownCodes
from services.monitor.http.release_routes import add_releases
from services.monitor.http.report_routes import add_reports
from services.monitor.http.route_context import RouteContext
from services.monitor.http.snapshot_routes import add_snapshots
from services.monitor.log_source import LogSource
from services.monitor.publication import snapshot
from services.monitor.publication.catalogue import CC0, Catalogue, Publisher
from services.monitor.publication.kafka_publisher import KafkaPublications
from services.monitor.publication.published_store import PublishedStore
from services.monitor.publication.release import versions
from services.monitor.scheduler import Scheduler

_log = logging.getLogger(__name__)

_DESCRIPTION = "Figures from the stream: what was true, by what had been recorded, under which definition. To anyone: what is published."


def create_app(settings: Settings) -> FastAPI:
    """Compose the monitor from its settings."""
    metrics, regions = Metrics(), read_regions(settings.regions)
    keys = IssuerKeys(settings.issuer, fetching(settings.issuer), seconds, metrics, keep_s=settings.issuer_away_s)
    pseudonyms = Pseudonyms(settings.secret)
    rates = RedisRates(settings.redis, settings.prefix, pseudonyms, MemoryRates(seconds, limits_of(settings)), metrics)
    producer, log = Producer(settings.brokers, seconds, metrics), Log(settings.brokers, Topics(settings.prefix).monitor_snapshots)
    # A producer of its own: a query must not wait behind a snapshot
    audit_producer = Producer(settings.brokers, seconds, metrics, part="kafka-audit")
    writer = _audit_writer(settings, audit_producer, metrics)
    revoked = CompactedTopic(settings.brokers, Topics(settings.prefix).revoked_tokens, now_ms, KEPT_MS)
    scheduler, figures = _scheduler(settings, log, producer)
    signing = _head_signing(settings, audit_producer, metrics)
    background = BackgroundWork(run_child)
    context = RouteContext(
        ask=figures.ask,
        until=lambda: scheduler.until,
        published=scheduler.published,
        wall=scheduler.wall,
        known=KnownCodes(frozenset(regions), frozenset(row.province for row in regions.values())),
        background=background,
        task=partial(_task, settings, scheduler),
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        if not signing:
            _log.warning("no head of the audit log is signed: PLEK_AUDIT_HEAD_KEY_FILE names no key")
        async with running(*(part.run_forever for part in (keys, revoked, producer, audit_producer, writer, scheduler)), *signing):
            yield
        for part in (background, rates, log, writer):
            await part.close()

    def readiness() -> dict[str, bool]:
        audit = {"audit": writer.ready, "disk": writer.writable}
        return {"issuer": keys.ready, "kafka": producer.ready, **audit, "figures": scheduler.until is not None}

    app = new_app("Plek monitor", _DESCRIPTION, metrics, seconds, lifespan, world=settings.world)
    authentication = Authentication(
        keys, settings.issuer, settings.audience, metrics, rates, settings.role_claim, longest_s=settings.token_s, revoked=revoked
    )
    app.state.guard = RequestGuard(authentication=authentication, audit=Audit(writer, pseudonyms, now_ms, "kafka-away"))
    # Before the first tables are built it answers what is published, and "not ready" for the rest
    add_probes(app, metrics, readiness, frozenset({"issuer"}))
    add_figures(app, context)
    add_snapshots(app, context)
    add_releases(app, context)
    add_catalogue(app, Catalogue(_publisher(settings), scheduler.published), regions)
    add_reports(app, context)
    add_publishing(app, context)
    return app


def _publisher(settings: Settings) -> Publisher:
    return Publisher(
        address=(settings.public_address or f"http://localhost:{settings.monitor_port}").rstrip("/"),
        name=settings.publisher_name,
        uri=settings.publisher_uri,
        licence=settings.release_licence or CC0,
        contact=settings.contact,
    )


def _task(settings: Settings, scheduler: Scheduler, kind: TaskKind, year: int, bound: int) -> MonitorTask:
    published = scheduler.published
    earlier = [published.get(key) or b"" for key in versions(published.keys, year)] if kind == "draft" else []
    return MonitorTask(
        kind=kind,
        root=scheduler.source.directory.root,
        regions=settings.regions,
        simulated=is_simulated(settings.prefix, settings.data),
        ageing_ms=settings.limits.ageing_ms,
        unknown_ms=settings.limits.unknown_ms,
        year=year,
        bound=bound,
        published=tuple(value.decode() for value in earlier),
    )


def _audit_writer(settings: Settings, producer: Producer, metrics: Metrics) -> AuditWriter:
    trail, on_disk = KafkaAuditLog(settings.brokers, Topics(settings.prefix).audit), AuditQueue(settings.waiting, metrics)
    return AuditWriter("plek.monitor", producer, trail, now_ms, metrics, on_disk)


def _head_signing(settings: Settings, producer: Producer, metrics: Metrics) -> list[Keeper]:
    """Return what signs heads of the audit log: nothing without a key."""
    if settings.head_key is None:
        return []
    topics = Topics(settings.prefix)
    signer = HeadSigner(
        secret=settings.head_key,
        audit_log=KafkaAuditLog(settings.brokers, topics.audit),
        heads=KafkaAuditLog(settings.brokers, topics.audit_heads),
        log=producer,
        file=settings.audit_head_file,
        now=now_ms,
        metrics=metrics,
        every_ms=round(settings.audit_head_minutes * MINUTE_MS),
    )
    return [signer.run_forever]


def _scheduler(settings: Settings, log: Log, producer: Producer) -> tuple[Scheduler, FigureService]:
    source = LogSource.from_settings(settings)
    root, simulated = source.directory.root, partial(is_simulated, settings.prefix, settings.data)
    figures = FigureService(root, read_regions(settings.regions), simulated=simulated, limits=settings.limits)
    scheduler = Scheduler(
        source=source,
        published=KafkaPublications(log, producer, PublishedStore(root / "published")),
        refresh=figures.refresh,
        take=partial(snapshot.take, figures.ask),
        wall=now_ms if settings.world == "live" else None,
        every_minutes=settings.monitor_minutes,
    )
    return scheduler, figures
