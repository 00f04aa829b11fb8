"""The alert log of an API process: what it lists and notifies of, in memory and over Kafka, and that no alert is lost."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from services.adapters.alerts.alert_record import KEPT_MS, Alert, decode_alert, encode_alert
from services.adapters.alerts.alert_sender import QUEUE, AlertSender
from services.adapters.clock import now_ms, seconds
from services.adapters.config.kafka_connection import KafkaConnection
from services.adapters.durable_log import DurableLog
from services.adapters.http.app_factory import running
from services.adapters.kafka.compacted_topic import CompactedTopic, FollowedTopic
from services.adapters.kafka.ports import AppendableLog, LogRecord
from services.adapters.kafka.producer import Producer
from services.adapters.kafka.topics import Topics, create_topics
from services.adapters.observability.metrics import Metrics
from services.adapters.outbox import Outbox
from services.api.limits.alert_log import AlertLog
from services.api.limits.alert_table import MOST, AlertTable
from services.api.limits.models import AlarmShape
from tests.controlled_servers import Kafka
from tests.twins.memory_compacted_topic import MemoryCompactedTopic
from tests.twins.memory_log import MemoryLog
from tests.waiting import until

ALARMS = "plek.alarms"


def alert_of_r07(number: int, at: int | None = None, **more: Any) -> Alert:
    """Make an alert of R07."""
    return Alert(id=f"a{number}", at=at or now_ms() + number, what="searches", count=number, regions=("R07",), **more)


@dataclass
class Process:
    """The alert log of one process, and what it has notified of."""

    log: AlertLog
    outbox: Outbox
    notified: list[Alert] = field(default_factory=list)

    @property
    def ids(self) -> list[str]:
        """The ids of what is listed."""
        return [alert.id for alert in self.log.newest()]


def process(log: AppendableLog, topic: FollowedTopic, folder: Path, prefix: str = "plek") -> Process:
    """Make the alert log of a process."""
    outbox = Outbox(folder, log, Metrics(), name=QUEUE)
    made = Process(AlertLog(topic=topic, sender=AlertSender(Topics(prefix), DurableLog(log, outbox)), now=now_ms), outbox)
    made.log.notify = made.notified.extend
    return made


@pytest.fixture
def kept() -> MemoryLog:
    """Make a log in memory."""
    return MemoryLog(partitions=1)


@pytest_asyncio.fixture
async def one(kept: MemoryLog, tmp_path: Path) -> AsyncIterator[Process]:
    """Make a process over a log in memory."""
    made = process(kept, MemoryCompactedTopic(kept, ALARMS), tmp_path)
    yield made
    await made.outbox.close()


async def test_alerts_are_listed_the_newest_first(one: Process) -> None:
    """Alerts are listed as they were kept, to the last member, each once though the topic returns it."""
    alerts = [alert_of_r07(1, desk="crisis-oost"), alert_of_r07(2, reason="other"), alert_of_r07(3)]
    for alert in alerts:
        await one.log.add(alert)
    assert (one.log.newest(), one.log.complete) == (alerts[::-1], True)
    assert one.notified == alerts


async def test_alerts_of_one_region_hide_none_of_another(one: Process) -> None:
    """A script that breaks the glass all day fills the list of its own coordinator, and no other."""
    await one.log.add(replace(alert_of_r07(0), regions=("R01",)))
    for number in range(1, MOST + 10):
        await one.log.add(alert_of_r07(number))
    assert [each.id for each in one.log.newest(frozenset({"R01"}))] == ["a0"]
    assert len(one.log.newest()) == len(one.log.newest(frozenset({"R07"}))) == MOST


async def test_an_alert_of_another_process_is_listed_and_notified(one: Process, kept: MemoryLog, tmp_path: Path) -> None:
    """An alert that another process appends, also a gateway, is news here; a record that is no alert is passed over."""
    other = process(kept, MemoryCompactedTopic(kept, ALARMS), tmp_path)
    for value in (b"", b"no alert", b'{"id":"a9"}', encode_alert(replace(alert_of_r07(9), what="of-a-later-version"))):  # type: ignore[arg-type]
        await kept.append([LogRecord(ALARMS, b"a9", value)])
    await other.log.add(alert_of_r07(1))
    assert (one.ids, [alert.id for alert in one.notified]) == (["a1"], ["a1"])
    await other.outbox.close()


async def test_a_repeated_alert_is_in_the_list_once(one: Process) -> None:
    """A repeated alert is at the top, with the higher count; one that comes late with a lower count changes nothing."""
    other, first = alert_of_r07(7), alert_of_r07(1, at=now_ms(), reason="other")
    later = replace(first, count=2, at=first.at + 5_000, reason="colleague_away")
    for each in (first, other, later, first):
        await one.log.add(each)
    assert one.log.newest(frozenset({"R07"})) == [later, other]


async def test_a_repeated_alert_is_notified_once_a_minute(one: Process) -> None:
    """A coordinator is notified at the first, and again when a minute has gone by: not 119 times an hour."""
    first = alert_of_r07(1, at=now_ms())
    for number, after_s in enumerate((0, 1, 30, 59, 60, 61)):
        await one.log.add(replace(first, count=number + 1, at=first.at + after_s * 1_000))
    assert [each.count for each in one.notified] == [1, 5]


async def test_an_alert_waits_on_disk_for_a_kafka_that_is_away(one: Process, kept: MemoryLog, tmp_path: Path) -> None:
    """An alert is notified and listed here at once; the next process adopts it from the disk, and it is in the topic once."""
    kept.away = True
    await one.log.add(alert_of_r07(1))
    assert ([alert.id for alert in one.notified], one.ids, kept.records[ALARMS, 0]) == (["a1"], ["a1"], [])
    await one.outbox.close()
    kept.away = False
    later = process(kept, MemoryCompactedTopic(kept, ALARMS), tmp_path)
    async with running(later.outbox.run_forever):
        await until(lambda: later.ids == ["a1"])
    assert [decode_alert(record.value) for record in kept.records[ALARMS, 0]] == one.log.newest()
    await later.outbox.close()


async def test_without_kafka_and_disk_an_alert_is_still_shown(kept: MemoryLog, tmp_path: Path) -> None:
    """Where the disk takes nothing either the alert is listed here, and the request that raised it is not refused."""
    (tmp_path / "file").touch()
    alone = process(kept, MemoryCompactedTopic(kept, ALARMS), tmp_path / "file")
    kept.away = True
    await alone.log.add(alert_of_r07(1))
    assert alone.ids == ["a1"]


def test_the_table_is_bounded_and_each_region_keeps_its_newest() -> None:
    """A hundred thousand alerts of one region are trimmed to a bounded number; the one of another region and the newest stay."""
    table, now = AlertTable(), now_ms()
    table.take(replace(alert_of_r07(0, at=now), id="other", regions=("R01",)))
    table.take(alert_of_r07(1, at=now - KEPT_MS - 1))
    for number in range(2, 100_000):
        table.take(alert_of_r07(number, at=now + number))
    assert len(table._alerts) < 25_000
    assert [alert.id for alert in table.newest(frozenset({"R01"}), now)] == ["other"]
    assert table.newest(None, now + 100_000)[0].id == "a99999"
    assert all(alert.id != "a1" for alert in table.newest(None, now))


def test_a_coordinator_reads_the_region_that_is_of_both() -> None:
    """An alert of a desk of two regions names to each coordinator their own region."""
    alert = Alert(id="a", at=0, what="glass", count=1, regions=("R01", "R07"))
    assert [AlarmShape.of(alert, regions).region for regions in (frozenset({"R07"}), frozenset({"R02"}), None)] == ["R07", None, "R01"]


@asynccontextmanager
async def _in_kafka(brokers: KafkaConnection, prefix: str, folder: Path) -> AsyncIterator[Callable[[], Any]]:
    """Make processes over Kafka; each follows the topic while it is open."""
    producer = Producer(brokers, seconds, Metrics())

    @asynccontextmanager
    async def opened() -> AsyncIterator[Process]:
        topic = CompactedTopic(brokers, Topics(prefix).alarms, now_ms, KEPT_MS)
        made = process(producer, topic, folder, prefix)
        async with running(topic.run_forever, made.outbox.run_forever):
            yield made
        await made.outbox.close()

    async with running(producer.run_forever):
        await until(lambda: producer.ready)
        yield opened


@pytest.mark.e2e
async def test_an_alert_survives_kafka_and_the_process_that_raised_it(own_kafka: Kafka, prefix: str, tmp_path: Path) -> None:
    """An alert raised while Kafka is killed reaches the other process when it is back; a later process lists both, and notifies of none."""
    await create_topics(own_kafka.brokers, prefix)
    async with _in_kafka(own_kafka.brokers, prefix, tmp_path) as opened:
        async with opened() as here, opened() as there:
            await until(lambda: here.log.complete and there.log.complete, 60)
            await here.log.add(alert_of_r07(1))
            await until(lambda: there.ids == ["a1"])
            await own_kafka.kill()
            await until(lambda: not here.log.complete, 60)
            await here.log.add(alert_of_r07(2))
            assert here.ids == ["a2", "a1"]
            await own_kafka.start()
            await until(lambda: there.ids == ["a2", "a1"], 90)
            assert [alert.id for alert in (*here.notified, *there.notified)] == ["a1", "a2"] * 2
        async with opened() as later:
            await until(lambda: later.log.complete, 60)
            assert (later.ids, later.notified) == (["a2", "a1"], [])
