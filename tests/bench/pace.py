"""How fast one program works: a rate between the first progress seen and the end, and how long it takes to get there."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from services.local.processes.child_process import ChildProcess

# A start takes a few seconds; on a machine shared with others much longer
START_S = 60.0
_POLL_S = 0.05

Progress = Callable[[], Awaitable[int]]
"""Returns how many events are done."""


async def reached(progress: Progress, child: ChildProcess, events: int, within_s: float) -> tuple[float, int]:
    """Wait for so many events, or so long; return when that was, and how many they were. RuntimeError when the program ends."""
    deadline = time.monotonic() + within_s
    while True:
        done = await progress()
        now = time.monotonic()
        if done >= events or now > deadline:
            return now, done
        if not child.alive:
            raise RuntimeError(f"{child.name} ended: {child.last_line()}")
        await asyncio.sleep(_POLL_S)
