"""Folding: two workers fold what shelters and desks append, whatever happens to them; at the end the view is what the log gives."""

import asyncio
from functools import cache
from typing import Any, Final

import orjson

from services.adapters.kafka.ports import LogRecord, LogUnavailableError
from services.adapters.rfc3339 import show_ms
from tests import tapes
from tests.interleavings.broker import Appender
from tests.interleavings.world import BEGUN_MS, World
from tests.sent import left, waiting
from tests.tapes import Line

_SHELTERS: Final = 2
_ENTRIES: Final = 6
_MOST_AT_ONCE: Final = 5
_PAUSE_S: Final = 0.25
_RETRY_S: Final = 0.3


@cache
def _by_shelter() -> dict[bytes, list[Line]]:
    """Return the records of the rough tape, in order, by shelter: duplicates, records that are no event, and holds among them."""
    found: dict[bytes, list[Line]] = {}
    for line in tapes.load("rough"):
        found.setdefault(line.key or b"", []).append(line)
    return {key: lines for key, lines in found.items() if 15 < len(lines) < 60}


class Folding:
    """The senders of a run."""

    def __init__(self, world: World) -> None:
        self.world = world

    def senders(self) -> list[Any]:
        """Return what the senders do, each in a process of its own."""
        world = self.world
        keys = world.dice.sample(sorted(_by_shelter()), _SHELTERS)
        beds = [self._send([LogRecord(world.topics.bed_events, line.key, line.value) for line in _by_shelter()[key]]) for key in keys]
        return [*beds, self._send(self._entries())]

    def behind(self) -> list[str]:
        """Return nothing: what is sent is waited for."""
        return []

    async def settle(self) -> None:
        """Wait for nothing."""

    def wrong(self) -> list[str]:
        """Return nothing but what every run checks."""
        return []

    def close(self) -> None:
        """Close nothing."""

    def _entries(self) -> list[LogRecord]:
        """Return entries of waiting lists, most of which are left again, and a record that is no event."""
        topic = self.world.topics.demand_events
        sent = [made for number in range(1, _ENTRIES) for made in (waiting(number), left(number))][: self.world.dice.randint(4, 10)]
        at = {"time": show_ms(BEGUN_MS)}
        return [
            *(LogRecord(topic, each["data"]["entry"].encode(), orjson.dumps(each | at)) for each in sent),
            LogRecord(topic, b"spoiled", b"no JSON"),
        ]

    async def _send(self, records: list[LogRecord]) -> None:
        """Append records in order, each again until it is acknowledged."""
        world = self.world
        log, dice = Appender(world.broker, world.wire), world.dice
        while records:
            await asyncio.sleep(dice.random() * _PAUSE_S)
            batch = records[: dice.randint(1, _MOST_AT_ONCE)]
            try:
                await log.append(batch)
            except LogUnavailableError:
                await asyncio.sleep(_RETRY_S)
                continue
            world.promise(batch, "acknowledged")
            records = records[len(batch) :]
