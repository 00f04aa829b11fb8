"""What changes for a person, as it changes: the stream of the API, passed on over the person's own cookie.

An `EventSource` can send no Authorization header; the cookie of the session stands for it here, and the API still decides what is shown.
"""

from collections.abc import AsyncIterator

import httpx
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from services.web.pages.visit import Site

_NO_STREAM = 204  # An EventSource does not come back after it (HTML standard, server-sent events)


async def live(site: Site, request: Request) -> Response:
    """Pass on the stream of a person who is logged in; without a session the browser is asked not to come back."""
    session = site.cookies.session(request)
    if session is None:
        return Response(status_code=_NO_STREAM)
    return StreamingResponse(
        _chunks(site, session.token, request.headers.get("last-event-id")),
        media_type="text/event-stream",
        headers={"X-Accel-Buffering": "no"},
    )


async def _chunks(site: Site, token: str, last: str | None) -> AsyncIterator[bytes]:
    try:
        async with site.client.stream(token, last) as answer:
            if answer.status_code == 200:
                async for chunk in answer.aiter_raw():
                    yield chunk
    except httpx.HTTPError:
        # The browser comes back by itself; what was shown stays, with its age
        yield b": away\n\n"
