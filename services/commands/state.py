"""The whole state, asked of the API with an operator's token. What goes wrong is one clear sentence, a Trouble."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final

import httpx

from services.commands.target import operator_token
from services.commands.web import speaking_to
from services.local.running import find
from services.local.trouble import Trouble

_TIMEOUT_S: Final = 10.0
_SENTENCES: Final = {
    401: "The API does not accept this token: `plek token operator` makes one",
    403: "This token may not see the whole state: an operator's may",
    404: "There is no Plek API at this address",
}

State = dict[str, Any]
"""The answer of GET /v1/operator/state."""

ReadState = Callable[[], Awaitable[State]]


def address(data: Path | None, api: str | None, token: str | None) -> tuple[str, str]:
    """Return address and token: those given, else those of the running instance. Raises Trouble."""
    if api and token:
        return api, token
    running = find(data)
    return api or running.api, token or operator_token(running)


async def state_from(where: tuple[str, str], stack: AsyncExitStack) -> ReadState:
    """Make what asks for the state, until the stack is left."""
    url, token = where
    client = await stack.enter_async_context(httpx.AsyncClient(**speaking_to(url, token, _TIMEOUT_S)))

    async def read() -> State:
        try:
            answer = await client.get("/v1/operator/state")
        except httpx.TransportError as away:
            raise Trouble("The API can't be reached: see `plek status`, or read the view itself with `plek counts --redis`") from away
        if answer.status_code != 200:
            raise Trouble(_said(answer))
        state = _read(answer)
        if not isinstance(state, dict):
            raise Trouble("What answers is no Plek API")
        return state

    return read


def _said(answer: httpx.Response) -> str:
    title = _read(answer).get("title") if answer.headers.get("Content-Type", "").startswith("application/problem+json") else None
    return _SENTENCES.get(answer.status_code) or f"The API answers {answer.status_code}" + (f": {title}" if title else "")


def _read(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except ValueError as wrong:
        raise Trouble("What answers is no Plek API") from wrong
