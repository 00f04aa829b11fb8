"""The scheduler on a real Kafka: missed snapshots are published, what is published stays, and any machine computes the same bytes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from services.adapters.clock import seconds
from services.adapters.codec.event_codec import encode, key_of
from services.adapters.config.kafka_connection import KafkaConnection
from services.adapters.http.app_factory import running
from services.adapters.kafka.log_reader import Log
from services.adapters.kafka.producer import Producer
from services.adapters.kafka.topics import Topics, create_topics
from services.adapters.observability.metrics import Metrics
from services.adapters.regions import read_regions
from services.cli.events.kafka_sender import KafkaSender, SentRecord
from services.cli.events.send_summary import SendSummary
from services.cli.events.throttle import Throttle
from services.domain.beds.staleness import StalenessLimits
from services.domain.durations import DAY_MS
from services.domain.events import catalog as e
from services.monitor.archive.paths import MonitorPaths
from services.monitor.dutch_calendar import nights
from services.monitor.figure_service import FigureService
from services.monitor.log_source import BusyError, LogSource
from services.monitor.publication import snapshot
from services.monitor.publication.kafka_publisher import KafkaPublications
from services.monitor.publication.published_store import PublishedStore
from services.monitor.scheduler import Scheduler
from services.simulator.model.calendar import start_of_year
from services.simulator.simulation import Simulation
from tests.controlled_servers import Kafka
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(600)]

# Four days before the clock goes forward
START = start_of_year(2023) + 80 * DAY_MS
BEFORE, LATER = START + 6 * DAY_MS, START + 9 * DAY_MS


@dataclass
class RunningScheduler:
    """A scheduler of a data set, and what it keeps."""

    scheduler: Scheduler
    figures: FigureService
    published: KafkaPublications
    log: Log

    async def settle(self) -> None:
        """Run until no more records come, as the service does all day."""
        await self.scheduler.run_once()
        await self.scheduler.run_once()

    async def published_records(self) -> int:
        """Count the records that were ever published."""
        await self.log.start()
        return (await self.log.ends([0]))[0].end


@asynccontextmanager
async def scheduling(brokers: KafkaConnection, prefix: str, root: Path) -> AsyncIterator[RunningScheduler]:
    """Start a scheduler of a data set in a directory of its own."""
    regions, log = read_regions(), Log(brokers, Topics(prefix).monitor_snapshots)
    source = LogSource(brokers, prefix, 12, MonitorPaths(root), frozenset(regions))
    producer = Producer(brokers, seconds, Metrics())
    figures = FigureService(root, regions, simulated=lambda: True, limits=StalenessLimits())
    published = KafkaPublications(log, producer, PublishedStore(root / "published"))
    take = partial(snapshot.take, figures.ask)
    scheduler = Scheduler(source=source, published=published, refresh=figures.refresh, take=take, wall=None, every_minutes=1)
    async with running(producer.run_forever):
        await until(lambda: producer.ready)
        yield RunningScheduler(scheduler, figures, published, log)
    await log.close()


async def write(brokers: KafkaConnection, prefix: str, country: Simulation, to: int) -> None:
    """Simulate a country up to an instant, and write its records into Kafka."""
    topics = Topics(prefix)
    records = [
        SentRecord(
            topics.demand_events if isinstance(logged.event.data, e.DEMAND_EVENTS) else topics.bed_events,
            key_of(logged.event).encode(),
            encode(logged.event),
            logged.at,
        )
        for logged in country.until(to)
    ]
    await KafkaSender(brokers, Throttle(None, seconds), lambda _: None, SendSummary()).send(records)


async def test_missed_snapshots_are_published_and_the_bytes_are_the_same(kafka: Kafka, prefix: str, tmp_path: Path) -> None:
    """After a downtime of three days the missed snapshots are published, also that of the night in which the clock goes forward.

    Later records, late entries and corrections among them, change no published snapshot; another machine, or the same one with an empty
    disk, computes the same bytes.
    """
    world, brokers, country = f"sim-{prefix[-8:]}", KafkaConnection(kafka.bootstrap), Simulation(7, START)
    await create_topics(brokers, world)
    await write(brokers, world, country, BEFORE)
    async with scheduling(brokers, world, tmp_path / "one") as one:
        await one.settle()
        began = one.scheduler.began
        assert began is not None
        first = list(one.published.keys)
        assert len(first) == 6
        assert any("2023-03-26T02:00:00Z" in key for key in first)
    await write(brokers, world, country, LATER)
    async with scheduling(brokers, world, tmp_path / "two") as two:
        await two.settle()
        due = {snapshot.snapshot_key(at): at for at in snapshot.due(began, two.scheduler.until or 0, set())}
        assert list(two.published.keys) == list(due)
        assert len(due) == len(list(nights(began + 1, LATER + 1))) == 9
        assert {key: two.published.get(key) for key in due} == {key: snapshot.take(two.figures.ask, at) for key, at in due.items()}
        assert await two.published_records() == 9
        await two.settle()
        assert await two.published.publish(first[0], b"another") == snapshot.take(two.figures.ask, due[first[0]])
        assert await two.published_records() == 9


async def test_two_do_not_work_in_one_directory(kafka: Kafka, prefix: str, tmp_path: Path) -> None:
    """A second writer of a directory gets BusyError, and succeeds once the first has finished."""
    world, brokers = f"sim-{prefix[-8:]}", KafkaConnection(kafka.bootstrap)
    await create_topics(brokers, world)
    async with scheduling(brokers, world, tmp_path) as running_scheduler:
        scheduler = running_scheduler.scheduler
        with scheduler.source.exclusive(), pytest.raises(BusyError):
            await scheduler.run_once()
        await scheduler.run_once()


async def test_an_empty_log_has_no_snapshots(kafka: Kafka, prefix: str, tmp_path: Path) -> None:
    """Of a log without records no snapshot is published: what is unknown is not 0."""
    world, brokers = f"sim-{prefix[-8:]}", KafkaConnection(kafka.bootstrap)
    await create_topics(brokers, world)
    async with scheduling(brokers, world, tmp_path) as running_scheduler:
        await running_scheduler.settle()
        assert (list(running_scheduler.published.keys), running_scheduler.scheduler.until) == ([], None)
