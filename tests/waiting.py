"""Waiting for something to become true, never for a time to pass."""

import asyncio
from collections.abc import Awaitable, Callable

# Everything a test waits for happens within seconds; a machine shared with others may need this long.
PATIENCE_S = 90.0


async def until(yes: Callable[[], Awaitable[bool]], patience_s: float = PATIENCE_S) -> None:
    """Ask again and again; TimeoutError when it never becomes true."""
    async with asyncio.timeout(patience_s):
        while not await yes():  # noqa: ASYNC110 - what is waited for happens in another process
            await asyncio.sleep(0.05)
