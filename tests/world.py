"""A world for one test on real Kafka and Valkey: its topics, a producer that plays tapes, and the view to look at.

Waiting is always for a position of the log, never for a time: what was sent is folded, or the test fails.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any, Self

from aiokafka.structs import RecordMetadata

from services.adapters.clock import now_ms
from services.adapters.codec.event_codec import Topic
from services.adapters.config.settings import Settings
from services.adapters.kafka.clients import new_producer
from services.adapters.kafka.topics import Topics, create_topics
from services.adapters.view.ports import ViewUnavailableError
from services.adapters.view.redis_reader import RedisDemandReader, RedisReader
from tests.controlled_servers import Kafka, Valkey
from tests.leak.planting import carrying
from tests.leak.watch import WATCH
from tests.processor.states import state
from tests.servers import settings_for
from tests.tapes import Line
from tests.waiting import until


class World:
    """The topics and the view of one prefix."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.topics = Topics(settings.prefix)
        self.view = RedisReader(settings.redis, settings.prefix, settings.partitions)
        self.demand = RedisDemandReader(settings.redis, settings.prefix, settings.partitions)
        self.ends: dict[int, int] = {}
        self.demand_ends: dict[int, int] = {}
        self._producer: Any = None
        self._sown = False

    async def __aenter__(self) -> Self:
        await create_topics(self.settings.brokers, self.settings.prefix, self.settings.partitions)
        self._producer = new_producer(self.settings.brokers, request_timeout_ms=60_000)
        await self._producer.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._producer.stop()
        await self.view.close()
        await self.demand.close()

    async def play(self, lines: Iterable[Line], pause_s: float = 0.0, chunk: int = 100, topic: Topic = "beds") -> None:
        """Append lines in order, `chunk` at a time with a pause between; returns when all are acknowledged.

        Behind the first events of the beds one of them comes again, which changes nothing (R1), with canaries in all that is not looked at.
        """
        batch: list[Line] = []
        for line in lines:
            batch += [line, *self._again(line, topic)]
            if len(batch) >= chunk:
                await self._append(batch, topic)
                await asyncio.sleep(pause_s)
                batch = []
        await self._append(batch, topic)

    def _again(self, line: Line, topic: Topic) -> list[Line]:
        """Let the first event of the beds come again, with canaries."""
        value = carrying(line.key, line.value or b"", WATCH.oracle.text) if topic == "beds" and not self._sown else None
        if value is None:
            return []
        self._sown = True
        WATCH.sown += 1
        WATCH.oracle.written.add(value)
        return [Line(line.key, value)]

    async def _append(self, lines: list[Line], topic: Topic) -> None:
        sent = [await self._producer.send(self.topics.truth(topic), line.value, line.key) for line in lines]
        acknowledged: list[RecordMetadata] = await asyncio.gather(*sent)
        ends = self.ends if topic == "beds" else self.demand_ends
        for record in acknowledged:
            ends[record.partition] = max(ends.get(record.partition, 0), record.offset + 1)

    async def folded(self) -> None:
        """Wait until the view has folded all that was acknowledged."""
        await until(self._reached)

    async def _reached(self) -> bool:
        try:
            stands = [(await self.view.positions(), self.ends), (await self.demand.positions(), self.demand_ends)]
        except ViewUnavailableError:
            return False
        return all(number in at and at[number].offset + 1 >= end for at, ends in stands for number, end in ends.items())

    async def state(self) -> Any:
        """Return the whole state as it is shown now."""
        return await state(self.view, now_ms(), self.settings.partitions)


@asynccontextmanager
async def world(kafka: Kafka, valkey: Valkey, prefix: str, **settings: object) -> AsyncIterator[World]:
    """Make a world on these servers."""
    async with World(settings_for(kafka, valkey, prefix, **settings)) as made:
        yield made
