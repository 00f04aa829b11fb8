"""The contract suite of the audit log: Kafka and its twin in memory give the same reads."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from services.adapters.audit.hash_chain import Checker
from services.adapters.audit.reader import PAGE_BYTES, AuditLog, AuditPage, KafkaAuditLog
from services.adapters.audit.records import Entry
from services.adapters.audit.writer import AuditWriter
from services.adapters.clock import now_ms, seconds
from services.adapters.config.kafka_connection import KafkaConnection
from services.adapters.http.app_factory import running
from services.adapters.kafka.ports import AppendableLog, LogRecord, LogUnavailableError
from services.adapters.kafka.producer import Producer
from services.adapters.kafka.topics import Topics, create_topics
from services.adapters.observability.metrics import Metrics
from services.cli.operator.audit import check
from services.domain.durations import DAY_MS
from tests.controlled_servers import Kafka
from tests.twins.memory_audit_log import MemoryAuditLog
from tests.twins.memory_log import MemoryLog
from tests.waiting import until

pytestmark = pytest.mark.e2e

Both = tuple[AppendableLog, AuditLog]


@pytest_asyncio.fixture(params=["memory", "kafka"])
async def both(request: pytest.FixtureRequest, kafka: Kafka, prefix: str) -> AsyncIterator[Both]:
    """Make a log, and a reader of it."""
    topic = Topics(prefix).audit
    if request.param == "memory":
        log = MemoryLog()
        yield log, MemoryAuditLog(log, topic)
        return
    await create_topics(kafka.brokers, prefix)
    producer = Producer(kafka.brokers, seconds, Metrics())
    async with running(producer.run_forever):
        await until(lambda: producer.ready)
        yield producer, KafkaAuditLog(kafka.brokers, topic)


async def test_an_empty_log_has_no_last_record_and_no_page(both: Both) -> None:
    """An empty log has no last record and no page, and the reader does not wait for one."""
    _, kept = both
    assert (await kept.last(), await kept.page(0, 10)) == (None, AuditPage([], 0))


async def test_pages_follow_each_other(both: Both) -> None:
    """Pages hold each record once, in order; a page beyond the end is empty, and the last record is that of the last page."""
    log, kept = both
    writer = AuditWriter("plek.test", log, kept, now_ms, Metrics())
    async with running(writer.run_forever):
        await writer.append(*(Entry(at=number, happening="shelters-shown") for number in range(9)))
    pages = [await kept.page(start, 4) for start in (0, 4, 8, 10)]
    assert [[each.offset for each in page.records] for page in pages] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9], []]
    assert {page.end for page in pages} == {10}
    assert await kept.last() == pages[2].records[-1]
    checker = Checker()
    assert (await check(kept, checker), checker.records) == (None, 10)
    assert [each.offset async for batch in kept.all(7) for each in batch] == [7, 8, 9]


async def test_a_page_of_long_records_is_bounded(both: Both) -> None:
    """Nine records of 400 kB are several pages, each of at most two megabytes, with every record once and in order."""
    log, kept = both
    for number in range(9):
        await log.append([LogRecord(kept.topic, b"k", b"%d" % number * 400_000)])
    found, start = list[int](), 0
    while (page := await kept.page(start, 1_000)).records:
        assert sum(len(each.value) for each in page.records) <= 2 * PAGE_BYTES
        found += [each.offset for each in page.records]
        start = found[-1] + 1
    assert found == list(range(9))


async def test_blocks_go_back_from_any_place(both: Both) -> None:
    """From the end, from below an offset, and not before a time: the same records from Kafka as from the twin, in the log's order."""
    log, kept = both
    began = now_ms()
    writer = AuditWriter("plek.test", log, kept, now_ms, Metrics())
    async with running(writer.run_forever):
        await writer.append(*(Entry(at=now_ms(), happening="shelters-shown") for _ in range(9)))

    async def offsets(before: int | None, since: int, until: int | None = None) -> list[list[int]]:
        return [[each.offset for each in block] async for block in kept.back(before, since, until)]

    assert await offsets(None, 0) == await offsets(None, began - DAY_MS, began + DAY_MS) == [list(range(10))]
    assert await offsets(4, 0) == [[0, 1, 2, 3]]
    assert await offsets(0, 0) == await offsets(None, now_ms() + DAY_MS) == await offsets(None, 0, began - DAY_MS) == []


async def test_a_kafka_that_is_away_is_not_an_empty_log() -> None:
    """A read without Kafka is an error, never an empty result."""
    with pytest.raises(LogUnavailableError):
        await KafkaAuditLog(KafkaConnection("127.0.0.1:1"), "plek.audit").page(0, 1)
