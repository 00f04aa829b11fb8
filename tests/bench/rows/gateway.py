"""How many events a second one gateway takes in, in batches of 100, checked and acknowledged by Kafka."""

import asyncio
import time
from collections.abc import Iterator
from itertools import chain, islice
from statistics import median

from services.gateway.cloudevents_body import BATCH
from tests.bench.front import Front, fronted
from tests.bench.living import lived, opened
from tests.bench.report import Result
from tests.bench.stage import Stage

_BATCH = 100
_UNITS = 1_000
_EVENTS = 60_000
_WARM = 6_000
# No processor runs here, so an answer waits its quarter of a second for a view that stands still: enough requests at once to fill it
_AT_ONCE = 96
_AIM = 20_000.0


async def measure(stage: Stage) -> list[Result]:
    """Send prepared batches, so many at once, and count what was accepted."""
    bodies = list(_bodies())
    async with fronted(stage, "gateway", "gateway") as front:
        await _sent(front, bodies[: _WARM // _BATCH])
        rates = []
        for turn in range(stage.rounds):
            rates.append(await _sent(front, bodies))
            stage.say(f"gateway {turn + 1}/{stage.rounds}: {rates[-1]:,.0f} events/s")
    what = f"events accepted, batches of {_BATCH}, {_AT_ONCE} at once"
    return [Result(row="gateway", what=what, unit="/s", value=median(rates), aim=_AIM, rounds=[round(rate) for rate in rates])]


def _bodies() -> Iterator[bytes]:
    events = chain(opened(_UNITS), lived(_UNITS, _EVENTS))
    while batch := [sent.value for sent in islice(events, _BATCH)]:
        yield b"[" + b",".join(batch) + b"]"


async def _sent(front: Front, bodies: list[bytes]) -> float:
    waiting, began = iter(bodies), time.monotonic()

    async def sender() -> None:
        for body in waiting:
            await front.post(body, BATCH)

    await asyncio.gather(*(sender() for _ in range(_AT_ONCE)))
    return sum(body.count(b'"specversion"') for body in bodies) / (time.monotonic() - began)
