"""ASGI middleware: HEAD wherever GET is, with the same status and header fields and without the body (RFC 9110, section 9.3.2).

A HEAD passes as the GET that it stands for: the same policy, rate limit and audit entry. A stream ends after its header fields.
"""

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class HeadRequests:
    """Passes a HEAD on as a GET, and leaves the body of the answer out."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def send_start(message: Message) -> None:
            if message["type"] == "http.response.start":
                await send(message)
                # The server takes the answer for complete, and a stream ends as if its reader had left
                await send({"type": "http.response.body", "body": b"", "more_body": False})

        await self._app(dict(scope, method="GET"), receive, send_start)
