"""`GET /v1/live`: what has changed for the caller, as server-sent events, for as long as her token is valid.

A notice shows nothing of a shelter, and still tells when something happened there: who begins to listen is noted in the audit log.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from fastapi import FastAPI, Request, Response
from starlette.types import Receive, Scope, Send

from services.adapters.access import BEARER
from services.adapters.audit.gate import noted
from services.adapters.audit.records import shelters
from services.adapters.problems import ProblemError, documented
from services.adapters.pseudonym import Pseudonyms
from services.adapters.view.port import ViewUnavailableError
from services.api.hub import Hub
from services.api.listeners import MOST_EACH, Listener
from services.api.news import frame
from services.api.reading import Reading

# A connection that takes nothing for so long is dead, or might as well be.
_SEND_S: Final = 10.0
_LAST: Final = {
    "name": "Last-Event-ID",
    "in": "header",
    "required": False,
    "description": "The `id` of the last event that was received: what was missed since is told first, or `reload`",
    "schema": {"type": "string", "maxLength": 8_192},
}


@dataclass(frozen=True, slots=True)
class Live:
    """All that a stream takes."""

    reading: Reading
    hub: Hub
    pseudonyms: Pseudonyms

    async def open(self, request: Request) -> Response:
        """Open a stream; ProblemError 403, 429 for more than a person needs, 503 while the views are not known."""
        caller = await self.reading.caller(request, "shelter", "worker", "coordinator", "operator")
        if self.hub.listeners.of(caller.sub) >= MOST_EACH:
            raise ProblemError("too-many", headers={"Retry-After": "10"})
        await self.reading.audit.note(request, caller, "live-opened", objects=shelters(caller.shelters))
        listener = Listener(caller, self.pseudonyms.asked_by(caller.sub))
        try:
            await self.hub.join(listener, request.headers.get("last-event-id"))
        except ViewUnavailableError as away:
            self.hub.listeners.discard(listener)
            raise ProblemError("phone") from away
        wall = self.reading.wall or self.reading.now
        return Stream(self.hub, listener, caller.expires - wall() / 1_000)


class Stream(Response):
    """The chunks of a listener's queue, until it ends, she leaves, takes nothing any more, or her token is over."""

    media_type = "text/event-stream"

    def __init__(self, hub: Hub, listener: Listener, lasts_s: float) -> None:
        super().__init__(headers={"X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._hub, self._listener, self._lasts_s = hub, listener, lasts_s

    async def __call__(self, _: Scope, receive: Receive, send: Send) -> None:
        """Stream."""
        sending = asyncio.create_task(self._send(send))
        leaving = asyncio.create_task(_left(receive))
        try:
            await asyncio.wait((sending, leaving), return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._hub.listeners.discard(self._listener)
            for task in (sending, leaving):
                task.cancel()
            await asyncio.wait((sending, leaving))

    async def _send(self, send: Send) -> None:
        with suppress(TimeoutError, OSError):
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            try:
                async with asyncio.timeout(max(self._lasts_s, 0)):
                    while chunk := await self._listener.queue.get():
                        await _within(send, chunk)
            except TimeoutError:
                await _within(send, frame("over", {"why": "token"}))
            await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _within(send: Send, chunk: bytes) -> None:
    async with asyncio.timeout(_SEND_S):
        await send({"type": "http.response.body", "body": chunk, "more_body": True})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def add_live(app: FastAPI, live: Live) -> None:
    """Add the route."""

    @app.get(
        "/v1/live",
        tags=["live"],
        summary="What changes for the caller, as it changes",
        description="Events: `shelter`, `hold`, `case` (a fallback or an entry), `areas`, `alive` every ten seconds with how old it is,"
        " `reload` (read anew), `over` (the token has expired). Each says what changed; a read shows it already.",
        response_model=None,
        responses={
            200: {"description": "A stream of server-sent events", "content": {"text/event-stream": {"schema": {"type": "string"}}}},
            **documented("unauthenticated", "not-yours", "issuer-away", "phone"),
        },
        openapi_extra={**BEARER, "parameters": [_LAST], **noted("live-opened")},
    )
    async def get_live(request: Request) -> Response:
        return await live.open(request)
