"""What every request passes: the access line and the metrics, the headers of every answer, and the second lock.

The access line and the metrics hold codes and route templates only: an id in a path, a query or a body never reaches them. The second lock
holds back a success response where the caller was not let in or the audit entry was not written, however that route was made.
"""

import logging
from typing import Any, Final

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services import __version__
from services.adapters.clock import Stopwatch
from services.adapters.datasets import World
from services.adapters.http import rate_limit_fields
from services.adapters.http.call import Call
from services.adapters.http.route_policy import RoutePolicy
from services.adapters.http.security_headers import SECURITY_HEADERS, completed
from services.adapters.observability import trace_context
from services.adapters.observability.metrics import Metrics
from services.adapters.observability.trace_context import TraceContext
from services.adapters.problem_details import Kind, ProblemError, problem

_log = logging.getLogger(__name__)

_HEADERS: Final = [(b"api-version", __version__.encode()), *SECURITY_HEADERS]
_WORLD: Final = b"plek-world"
_TRACE: Final = trace_context.HEADER.encode()
# All that changes nothing (RFC 9110, section 9.2.1)
_SAFE: Final = {"GET", "HEAD", "OPTIONS"}
# Asked for all day by machines: no line in the access log.
_PROBES: Final = {"/healthz", "/readyz", "/metrics"}
# Success and redirection are below (RFC 9110, section 15)
_REFUSED: Final = 400
# nginx's code for a client that left before its answer
_CLIENT_LEFT: Final = 499


class HttpMiddleware:
    """Passes every request and every answer: adds the headers, holds back, catches faults, counts, and writes the access line."""

    def __init__(self, app: ASGIApp, metrics: Metrics, seconds: Stopwatch, world: World) -> None:
        self._app, self._metrics, self._seconds = app if world == "live" else _read_only(app), metrics, seconds
        self._headers = [*_HEADERS, (_WORLD, world.encode())]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        with trace_context.following([value for name, value in scope["headers"] if name == _TRACE]) as trace:
            await self._answer(scope, receive, send, trace)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, trace: TraceContext) -> None:
        started, status = self._seconds(), 0

        async def out(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                if message["status"] < _REFUSED and (kind := _held_back(scope)):
                    await problem(ProblemError(kind))(scope, receive, out)
                    raise RuntimeError("a success response that must not leave")
                status = message["status"]
                ours = (*self._headers, (_TRACE, trace.header.encode()))
                message["headers"] = [*completed(message["headers"], ours), *rate_limit_fields.fields(scope)]
            await send(message)

        try:
            await self._app(scope, receive, out)
        except ClientDisconnect:
            status = status or _CLIENT_LEFT
        except Exception:  # its message may hold what was sent: the log keeps its class and place
            _log.exception("a fault of ours")
            if not status:
                await problem(ProblemError("internal-error"))(scope, receive, out)
        finally:
            self._count(scope, status, self._seconds() - started)

    def _count(self, scope: Scope, status: int, took: float) -> None:
        route = getattr(scope.get("route"), "path", "none")
        self._metrics.count("plek_http_requests_total", method=_method(scope), route=route, status=str(status))
        self._metrics.observe("plek_http_seconds", took, route=route)
        if route not in _PROBES:
            role = scope.get("state", {}).get("role")
            _log.info(
                "request",
                extra={"method": _method(scope), "route": route, "status": status, "ms": round(took * 1_000, 1), "role": role},
            )


def _read_only(app: ASGIApp) -> ASGIApp:
    """Return an app that refuses every request that could change something: only the importer knows the times of such a world."""

    async def read(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in _SAFE:
            await problem(ProblemError("not-live"))(scope, receive, send)
        else:
            await app(scope, receive, send)

    return read


def _method(scope: Scope) -> str:
    """Return the method, or `other`: an unknown one could be any text."""
    method: str = scope["method"]
    return method if method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} else "other"


def _held_back(scope: Scope) -> Kind | None:
    """Return the problem that replaces a success response; None where it may leave. A route without a policy has no success."""
    policy: RoutePolicy | None = getattr(scope.get("route"), "policy", None)
    call: Call[Any] | None = scope.get("state", {}).get("call")
    if policy is None:
        return "forbidden"
    if policy.public:
        return None
    if call is None or call.caller.role not in policy.roles or call.rate != policy.rate:
        return "forbidden"
    return "internal-error" if policy.audit and not call.recorded else None
