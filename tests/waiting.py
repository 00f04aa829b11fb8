"""Waiting for something to become true, never for a time to pass."""

import asyncio
from collections.abc import Awaitable, Callable

# Everything a test waits for happens within seconds; a machine shared with others may need this long.
PATIENCE_S = 90.0


async def until(yes: Callable[[], bool | Awaitable[bool]], patience_s: float = PATIENCE_S) -> None:
    """Ask again and again; TimeoutError when it never becomes true."""
    async with asyncio.timeout(patience_s):
        while not await _said(yes()):  # noqa: ASYNC110 - what is waited for happens in another process or task
            await asyncio.sleep(0.02)


async def _said(answer: bool | Awaitable[bool]) -> bool:  # noqa: FBT001 - what a question was answered with
    return answer if isinstance(answer, bool) else await answer
