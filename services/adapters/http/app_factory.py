"""What every HTTP service of Plek does alike: headers, one access line, faults that say nothing, probes, a clean stop.

The access line and the metrics hold codes and route templates only: an id in a path, a query or a body never reaches them.
"""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final

import orjson
import uvicorn
from fastapi import Depends, FastAPI, Response
from fastapi.telemetry import TelemetryConfig
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Lifespan

from services import __version__
from services.adapters import problem_details
from services.adapters.clock import Stopwatch
from services.adapters.datasets import World
from services.adapters.http.bounded_protocol import BoundedProtocol
from services.adapters.http.head_requests import HeadRequests
from services.adapters.http.middleware import HttpMiddleware
from services.adapters.http.openapi_document import VERSION_PATH, completed, operation_id
from services.adapters.http.openapi_merge import relative
from services.adapters.http.published_document import add_document
from services.adapters.http.route_policy import DeclaredRoute, RoutePolicy
from services.adapters.observability.gc_tuning import freeze_gc
from services.adapters.observability.metrics import CONTENT_TYPE, Metrics

Keeper = Callable[[], Awaitable[None]]
"""Runs for as long as its service does."""
Readiness = Callable[[], Mapping[str, bool]]
"""Returns of each part a service needs whether it answers."""

_log = logging.getLogger(__name__)

# Within the 5 s a clean stop may take, with what is kept still to be closed.
_LAST_REQUESTS_S = 2
_LAST_KEEPERS_S = 2.5
_AGAIN_S = 1.0
_KEEP_ALIVE_S = 75


# FastAPI traces by itself as soon as the process has a provider of OpenTelemetry, and its spans carry paths and queries as they were sent:
# ids of holds and cases, in a store that no rule of ours reaches
_NO_TELEMETRY: Final[TelemetryConfig] = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}
_DOCUMENT: Final = RoutePolicy(public="it is the contract", not_audited="it is the same for everybody", errors=("not-found",))
_PROBE: Final = RoutePolicy(public="machines on the inside read it all day", not_audited="it is about this process only")


def new_app(
    title: str,
    description: str,
    metrics: Metrics,
    seconds: Stopwatch,
    lifespan: Lifespan[FastAPI] | None = None,
    *,
    world: World = "live",
) -> FastAPI:
    """Make an app that answers as all services of Plek do; its routes are still to be added.

    Where it serves another OpenAPI document than its own, the composing service puts the function that reads it into `app.state.published`.

    Where a route has a policy that is not public, the composing service puts its RequestGuard into `app.state.guard`.

    In a world that is not live every answer says so, and whatever is more than a look is refused.
    """
    app = FastAPI(
        title=title if world == "live" else f"{title} ({world})",
        description=description,
        version=__version__,
        openapi_url=None,  # its own route says nothing of who may ask it
        docs_url=None,  # its page would load scripts from a third party
        redoc_url=None,
        redirect_slashes=False,  # a redirect repeats the address as it was sent, host and query included
        lifespan=lifespan,
        generate_unique_id_function=operation_id,
        telemetry=_NO_TELEMETRY,
    )
    app.router.route_class = DeclaredRoute
    problem_details.install(app)
    app.add_middleware(HttpMiddleware, metrics=metrics, seconds=seconds, world=world)
    app.add_middleware(HeadRequests)
    generate = app.openapi
    app.openapi = cache(lambda: completed(app, generate()))  # type: ignore[method-assign]  # FastAPI's documented way to change it
    app.state.published = cache(lambda: orjson.dumps(relative(app.openapi())))
    add_document(
        app,
        f"{VERSION_PATH}/openapi.json",
        "What can be asked, and how (OpenAPI 3.1)",
        _DOCUMENT,
        lambda: app.state.published(),  # noqa: PLW0108 - the composing service may still put another there
    )
    return app


def add_probes(app: FastAPI, metrics: Metrics, parts: Readiness, needed: frozenset[str], *, either: frozenset[str] = frozenset()) -> None:
    """Add /healthz (the process runs), /readyz (the needed parts answer, and one of `either`) and /metrics.

    `status` is `ok` when every part answers, `degraded` when it serves without one, and `waiting`, with 503, when it can't.
    """
    public = [Depends(_PROBE)]

    @app.get("/healthz", tags=["probes"], summary="Whether the process runs", dependencies=public)
    async def check_health() -> Response:
        return json_response({"status": "ok"})

    @app.get(
        "/readyz",
        tags=["probes"],
        summary="Whether it can serve, and which parts answer",
        responses={503: {"description": "Not yet"}},
        dependencies=public,
    )
    async def check_readiness() -> Response:
        found = dict(parts())
        ready = all(found[part] for part in needed) and (not either or any(found[part] for part in either))
        status = ("ok" if all(found.values()) else "degraded") if ready else "waiting"
        return json_response({"status": status, "parts": found}, 200 if ready else 503)

    @app.get(
        "/metrics",
        tags=["probes"],
        summary="Metrics as Prometheus reads them",
        response_class=PlainTextResponse,
        dependencies=public,
    )
    async def read_metrics() -> Response:
        return Response(metrics.page(), media_type=CONTENT_TYPE)


def json_response(body: Any, status: int = 200) -> Response:
    """Write a JSON answer."""
    return Response(orjson.dumps(body), status, media_type="application/json")


@asynccontextmanager
async def running(*keepers: Keeper) -> AsyncIterator[None]:
    """Run keepers for as long as this lasts; one that fails is logged and started again."""
    tasks = [asyncio.create_task(_again(keeper)) for keeper in keepers]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks, timeout=_LAST_KEEPERS_S)


async def _again(keeper: Keeper) -> None:
    while True:
        try:
            await keeper()
        except Exception:  # a service that half works must not do so in silence, nor for ever
            _log.exception("started again")
        await asyncio.sleep(_AGAIN_S)


def serve(app: ASGIApp, host: str, port: int, tls: Path | None = None) -> None:
    """Serve until SIGTERM or SIGINT, then end with exit code 0 within 5 s; `tls` is a file of key and certificates."""
    for stop in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop, _end)  # uvicorn raises the signal once more when it has stopped
    freeze_gc()
    uvicorn.run(
        app,
        host=host,
        port=port,
        ssl_certfile=tls,
        loop="uvloop",
        http=BoundedProtocol,
        # Longer than the door and any client keep one: else a request could meet a connection that is being closed
        timeout_keep_alive=_KEEP_ALIVE_S,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_LAST_REQUESTS_S,
    )


def _end(*_: object) -> None:
    raise SystemExit(0)
