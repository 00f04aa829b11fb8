"""Waits for what happens by itself."""

import asyncio
from collections.abc import Callable


async def until(happened: Callable[[], bool], within: float = 10.0) -> None:
    """Wait until something has happened; TimeoutError when it has not within so many seconds."""
    async with asyncio.timeout(within):
        while not happened():  # noqa: ASYNC110 - what is waited for tells nobody
            await asyncio.sleep(0.01)
