"""Whether the processor lives and is ready, over HTTP, in the loop it works in: a loop that hangs does not answer."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Protocol

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.adapters.metrics import CONTENT_TYPE, Metrics
from services.adapters.wire import Topic


class Positions(Protocol):
    """The part of a keeper that is shown."""

    def positions(self) -> Mapping[int, int]:
        """Tell the last offset folded of each partition in memory."""

    def halted(self) -> Mapping[int, str]:
        """Tell which partitions stand still, and why."""


class Folding(Protocol):
    """What one agent of a processor tells of itself."""

    name: Topic
    ends: dict[int, int]

    @property
    def keeper(self) -> Positions:
        """Who keeps its partitions."""


class Reporting(Protocol):
    """What a processor tells of itself."""

    started: bool
    waiting: list[str]
    failed: str | None
    metrics: Metrics

    @property
    def agents(self) -> Sequence[Folding]:
        """Who folds for it."""


def status_app(processor: Reporting) -> Starlette:
    """Make the application that answers for a processor."""

    async def healthz(_: Request) -> JSONResponse:
        return JSONResponse({"failed": processor.failed}, 503 if processor.failed else 200)

    async def readyz(_: Request) -> JSONResponse:
        halted = any(agent.keeper.halted() for agent in processor.agents)
        body: dict[str, Any] = {"started": processor.started, "waiting": processor.waiting} | {
            agent.name: _told(agent) for agent in processor.agents
        }
        return JSONResponse(body, 200 if processor.started and not halted and not processor.failed else 503)

    async def metrics(_: Request) -> Response:
        return Response(processor.metrics.page(), media_type=CONTENT_TYPE)

    return Starlette(routes=[Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)])


def _told(agent: Folding) -> dict[str, Any]:
    positions, halted = agent.keeper.positions(), agent.keeper.halted()
    return {
        "halted": {str(number): why for number, why in halted.items()},
        "partitions": {str(number): {"offset": offset, "end": agent.ends.get(number)} for number, offset in positions.items()},
    }


class _Guest(uvicorn.Server):
    """A server that leaves the signals to the process it is a guest in."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


@asynccontextmanager
async def serving(app: Starlette, host: str, port: int) -> AsyncIterator[None]:
    """Serve an application in this loop for as long as the context lasts."""
    server = _Guest(uvicorn.Config(app, host=host, port=port, log_config=None, access_log=False, timeout_graceful_shutdown=1))
    task = asyncio.create_task(server.serve())
    try:
        yield
    finally:
        server.should_exit = True
        await task
