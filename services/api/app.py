"""Composes the API. Nothing connects before it is started, and nothing it needs has to be there then."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from services.adapters.clock import now_ms, seconds
from services.adapters.identity import Identity
from services.adapters.issuer import IssuerKeys, fetching
from services.adapters.metrics import Metrics
from services.adapters.moves import Moves
from services.adapters.regions import read_regions
from services.adapters.settings import Settings
from services.adapters.view.redis_view import RedisView
from services.adapters.web import add_probes, keeping, new_app
from services.api.board import Board, add_areas
from services.api.documents import add_documents
from services.api.operator import add_operator
from services.api.reading import Reading
from services.api.shelters import add_shelters
from services.api.standing import Patience

_DESCRIPTION = "Where a place is free right now, to whom it may be told, and how old the answer is."


def create_app(settings: Settings) -> FastAPI:
    """Put the API together from its settings."""
    metrics = Metrics()
    keys = IssuerKeys(settings.issuer, fetching(settings.issuer), seconds, metrics)
    view = RedisView(settings.redis, settings.prefix, settings.partitions)
    moves = Moves(view, seconds, metrics)
    reading = Reading(
        identity=Identity(keys, settings.issuer, settings.audience, metrics),
        view=view,
        moves=moves,
        partitions=settings.partitions,
        limits=settings.limits,
        patience=Patience(round(settings.degraded_after_s * 1_000), round(settings.unavailable_after_s * 1_000)),
        now=now_ms,
        metrics=metrics,
    )
    board = Board(
        reading=reading,
        regions=read_regions(settings.regions),
        least_shelters=settings.area_shelters,
        quarter_ms=round(settings.areas_minutes * 60_000),
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with keeping(keys.keep, moves.keep, board.keep):
            yield
        await view.close()

    app = new_app("Plek API", _DESCRIPTION, metrics, seconds, lifespan)
    add_probes(app, metrics, lambda: {"issuer": keys.ready, "view": moves.up}, frozenset({"issuer", "view"}))
    add_shelters(app, reading)
    add_areas(app, board)
    add_operator(app, reading)
    add_documents(app)
    return app
