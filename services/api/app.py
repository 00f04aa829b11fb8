"""Composes the API. Nothing connects before it is started, and nothing it needs has to be there then."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from services.adapters.clock import seconds
from services.adapters.config.settings import Settings
from services.adapters.http.app_factory import add_probes, new_app, running
from services.api.connections import Connections
from services.api.operator.openapi_file import OpenApiFile
from services.api.use_cases import UseCases

_DESCRIPTION = "Where a place is free right now, for those who may know it, and how old the answer is."


def create_app(settings: Settings) -> FastAPI:
    """Return the API of these settings."""
    connections = Connections(settings)
    use_cases = UseCases(connections)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with running(*connections.tasks(), *use_cases.tasks()):
            yield
        await use_cases.close()
        await connections.close()

    app = new_app("Plek API", _DESCRIPTION, connections.metrics, seconds, lifespan, world=settings.world)
    app.state.published = OpenApiFile(connections.regions, settings.contact, settings.world).read
    app.state.guard = connections.guard
    # /readyz decides where a front sends a caller, and a hotel must be logged in any case: without the view it is taken all the same, and
    # without Kafka it waits on disk.
    add_probes(
        app,
        connections.metrics,
        lambda: {**connections.parts(), "processor": connections.moves.up and connections.moves.alive and use_cases.published.fresh},
        frozenset({"issuer"}),
        either=frozenset({"kafka", "disk"}),
    )
    use_cases.add_routes(app)
    return app
