"""Whether the processor lives and is ready, over HTTP, in the loop it works in: a loop that hangs does not answer."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.adapters.http.security_headers import SecurityHeaders
from services.adapters.observability.metrics import CONTENT_TYPE, Metrics
from services.processor.topic_agent import TopicAgent


@dataclass(slots=True)
class ProcessorStatus:
    """Whether it has started, what it waits for before that, and why it has failed, if it has."""

    started: bool = False
    waiting: list[str] = field(default_factory=list)
    failed: str | None = None


def status_app(status: ProcessorStatus, agents: Sequence[TopicAgent], metrics: Metrics) -> Starlette:
    """Return the application that serves `/healthz`, `/readyz` and `/metrics` of a processor."""

    async def healthz(_: Request) -> JSONResponse:
        return JSONResponse({"failed": status.failed}, 503 if status.failed else 200)

    async def readyz(_: Request) -> JSONResponse:
        halted = any(agent.manager.halted() for agent in agents)
        body: dict[str, Any] = {"started": status.started, "waiting": status.waiting} | {agent.name: _topic(agent) for agent in agents}
        return JSONResponse(body, 200 if status.started and not halted and not status.failed else 503)

    async def metrics_page(_: Request) -> Response:
        return Response(metrics.page(), media_type=CONTENT_TYPE)

    routes = [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics_page)]
    return Starlette(routes=routes, middleware=[Middleware(SecurityHeaders)])


def _topic(agent: TopicAgent) -> dict[str, Any]:
    positions, halted = agent.manager.positions(), agent.manager.halted()
    return {
        "halted": {str(number): why for number, why in halted.items()},
        "partitions": {str(number): {"offset": offset, "end": agent.ends.get(number)} for number, offset in positions.items()},
    }


class _EmbeddedServer(uvicorn.Server):
    """A server that leaves the signals to the process it runs in."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


@asynccontextmanager
async def serving(app: Starlette, host: str, port: int, tls: Path | None = None) -> AsyncIterator[None]:
    """Serve an application in this loop for as long as the context lasts."""
    options: dict[str, Any] = {"ssl_certfile": tls, "log_config": None, "access_log": False, "timeout_graceful_shutdown": 1}
    server = _EmbeddedServer(uvicorn.Config(app, host=host, port=port, **options))
    task = asyncio.create_task(server.serve())
    try:
        yield
    finally:
        server.should_exit = True
        await task
