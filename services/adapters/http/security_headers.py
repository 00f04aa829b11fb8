"""The header fields that every answer has, unless it states its own (rule security-headers of the NL API Design Rules).

An answer is data and no page: nothing in it is to be run, framed, stored or guessed at. HSTS is the door's, which has TLS.
"""

from collections.abc import Sequence
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

HeaderFields = Sequence[tuple[bytes, bytes]]
SECURITY_HEADERS: Final[HeaderFields] = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
)


def completed(stated: HeaderFields, ours: HeaderFields) -> list[tuple[bytes, bytes]]:
    """Return the header fields of an answer with those of ours that it does not state itself."""
    names = {name.lower() for name, _ in stated}
    return [*stated, *(each for each in ours if each[0] not in names)]


class SecurityHeaders:
    """ASGI middleware of an app that has no other: adds the header fields to every answer. Pages have `fields` of their own."""

    def __init__(self, app: ASGIApp, fields: HeaderFields = SECURITY_HEADERS) -> None:
        self._app, self._fields = app, fields

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""

        async def out(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = completed(message.get("headers", ()), self._fields)
            await send(message)

        await self._app(scope, receive, out)
