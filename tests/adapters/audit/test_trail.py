"""Reading the audit log: the same promises on Kafka and in memory."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from services.adapters.audit.records import Entry
from services.adapters.audit.trail import KafkaTrail, MemoryTrail, Trail
from services.adapters.audit.writer import Writer
from services.adapters.brokers import Brokers
from services.adapters.clock import now_ms, seconds
from services.adapters.log_port import AppendableLog, LogUnavailableError
from services.adapters.memory_log import MemoryLog
from services.adapters.metrics import Metrics
from services.adapters.producer import Producer
from services.adapters.topics import Topics, create_topics
from services.adapters.web import keeping
from services.commands.audit import check
from services.local.kafka import Kafka
from tests.waiting import until

pytestmark = pytest.mark.e2e

Both = tuple[AppendableLog, Trail]


@pytest_asyncio.fixture(params=["memory", "kafka"])
async def both(request: pytest.FixtureRequest, kafka: Kafka, prefix: str) -> AsyncIterator[Both]:
    """Make a log to write to, and what reads it."""
    topic = Topics(prefix).audit
    if request.param == "memory":
        log = MemoryLog()
        yield log, MemoryTrail(log, topic)
        return
    await create_topics(kafka.brokers, prefix)
    producer = Producer(kafka.brokers, seconds, Metrics())
    async with keeping(producer.keep):
        await until(lambda: producer.ready)
        yield producer, KafkaTrail(kafka.brokers, topic)


async def test_an_empty_log_has_no_last_record_and_no_page(both: Both) -> None:
    """Nothing, rather than a wait for it."""
    _, kept = both
    assert (await kept.last(), await kept.page(0, 10)) == (None, [])


async def test_pages_follow_on_each_other(both: Both) -> None:
    """Each record once, in its order; beyond the end there is nothing; the last one is that of the last page."""
    log, kept = both
    writer = Writer("plek.test", log, kept, now_ms, Metrics())
    async with keeping(writer.keep):
        await writer.note(*(Entry(at=number, happening="shelters-shown") for number in range(9)))
    pages = [await kept.page(start, 4) for start in (0, 4, 8, 10)]
    assert [[each.offset for each in page] for page in pages] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9], []]
    assert await kept.last() == pages[2][-1]
    checker, broken = await check(kept, [])
    assert (broken, checker.records) == (None, 10)


async def test_a_kafka_that_is_away_is_not_an_empty_log() -> None:
    """An error, never an answer that looks like one."""
    with pytest.raises(LogUnavailableError):
        await KafkaTrail(Brokers("127.0.0.1:1"), "plek.audit").page(0, 1)
