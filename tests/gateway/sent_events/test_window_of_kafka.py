"""The window over the log in Kafka: begun at the first record of 14 days, and read on from there."""

import orjson
import pytest
from aiokafka import AIOKafkaProducer

from services.adapters.kafka.log_reader import Log
from services.adapters.kafka.topics import Topics, create_topics
from services.domain.durations import DAY_MS
from services.gateway.sent_events.recent_events import RecentEvents
from tests.controlled_servers import Kafka
from tests.folded import WIRE
from tests.sent import admitted, declared, registered

NOW = 1_772_409_600_000

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]


async def test_the_window_begins_at_the_brokers_time(kafka: Kafka, prefix: str) -> None:
    """What the broker's time puts before the window is not read; what is added later is, and an empty partition has nothing."""
    topics = Topics(f"sim-{prefix}")  # its writer sets the broker's times
    await create_topics(kafka.brokers, topics.prefix, 1)
    recent = RecentEvents(log=Log(kafka.brokers, topics.bed_events), codec=WIRE, partitions=1, now=lambda: NOW)
    assert (await recent.of("berk")).events == []
    async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap) as producer:
        for sent, at in ((registered(), NOW - 15 * DAY_MS), (declared("u1"), NOW - 14 * DAY_MS), (admitted(), NOW)):
            await producer.send_and_wait(topics.bed_events, orjson.dumps(sent), b"berk", timestamp_ms=at)
        assert [type(each.event.data).__name__ for each in (await recent.of("berk")).events] == ["Admission", "UnitDeclared"]
        await producer.send_and_wait(topics.bed_events, orjson.dumps(declared("u2")), b"berk", timestamp_ms=NOW)
        assert len((await recent.of("berk")).events) == 3
    await recent.close()
