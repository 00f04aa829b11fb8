"""Keeping a world on a real Kafka: missed nights are made good, what is out stays, and any machine makes the same bytes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from services.adapters.brokers import Brokers
from services.adapters.clock import seconds
from services.adapters.log_reader import Log
from services.adapters.metrics import Metrics
from services.adapters.producer import Producer
from services.adapters.regions import read_regions
from services.adapters.topics import Topics, create_topics
from services.adapters.web import keeping
from services.adapters.wire import encode, key_of
from services.commands.by_kafka import KafkaSender, Record
from services.commands.outcome import Outcome
from services.commands.pace import Pace
from services.domain import events as e
from services.domain.freshness import Limits
from services.local.kafka import Kafka
from services.monitor import snapshot
from services.monitor.days import DAY_MS, nights
from services.monitor.desk import Desk
from services.monitor.directory import Directory
from services.monitor.publishing import KafkaPublications
from services.monitor.shelf import Shelf
from services.monitor.source import BusyError, Source
from services.monitor.upkeep import Upkeep
from services.simulator.country import Country
from services.simulator.hours import start_of_year
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(600)]

# Four days before the clock goes forward
START = start_of_year(2023) + 80 * DAY_MS
BEFORE, LATER = START + 6 * DAY_MS, START + 9 * DAY_MS


@dataclass
class Kept:
    """A keeper of a world, and what it keeps."""

    upkeep: Upkeep
    desk: Desk
    published: KafkaPublications
    log: Log

    async def rest(self) -> None:
        """Look until nothing comes any more, as the service does all day."""
        await self.upkeep.look()
        await self.upkeep.look()

    async def out(self) -> int:
        """Count the records that were ever published."""
        await self.log.start()
        return (await self.log.ends([0]))[0].end


@asynccontextmanager
async def keeper(brokers: Brokers, prefix: str, root: Path) -> AsyncIterator[Kept]:
    """Keep a world in a directory of one's own."""
    regions, log = read_regions(), Log(brokers, Topics(prefix).monitor_snapshots)
    source = Source(brokers, prefix, 12, Directory(root), frozenset(regions))
    producer, desk = Producer(brokers, seconds, Metrics()), Desk(root, regions, simulated=lambda: True, limits=Limits())
    published = KafkaPublications(log, producer, Shelf(root / "published"))
    upkeep = Upkeep(
        source=source, published=published, refresh=desk.refresh, take=partial(snapshot.taken, desk.ask), wall=None, every_minutes=1
    )
    async with keeping(producer.keep):
        await until(lambda: producer.ready)
        yield Kept(upkeep, desk, published, log)
    await log.close()
    desk.close()


async def write(brokers: Brokers, prefix: str, country: Country, to: int) -> None:
    """Let a country live up to an instant, and write it down."""
    topics = Topics(prefix)
    records = [
        Record(
            topics.demand_events if isinstance(logged.event.data, e.DEMAND_EVENTS) else topics.bed_events,
            key_of(logged.event).encode(),
            encode(logged.event),
            logged.at,
        )
        for logged in country.until(to)
    ]
    await KafkaSender(brokers, Pace(None, seconds), lambda _: None, Outcome()).send(records)


async def test_missed_nights_are_made_good_and_the_bytes_are_the_same(kafka: Kafka, prefix: str, tmp_path: Path) -> None:
    """Of nine days, six before and three after a downtime, with the night on which the clock goes forward among them.

    Later records, late entries and corrections among them, change no snapshot that is out; nor does another machine, or the same one
    with nothing left on its disk.
    """
    world, brokers, country = f"sim-{prefix[-8:]}", Brokers(kafka.bootstrap), Country(7, START)
    await create_topics(brokers, world, timestamps="CreateTime")
    await write(brokers, world, country, BEFORE)
    async with keeper(brokers, world, tmp_path / "one") as one:
        await one.rest()
        began = one.upkeep.began
        assert began is not None
        first = list(one.published.keys)
        assert len(first) == 6
        assert any("2023-03-26T02:00:00Z" in key for key in first)
    await write(brokers, world, country, LATER)
    async with keeper(brokers, world, tmp_path / "two") as two:
        await two.rest()
        due = {snapshot.key(at): at for at in snapshot.due(began, two.upkeep.until or 0, set())}
        assert list(two.published.keys) == list(due)
        assert len(due) == len(list(nights(began + 1, LATER + 1))) == 9
        assert {key: two.published.get(key) for key in due} == {key: snapshot.taken(two.desk.ask, at) for key, at in due.items()}
        assert await two.out() == 9
        await two.rest()
        assert await two.published.publish(first[0], b"another") == snapshot.taken(two.desk.ask, due[first[0]])
        assert await two.out() == 9


async def test_two_do_not_work_in_one_directory(kafka: Kafka, prefix: str, tmp_path: Path) -> None:
    """The second says so, and its keeper tries again later."""
    world, brokers = f"sim-{prefix[-8:]}", Brokers(kafka.bootstrap)
    await create_topics(brokers, world, timestamps="CreateTime")
    async with keeper(brokers, world, tmp_path) as kept:
        with kept.upkeep.source.alone(), pytest.raises(BusyError):
            await kept.upkeep.look()
        await kept.upkeep.look()


async def test_an_empty_log_has_no_snapshots(kafka: Kafka, prefix: str, tmp_path: Path) -> None:
    """Nothing was known, so nothing is published as if it were nothing."""
    world, brokers = f"sim-{prefix[-8:]}", Brokers(kafka.bootstrap)
    await create_topics(brokers, world, timestamps="CreateTime")
    async with keeper(brokers, world, tmp_path) as kept:
        await kept.rest()
        assert (list(kept.published.keys), kept.upkeep.until) == ([], None)
