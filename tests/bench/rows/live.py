"""How soon an event that was sent over HTTP is heard by all who listen to `/v1/live`: to the last of a thousand.

Time counts from before the gateway has the event, and to the line in a listener's socket: all ends share this machine.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from statistics import quantiles

from services.gateway.cloudevents_body import BATCH
from services.local.processes.free_ports import LOOPBACK
from tests.bench.front import Front, fronted
from tests.bench.report import Result
from tests.bench.stage import Stage
from tests.sent import admitted, declared, event, registered, uuid
from tests.waiting import until

LISTENERS = 1_000
EVENTS = 100
_AIM_MS = 1_000.0
# So many connect side by side: more would only wait for one another
_AT_ONCE = 50
_PATIENCE_S = 10.0


@dataclass(slots=True)
class Audience:
    """Who listens, and when each of them has heard what was said last."""

    heard: dict[str, float] = field(default_factory=dict)

    async def listen(self, port: int, who: str, there: asyncio.Event) -> None:
        """Listen until cancelled; `there` is set with the first line of life."""
        reader, writer = await asyncio.open_connection(LOOPBACK, port)
        try:
            writer.write(f"GET /v1/live HTTP/1.1\r\nHost: plek\r\nAuthorization: {who}\r\n\r\n".encode())
            if b" 200 " not in await reader.readline():
                raise RuntimeError("a listener was refused")
            while line := await reader.readline():
                if line.startswith(b"event: alive"):
                    there.set()
                elif line.startswith(b"event: shelter"):
                    self.heard.setdefault(who, time.monotonic())
        finally:
            writer.close()


async def measure(stage: Stage) -> list[Result]:
    """Measure how soon each of a thousand listeners hears of events that are sent one by one."""
    async with fronted(stage, "live", "processor", "gateway", "api") as front:
        await until(front.ready)
        await front.send([registered(), declared("u1")], BATCH)
        async with _listening(front) as audience:
            stage.say(f"live: {LISTENERS:,} listeners")
            took = [await _said(front, audience, number) for number in range(EVENTS)]
    stage.say(f"live: {EVENTS} events, each heard by {LISTENERS:,}")
    return [
        *_percentiles(f"sent → heard, {LISTENERS:,} listeners", [each for heard in took for each in heard]),
        *_percentiles("sent → heard by the last of them", [max(heard) for heard in took], _AIM_MS),
    ]


@asynccontextmanager
async def _listening(front: Front) -> AsyncIterator[Audience]:
    audience = Audience()
    listeners: list[asyncio.Task[None]] = []
    try:
        for start in range(0, LISTENERS, _AT_ONCE):
            there = [asyncio.Event() for _ in range(min(_AT_ONCE, LISTENERS - start))]
            listeners += [
                asyncio.create_task(audience.listen(front.settings.api_port, front.listener(start + number), each))
                for number, each in enumerate(there)
            ]
            await asyncio.gather(*(asyncio.wait_for(each.wait(), _PATIENCE_S) for each in there))
        yield audience
    finally:
        for each in listeners:
            each.cancel()
        await asyncio.gather(*listeners, return_exceptions=True)


async def _said(front: Front, audience: Audience, number: int) -> list[float]:
    """Send one event; return after how many milliseconds each listener has heard of it."""
    audience.heard.clear()
    turn, odd = divmod(number, 2)
    fact = event("discharge", "berk", stay=uuid(turn), destination="home", number=number) if odd else admitted("u1", "berk", stay=turn)
    sent = time.monotonic()
    await front.send(fact)

    async def by_all() -> bool:
        return len(audience.heard) >= LISTENERS

    await until(by_all)
    return [(at - sent) * 1_000 for at in audience.heard.values()]


def _percentiles(what: str, milliseconds: list[float], aim: float | None = None) -> list[Result]:
    found = quantiles(milliseconds, n=100)
    return [
        Result(row="live", what=f"{what}, p{share}", unit="ms", value=round(found[share - 1], 1), aim=aim if share == 99 else None)
        for share in (50, 99)
    ]
