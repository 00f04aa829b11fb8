"""`plek forget` on real Kafka, Faust and Valkey: killed at any moment, it loses nothing, and what it deletes is nowhere."""

import asyncio
import random
import sys
import uuid
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import orjson
import pyarrow.parquet as pq
import pytest

from services.adapters.checkpoints.truth_log import TruthLog
from services.adapters.codec.event_codec import Topic, encode, key_of
from services.adapters.config.settings import Settings
from services.adapters.dutch_time import months_before
from services.adapters.kafka.log_reader import Log
from services.adapters.kafka.topics import partition_of
from services.cli.events.kafka_sender import KafkaSender, SentRecord
from services.cli.events.send_summary import SendSummary
from services.cli.events.throttle import Throttle
from services.domain.beds.staleness import StalenessLimits
from services.domain.durations import DAY_MS
from services.domain.events import catalog as e
from services.local.processes.child_process import ChildProcess
from services.monitor import pipeline
from services.monitor.log_source import LogSource
from services.processor.partition import ProjectionFactory
from services.processor.projections.beds import BedProjectionFactory
from services.processor.projections.demand import DemandProjectionFactory
from services.processor.view_verifier import Verifier
from services.simulator.model.calendar import start_of_year
from services.simulator.model.parameters import Parameters
from services.simulator.simulation import Simulation
from tests.controlled_servers import Kafka, Valkey
from tests.processor.logs import WIRE, Logged
from tests.processor.test_checkpoint_maker import folded, shown
from tests.servers import Service, running
from tests.tapes import Line
from tests.world import World, world

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

Services = Callable[[str, Settings], Service]
START: Final = start_of_year(2022)
MONTHS: Final = 30
SMALL: Final = Parameters(shelters=2, units=12, overflow_units=1, searching_a_day=0.2, joining_list_a_year=1.0, hotels_a_year={2022: 30})
FACTORIES: Final[tuple[tuple[Topic, ProjectionFactory], ...]] = (
    ("beds", BedProjectionFactory(WIRE, StalenessLimits())),
    ("demand", DemandProjectionFactory(WIRE)),
)


@pytest.fixture
def country() -> str:
    """Return the prefix of a simulated country: its log has its own times."""
    return f"sim-{uuid.uuid4().hex[:12]}"


def logged(days: int) -> list[SentRecord]:
    """Return the log of a small country over so many days."""
    return [
        SentRecord(topic_of(each.event), key_of(each.event).encode(), encode(each.event), each.at)
        for each in Simulation(5, START, parameters=SMALL).until(START + days * DAY_MS)
    ]


def topic_of(event: e.Event) -> Topic:
    """Return the topic of an event."""
    return "demand" if isinstance(event.data, e.DEMAND_EVENTS) else "beds"


def ended(records: list[SentRecord], limit: int) -> set[bytes]:
    """Return the stays and cases that had ended a day before `limit` (ms), and that nothing later names: by hand, not by the rule."""
    last: dict[str, int] = {}
    over: set[str] = set()
    for record in records:
        data = orjson.loads(record.value or b"{}")["data"]
        for member in ("stay", "search", "fallback", "entry", "again_of"):
            if name := data.get(member):
                last[name] = record.timestamp or 0
                over |= {name} if "outcome" in data or ("destination" in data and data.get("unit_ready", True)) else set()
    return {name.encode() for name in over if last[name] < limit - DAY_MS}


async def append(here: World, records: list[SentRecord]) -> None:
    """Append the records of a country with their times, and wait until they are folded."""
    first = next(record for record in records if record.topic == "beds")
    copies = [replace(first, value=line.value) for line in here._again(Line(first.key, first.value), "beds")]
    at = records.index(first) + 1
    records[at:at] = copies
    named = [replace(record, topic=here.topics.truth("demand" if record.topic == "demand" else "beds")) for record in records]
    await KafkaSender(here.settings.brokers, Throttle(None, lambda: 0.0), lambda _: None, SendSummary()).send(named)
    for topic, ends in (("beds", here.ends), ("demand", here.demand_ends)):
        for record in records:
            if record.topic == topic:
                number = partition_of(record.key or b"", here.settings.partitions)
                ends[number] = ends.get(number, 0) + 1
    await here.folded()


def forgetting(here: World, months: int, log: Path, option: str = "--yes") -> ChildProcess:
    """Return `plek forget` as a program that has not begun."""
    argv = (sys.executable, "-m", "services.cli", "forget", "--months", str(months), option)
    return ChildProcess("forget", argv, log, here.settings.environment())


async def forget(here: World, months: int, log: Path) -> None:
    """Run it to its end."""
    program = forgetting(here, months, log)
    program.start()
    await program.wait()
    assert program.code == 0, log.read_text("utf-8")


async def said(here: World, months: int, log: Path, option: str) -> list[str]:
    """Run it with an option, and return what it says."""
    program = forgetting(here, months, log, option)
    program.start()
    await program.wait()
    return log.read_text("utf-8").splitlines()


def due_of(records: list[SentRecord], topic: str) -> int:
    """Count the records of a topic that are older than 14 months and the current one."""
    limit = months_before(records[-1].timestamp or 0, 14)
    return sum(record.topic == topic and (record.timestamp or 0) < limit for record in records)


async def compared(here: World) -> tuple[list[str], int]:
    """Compare the view of beds and of demand with the log; return the differences, and how many records were folded."""
    differences, records = [], 0
    for (topic, factory), view in zip(FACTORIES, (here.view, here.demand), strict=True):
        async with TruthLog(here.settings.brokers, here.topics, topic) as log:
            for number in range(here.settings.partitions):
                comparison = await Verifier(factory, view, log).compare(number)
                differences += [str(difference) for difference in comparison.differences]
                records += comparison.records
    return differences, records


async def stored(here: World) -> bytes:
    """Return all that is left: the truth topics and the checkpoints from their beginning, and every key of Redis."""
    found = bytearray()
    for topic in (here.topics.bed_events, here.topics.demand_events, here.topics.checkpoints):
        async with Log(here.settings.brokers, topic) as log:
            for number, ends in (await log.ends(range(1 if topic == here.topics.checkpoints else here.settings.partitions))).items():
                async for records in log.read(number, ends.start, ends.end):
                    found += b"".join(_opened(record.value, checkpoint=topic == here.topics.checkpoints) for record in records)
    redis: Any = here.view._redis
    for key in await redis.keys(f"{here.settings.prefix}*"):
        kind = (await redis.type(key)).decode()
        read = {"hash": redis.hgetall, "string": redis.get, "stream": redis.xrange}.get(kind)
        found += repr(await read(key)).encode() if read else b""
    return bytes(found)


def _opened(value: bytes, *, checkpoint: bool) -> bytes:
    """Return a record; of a checkpoint what is in it."""
    payload = value.partition(b"\n")[2] if checkpoint else b""
    return zlib.decompress(payload) if payload else value


async def shown_of(here: World) -> list[dict[str, Any]]:
    """Return what is true of every partition of both views at their clocks."""
    saved = [await view.load(number) for view in (here.view, here.demand) for number in range(here.settings.partitions)]
    return [shown(each) for each in saved if each]


def never_forgot(here: World, records: list[SentRecord]) -> list[dict[str, Any]]:
    """Fold the whole log in memory, and return what is true of every partition at the clock of the data set."""
    by_partition: dict[tuple[str, int], list[Logged]] = {}
    for record in records:
        of_partition = by_partition.setdefault((record.topic, partition_of(record.key or b"", here.settings.partitions)), [])
        of_partition.append(Logged(len(of_partition), record.timestamp or 0, record.key, record.value))
    found = []
    for topic, _ in FACTORIES:
        for number in range(here.settings.partitions):
            if whole := by_partition.get((topic, number)):
                partition = folded(whole, topic, None)
                found.append(shown(partition.full_snapshot(partition.projection.state.clock)))
    return found


async def test_what_is_older_is_nowhere_and_the_rest_is_the_same(
    kafka: Kafka, valkey: Valkey, country: str, service: Services, tmp_path: Path
) -> None:
    """Ten months are forgotten of 24: 0 differences, the state of one that never forgot, and no trace in Kafka, Redis or the archive."""
    records = logged(24 * 30)
    async with world(kafka, valkey, country, data=tmp_path) as here, running(service("processor", here.settings)):
        await append(here, records)
        source = LogSource.from_settings(here.settings)
        await asyncio.to_thread(pipeline.bring_up_to_date, source)
        gone = ended(records, months_before(records[-1].timestamp or 0, 14))
        assert len(gone) > 100
        before = await stored(here)
        assert all(name in before for name in gone)
        assert await said(here, 14, tmp_path / "dry.log", "--dry-run") == [
            "Kept are 14 months and the current one: what was logged before 2022-10-01 is due.",
            f"beds: {due_of(records, 'beds'):,} records in 12 partitions",
            f"demand: {due_of(records, 'demand'):,} records in 12 partitions",
            "audit log, after five years: nothing",
        ]
        after_it = await stored(here)
        assert all(name in after_it for name in gone)
        await forget(here, 14, tmp_path / "forget.log")
        differences, compared_records = await compared(here)
        assert differences == []
        assert 0 < compared_records < len(records)
        assert await shown_of(here) == never_forgot(here, records)
        for _ in range(2):  # the tables of before are removed when no query can still read them
            await asyncio.to_thread(pipeline.bring_up_to_date, source)
        archive = b"".join(repr(pq.read_table(path).to_pylist()).encode() for path in tmp_path.glob("monitor/**/*.parquet"))
        archive += b"".join(zlib.decompress(path.read_bytes()) for path in tmp_path.glob("monitor/**/*.checkpoint"))
        left = await stored(here) + archive
        assert [name for name in gone if name in left] == []


@pytest.mark.long
@pytest.mark.timeout(1800)
async def test_killed_fifty_times(kafka: Kafka, valkey: Valkey, country: str, service: Services, tmp_path: Path) -> None:
    """Months are forgotten of 30, and the program is killed with -9 at 50 random moments, the processor too: the end is exact."""
    dice, kills = random.Random(3), 0
    records = logged(MONTHS * 30)
    async with world(kafka, valkey, country, session_timeout_s=2.0, data=tmp_path) as here:
        worker = service("processor", here.settings)
        async with running(worker):
            await append(here, records)
            for months in range(28, 13, -2):
                for _ in range(7):
                    program = forgetting(here, months, tmp_path / "killed.log")
                    program.start()
                    await asyncio.sleep(dice.uniform(0.5, 5))
                    kills += program.alive
                    await program.kill()
                    if dice.random() < 0.1:
                        await worker.kill()
                        await worker.start()
                await forget(here, months, tmp_path / "forget.log")
                differences, _ = await compared(here)
                assert differences == []
                assert await shown_of(here) == never_forgot(here, records)
        assert kills >= 50
