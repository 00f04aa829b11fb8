"""What every HTTP service of Plek does alike: headers, one access line, faults that say nothing, probes, a clean stop.

The access line and the metrics hold codes and route templates only: an id in a path, a query or a body never reaches them.
"""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

import orjson
import uvicorn
from fastapi import FastAPI, Response
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Lifespan, Message, Receive, Scope, Send

from services.adapters import problems
from services.adapters.access import DeclaredRoute, open_to_anybody, was_let_in
from services.adapters.audit.gate import unnoted, was_noted
from services.adapters.clock import Stopwatch
from services.adapters.collector import spare_what_is_loaded
from services.adapters.gates import Gate
from services.adapters.metrics import CONTENT_TYPE, Metrics
from services.adapters.problems import ProblemError
from services.adapters.worlds import World

Keeper = Callable[[], Awaitable[None]]
"""Runs for as long as its service does."""
Readiness = Callable[[], Mapping[str, bool]]
"""Tells of each part a service needs whether it answers."""

_log = logging.getLogger(__name__)

API_VERSION: Final = "1"
_HEADERS: Final = [(b"api-version", API_VERSION.encode()), (b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")]
_WORLD: Final = b"plek-world"
# All that changes nothing (RFC 9110, section 9.2.1)
_SAFE: Final = {"GET", "HEAD", "OPTIONS"}
# Asked for all day by machines: no line in the access log.
_PROBES: Final = {"/healthz", "/readyz", "/metrics"}
# nginx's code for a client that left before its answer
_CLIENT_LEFT: Final = 499
# Within the 5 s a clean stop may take, with what is kept still to be closed.
_LAST_REQUESTS_S = 2
_LAST_KEEPERS_S = 2.5
_AGAIN_S = 1.0


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

    In a world that is not live every answer says so, and whatever is more than a look is refused.
    """
    app = FastAPI(
        title=title if world == "live" else f"{title} ({world})",
        description=description,
        version=API_VERSION,
        openapi_url=None,  # its own route says nothing of who may ask it
        docs_url=None,  # its page would load scripts from a third party
        redoc_url=None,
        redirect_slashes=False,  # a redirect repeats the address as it was sent, host and query included
        lifespan=lifespan,
    )
    app.router.route_class = DeclaredRoute
    problems.install(app)
    app.add_middleware(Gate, ask=was_noted, otherwise="fault")
    app.add_middleware(Gate, ask=was_let_in, otherwise="not-yours")
    app.add_middleware(Doorkeeper, metrics=metrics, seconds=seconds, world=world)
    generate = app.openapi
    app.openapi = lambda: _as_answered(generate())  # type: ignore[method-assign]  # FastAPI's documented way to change the document

    @app.get("/v1/openapi.json", include_in_schema=False, openapi_extra=open_to_anybody("it is the same for everybody"))
    async def document() -> Response:
        return answer(app.openapi())

    return app


def _as_answered(document: dict[str, Any]) -> dict[str, Any]:
    """Take out the 422 that FastAPI documents of itself, say of what only shows that it refuses a parameter, and how a caller is known."""
    components = document.setdefault("components", {})
    components["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            operation["responses"].pop("422", None)
            if method == "get" and path.startswith("/v1/"):
                operation["responses"].setdefault("400", problems.documented("invalid")[400])
    for name in ("HTTPValidationError", "ValidationError"):
        components.get("schemas", {}).pop(name, None)
    return document


def add_probes(app: FastAPI, metrics: Metrics, parts: Readiness, needed: frozenset[str]) -> None:
    """Add /healthz (the process runs), /readyz (the needed parts answer) and /metrics."""
    extra = open_to_anybody("those on the inside ask it all day") | unnoted("it tells of this process only")

    @app.get("/healthz", tags=["probes"], summary="Whether the process runs", openapi_extra=extra)
    async def healthz() -> Response:
        return answer({"status": "ok"})

    @app.get(
        "/readyz",
        tags=["probes"],
        summary="Whether the parts it needs answer",
        responses={503: {"description": "Not yet"}},
        openapi_extra=extra,
    )
    async def readyz() -> Response:
        found = dict(parts())
        ready = all(found[part] for part in needed)
        return answer({"status": "ok" if ready else "waiting", "parts": found}, 200 if ready else 503)

    @app.get(
        "/metrics",
        tags=["probes"],
        summary="Metrics as Prometheus reads them",
        response_class=PlainTextResponse,
        openapi_extra=extra,
    )
    async def page() -> Response:
        return Response(metrics.page(), media_type=CONTENT_TYPE)


def answer(body: Any, status: int = 200) -> Response:
    """Write a JSON answer."""
    return Response(orjson.dumps(body), status, media_type="application/json")


class Doorkeeper:
    """Sees every request in and out: adds the headers, catches faults, counts, and writes the access line."""

    def __init__(self, app: ASGIApp, metrics: Metrics, seconds: Stopwatch, world: World) -> None:
        self._app, self._metrics, self._seconds = app if world == "live" else _only_looking(app), metrics, seconds
        self._headers = [*_HEADERS, (_WORLD, world.encode())]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = self._seconds(), 0

        async def out(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *self._headers]
            await send(message)

        try:
            await self._app(scope, receive, out)
        except ClientDisconnect:
            status = status or _CLIENT_LEFT
        except Exception:  # its message may hold what was sent: the log keeps its class and place
            _log.exception("a fault of ours")
            if not status:
                await problems.problem(ProblemError("fault"))(scope, receive, out)
        finally:
            self._note(scope, status, self._seconds() - started)

    def _note(self, scope: Scope, status: int, took: float) -> None:
        route = getattr(scope.get("route"), "path", "none")
        self._metrics.count("plek_http_requests_total", method=_method(scope), route=route, status=str(status))
        self._metrics.observe("plek_http_seconds", took, route=route)
        if route not in _PROBES:
            role = scope.get("state", {}).get("role")
            _log.info(
                "request",
                extra={"method": _method(scope), "route": route, "status": status, "ms": round(took * 1_000, 1), "role": role},
            )


def _only_looking(app: ASGIApp) -> ASGIApp:
    """Let nothing through that could change something: only the importer knows the times of such a world."""

    async def look(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in _SAFE:
            await problems.problem(ProblemError("not-live"))(scope, receive, send)
        else:
            await app(scope, receive, send)

    return look


def _method(scope: Scope) -> str:
    """Name the method; one that nobody has heard of could be anything."""
    method: str = scope["method"]
    return method if method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} else "other"


@asynccontextmanager
async def keeping(*keepers: Keeper) -> AsyncIterator[None]:
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


def serve(app: FastAPI, host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT, then end with exit code 0 within 5 s."""
    for stop in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop, _end)  # uvicorn raises the signal once more when it has stopped
    spare_what_is_loaded()
    uvicorn.run(
        app,
        host=host,
        port=port,
        loop="uvloop",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_LAST_REQUESTS_S,
    )


def _end(*_: object) -> None:
    raise SystemExit(0)
