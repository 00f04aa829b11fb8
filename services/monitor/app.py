"""Composes the monitor. Nothing connects before it is started, and nothing it needs has to be there then."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI

from services.adapters.clock import now_ms, seconds
from services.adapters.identity import Identity
from services.adapters.issuer import IssuerKeys, fetching
from services.adapters.log_reader import Log
from services.adapters.metrics import Metrics
from services.adapters.producer import Producer
from services.adapters.pseudonym import Pseudonyms
from services.adapters.rates import MemoryRates, RedisRates, rates_of
from services.adapters.regions import read_regions
from services.adapters.settings import Settings
from services.adapters.topics import Topics
from services.adapters.web import add_probes, keeping, new_app
from services.adapters.worlds import is_made_up
from services.monitor import snapshot
from services.monitor.desk import Desk
from services.monitor.http.figures import add_figures
from services.monitor.http.query import Known
from services.monitor.http.releases import add_releases
from services.monitor.http.snapshots import add_snapshots
from services.monitor.http.window import Window
from services.monitor.publishing import KafkaPublications
from services.monitor.shelf import Shelf
from services.monitor.source import Source
from services.monitor.upkeep import Upkeep

_DESCRIPTION = "Figures from the stream: what was true, by what had been recorded, under which definition. To anyone: what is published."


def create_app(settings: Settings) -> FastAPI:
    """Put the monitor together from its settings."""
    metrics, regions, source = Metrics(), read_regions(settings.regions), Source.of(settings)
    keys = IssuerKeys(settings.issuer, fetching(settings.issuer), seconds, metrics)
    rates = RedisRates(settings.redis, settings.prefix, Pseudonyms(settings.secret), MemoryRates(seconds, rates_of(settings)), metrics)
    producer = Producer(settings.brokers, seconds, metrics)
    log = Log(settings.brokers, Topics(settings.prefix).monitor_snapshots)
    published = KafkaPublications(log, producer, Shelf(source.directory.root / "published"))
    desk = Desk(source.directory.root, regions, simulated=partial(is_made_up, settings.prefix, settings.data), limits=settings.limits)
    upkeep = Upkeep(
        source=source,
        published=published,
        refresh=desk.refresh,
        take=partial(snapshot.taken, desk.ask),
        wall=now_ms if settings.world == "live" else None,
        every_minutes=settings.monitor_minutes,
    )
    window = Window(
        identity=Identity(keys, settings.issuer, settings.audience, metrics, rates, settings.role_claim),
        ask=desk.ask,
        until=lambda: upkeep.until,
        published=published,
        now=now_ms if settings.world == "live" else lambda: upkeep.until or 0,
        known=Known(frozenset(regions), frozenset(row.province for row in regions.values())),
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with keeping(keys.keep, producer.keep, upkeep.keep):
            yield
        await rates.close()
        await log.close()
        desk.close()

    app = new_app("Plek monitor", _DESCRIPTION, metrics, seconds, lifespan, world=settings.world)
    # Until the log has been worked out it answers what is published, and says of the rest that it is not ready.
    add_probes(
        app, metrics, lambda: {"issuer": keys.ready, "kafka": producer.ready, "figures": upkeep.until is not None}, frozenset({"issuer"})
    )
    add_figures(app, window)
    add_snapshots(app, window)
    add_releases(app, window)
    return app
