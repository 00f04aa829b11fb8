"""A gate around an app: a good answer goes out when a question about its request is answered with yes, and else stays in the house."""

from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.adapters.problems import Kind, ProblemError, problem


class Gate:
    """Asks when a good answer begins. If the answer is no, the caller is told of a problem instead, and the log of a fault of ours."""

    def __init__(self, app: ASGIApp, ask: Callable[[Scope], bool], otherwise: Kind) -> None:
        self._app, self._ask, self._otherwise = app, ask, otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def out(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] < 400 and not self._ask(scope):
                await problem(ProblemError(self._otherwise))(scope, receive, send)
                raise RuntimeError("an answer that must not go out")
            await send(message)

        await self._app(scope, receive, out)
