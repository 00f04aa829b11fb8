"""How soon an event that was sent over HTTP is seen: by anyone who follows the view, and in the API's answer. Open loop.

Events are due at a fixed rate and their time counts from then, whatever became of the ones before.
"""

import asyncio
import time
from collections import defaultdict
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Any

from services.adapters.view.redis_reader import RedisReader
from services.gateway.cloudevents_body import BATCH
from tests.bench.front import Front, fronted
from tests.bench.report import Result
from tests.bench.stage import Stage
from tests.sent import admitted, declared, event, registered, uuid
from tests.waiting import until

RATE = 50
EVENTS = 2_000
# The first of a process pay for what later ones find ready.
_WARM = 250
_SHELTERS = 60
_AIM_MS = 25.0


@dataclass(slots=True)
class Seen:
    """Milliseconds from when an event was due to three moments: the gateway's answer, the view's move, the API's answer with it."""

    answered: list[float] = field(default_factory=list)
    moved: list[float] = field(default_factory=list)
    shown: list[float] = field(default_factory=list)


class Moved:
    """Records when the view reached which position, from the channel of its changes."""

    def __init__(self, view: RedisReader) -> None:
        self._view = view
        self._at: defaultdict[int, list[tuple[int, float]]] = defaultdict(list)

    async def follow(self) -> None:
        """Listen until cancelled."""
        async for partition, offset in self._view.subscribe():
            self._at[partition].append((offset, time.monotonic()))

    def when(self, partition: int, offset: int) -> float | None:
        """Return when the view first stood at that offset or beyond."""
        return next((at for reached, at in self._at[partition] if reached >= offset), None)


async def measure(stage: Stage) -> list[Result]:
    """Measure how soon events that are sent at a fixed rate are seen."""
    seen = Seen()
    async with fronted(stage, "visible", "processor", "gateway", "api") as front:
        view = RedisReader(front.settings.redis, front.settings.prefix, front.settings.partitions)
        try:
            await _measure(front, Moved(view), seen)
        finally:
            await view.close()
    stage.say(f"visible: {len(seen.shown):,} events at {RATE} a second")
    return [
        *_results("sent → answered", seen.answered),
        *_results("sent → in the view", seen.moved),
        *_results("sent → shown by the API", seen.shown, _AIM_MS),
    ]


async def _measure(front: Front, moved: Moved, seen: Seen) -> None:
    await until(front.ready)
    following = asyncio.create_task(moved.follow())
    try:
        for number in range(_SHELTERS):
            await front.send([registered(f"s{number}"), *(declared(f"u{unit}", f"s{number}", number=unit) for unit in range(10))], BATCH)
        start = time.monotonic() + 1
        await asyncio.gather(*(_one(front, moved, seen, number, start + number / RATE) for number in range(EVENTS)))
    finally:
        following.cancel()


async def _one(front: Front, moved: Moved, seen: Seen, number: int, due: float) -> None:
    await asyncio.sleep(due - time.monotonic())
    shelter = f"s{number % _SHELTERS}"
    partition, offset = await front.send(_fact(number, shelter))
    answered = time.monotonic()
    while not await front.shows(shelter, partition, offset):
        pass
    shown, reached = time.monotonic(), moved.when(partition, offset)
    if number >= _WARM:
        seen.answered.append((answered - due) * 1_000)
        seen.shown.append((shown - due) * 1_000)
        seen.moved.append(((reached or shown) - due) * 1_000)


def _fact(number: int, shelter: str) -> dict[str, Any]:
    """Make an admission, and the next time its discharge."""
    turn, odd = divmod(number // _SHELTERS, 2)
    if odd:
        return event("discharge", shelter, stay=uuid(number - _SHELTERS), destination="home", number=number)
    return admitted(f"u{turn % 10}", shelter, stay=number)


def _results(what: str, milliseconds: list[float], aim: float | None = None) -> list[Result]:
    found = quantiles(milliseconds, n=100)
    return [
        Result(row="visible", what=f"{what}, p{share}", unit="ms", value=round(found[share - 1], 1), aim=aim if share == 99 else None)
        for share in (50, 99)
    ]
