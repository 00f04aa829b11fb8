"""Composes the gateway. Nothing connects before it is started, and nothing it needs has to be there then."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from services.adapters.clock import now_ms, seconds
from services.adapters.dead_letters import LARGEST_BYTES
from services.adapters.identity import Identity
from services.adapters.issuer import IssuerKeys, fetching
from services.adapters.metrics import Metrics
from services.adapters.moves import Moves
from services.adapters.producer import Producer
from services.adapters.pseudonym import Pseudonyms
from services.adapters.regions import read_regions
from services.adapters.settings import Settings
from services.adapters.topics import Topics
from services.adapters.view.redis_view import RedisView
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
    moves = Moves(view, seconds, metrics)
    producer = Producer(settings.kafka, seconds, metrics)
    regions = frozenset(read_regions(settings.regions))
    key = settings.pseudonym_key.get_secret_value() if settings.pseudonym_key else None
    door, topics = Door(Wire(regions), settings.too_old_days), Topics(settings.prefix)
    # Its own: dead letters may be larger than events, and one way in must not wait for the other.
    letters = Producer(settings.kafka, seconds, metrics, LARGEST_BYTES)
    clerk = Clerk(
        topics=topics,
        door=door,
        log=letters,
        view=view,
        partitions=settings.partitions,
        oldest_ms=round(settings.degraded_after_s * 1_000),
        now=now_ms,
        metrics=metrics,
    )
    gateway = Gateway(
        identity=Identity(keys, settings.issuer, settings.audience, metrics),
        pseudonyms=Pseudonyms(key),
        door=door,
        regions=regions,
        topics=topics,
        log=producer,
        view=view,
        moves=moves,
        partitions=settings.partitions,
        unavailable_ms=round(settings.unavailable_after_s * 1_000),
        now=now_ms,
        seconds=seconds,
        metrics=metrics,
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with keeping(keys.keep, moves.keep, producer.keep, letters.keep, Intake(settings.kafka, clerk).keep):
            yield
        await view.close()

    app = new_app("Plek gateway", _DESCRIPTION, metrics, seconds, lifespan)
    add_probes(
        app,
        metrics,
        lambda: {"kafka": producer.ready, "issuer": keys.ready, "view": moves.up},
        frozenset({"kafka", "issuer"}),  # without the view it takes events all the same, and says that they are not visible
    )
    add_events(app, gateway)
    return app
