"""`GET /v1/live`: what has changed for the caller, as server-sent events, for as long as the token is valid.

A notification shows nothing of a shelter, but it shows when something happened there: the opening of a stream is recorded in the audit log.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, FastAPI, Response
from starlette.types import Receive, Scope, Send

from services.adapters.audit.records import shelters
from services.adapters.auth.pseudonyms import Pseudonyms
from services.adapters.http.call import Call
from services.adapters.http.route_policy import RoutePolicy
from services.adapters.problem_details import ProblemError
from services.adapters.view.ports import ViewUnavailableError
from services.api.live.change_feed import ChangeFeed
from services.api.live.notifications import sse_frame
from services.api.live.subscribers import MOST_EACH, Subscriber
from services.api.read_model.view_reader import ViewReader

# A connection that takes nothing for so long is dead, or might as well be.
_SEND_S: Final = 10.0
_MOST: Final = f"A person has at most {MOST_EACH} streams: close one first"
_LAST: Final = {
    "name": "Last-Event-ID",
    "in": "header",
    "required": False,
    "description": "The `id` of the last event that was received: what was missed since comes first, or `reload`",
    "schema": {"type": "string", "maxLength": 8_192},
}
_LIVE: Final = RoutePolicy(
    roles=("shelter", "worker", "coordinator", "operator"), audit="live-opened", parameters=(_LAST,), errors=("data-unavailable",)
)


@dataclass(frozen=True, slots=True)
class LiveRoutes:
    """Opens streams."""

    reading: ViewReader
    hub: ChangeFeed
    pseudonyms: Pseudonyms

    async def open(self, call: Call[None]) -> Response:
        """Open a stream; ProblemError 429 for more than a person needs, 503 while the views are not known."""
        caller = call.caller
        listener = Subscriber(caller, self.pseudonyms.asked_by(caller.sub))
        if not self.hub.listeners.claim(listener):
            raise ProblemError("too-many", headers={"Retry-After": "10"}, limit="stream", detail=_MOST)
        try:
            await call.record(*shelters(caller.shelters))
            await self.hub.subscribe(listener, call.request.headers.get("last-event-id"))
        except BaseException as ended:  # also a caller that left meanwhile: the place is for another stream
            self.hub.listeners.release(listener)
            if isinstance(ended, ViewUnavailableError):
                raise ProblemError("data-unavailable") from ended
            raise
        wall = self.reading.wall or self.reading.now
        return Stream(self.hub, listener, caller.expires - wall() / 1_000)


class Stream(Response):
    """The chunks of a subscriber's queue, until it ends, the caller leaves or reads no more, or the token has expired."""

    media_type = "text/event-stream"

    def __init__(self, hub: ChangeFeed, listener: Subscriber, lasts_s: float) -> None:
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
            self._hub.listeners.release(self._listener)
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
                await _within(send, sse_frame("over", {"why": "token"}))
            await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _within(send: Send, chunk: bytes) -> None:
    async with asyncio.timeout(_SEND_S):
        await send({"type": "http.response.body", "body": chunk, "more_body": True})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def add_live(app: FastAPI, live: LiveRoutes) -> None:
    """Add the route."""

    @app.get(
        "/v1/live",
        tags=["live"],
        summary="What changes for the caller, as it changes",
        description="Events: `shelter`, with `holds_waiting`, `hold`, `case` (a fallback or an entry, to workers and coordinators of its"
        " region), `areas`, `alarm` (to coordinators: as in `/v1/alarms`),"
        " `proposal` (to its proposer and the coordinators of its regions: `/v1/proposals` of the gateway has it),"
        " `alive` every ten seconds with how old it is,"
        " `reload` (read anew), `over` (the token has expired). Each says what changed; a read shows it already.",
        response_class=Stream,
        status_code=200,
        response_model=None,
        responses={
            200: {"description": "A stream of server-sent events", "content": {"text/event-stream": {"schema": {"type": "string"}}}},
        },
    )
    async def follow_changes(call: Annotated[Call[None], Depends(_LIVE)]) -> Response:
        return await live.open(call)
