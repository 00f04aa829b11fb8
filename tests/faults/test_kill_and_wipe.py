"""Whatever is killed or emptied while events flow, the end result is exact: the log is the truth, the view follows."""

import asyncio
import random
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from services.adapters.checkpoints.truth_log import TruthLog
from services.adapters.config.settings import Settings
from services.domain.beds.staleness import StalenessLimits
from services.local.processes.child_process import ChildProcess
from services.processor.projections.beds import BedProjectionFactory
from services.processor.view_verifier import Verifier
from tests import tapes
from tests.controlled_servers import Kafka, Valkey
from tests.processor.logs import WIRE
from tests.servers import Service, running
from tests.tapes import Line
from tests.waiting import until
from tests.world import World, world

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

# Short, so that the partitions of a killed worker move on within seconds.
SESSION_S = 2.0
Services = Callable[[str, Settings], Service]


@asynccontextmanager
async def playing(here: World, lines: list[Line], seconds: float) -> AsyncIterator[None]:
    """Play lines over about so many seconds beside what the test does; afterwards all of them are acknowledged and folded."""
    play = asyncio.ensure_future(here.play(lines, pause_s=seconds / (len(lines) / 100)))
    try:
        yield
        await play
    finally:
        play.cancel()
    await here.folded()


async def moved(here: World) -> None:
    """Wait until the view has moved on from where it stands now: what was broken works again."""
    before = await offsets(here)

    async def has_moved() -> bool:
        return await offsets(here) != before

    await until(has_moved)


async def offsets(here: World) -> dict[int, int]:
    """Return the offset each partition of the view stands at."""
    return {number: position.offset for number, position in (await here.view.positions()).items()}


async def exact(here: World, tape: str = "week") -> None:
    """Compare the state with the expected one in every member, and the view with the log in every byte."""
    assert await here.state() == tapes.expected(tape)
    async with TruthLog(here.settings.brokers, here.topics, "beds") as log:
        verifier = Verifier(BedProjectionFactory(WIRE, StalenessLimits()), here.view, log)
        compared = [await verifier.compare(number) for number in range(here.settings.partitions)]
    assert [difference for partition in compared for difference in partition.differences] == []
    assert sum(partition.records for partition in compared) == sum(here.ends.values())


@pytest.mark.long
async def test_a_worker_killed_ten_times_at_random(kafka: Kafka, valkey: Valkey, prefix: str, service: Services) -> None:
    """Killed with -9 ten times while the week is playing and started again each time: exact."""
    dice = random.Random(11)
    async with world(kafka, valkey, prefix, session_timeout_s=SESSION_S) as here:
        worker = service("processor", here.settings)
        async with running(worker), playing(here, tapes.load("week"), seconds=25):
            for _ in range(10):
                await asyncio.sleep(dice.uniform(0.2, 2.5))
                await worker.kill()
                await worker.start()
        await exact(here)


async def empty(here: World) -> None:
    """Delete every key of the world, as a Redis without its data would have it."""
    keys = await here.view._redis.keys(f"{here.settings.prefix}:*")
    assert await here.view._redis.delete(*keys) > 12


async def test_redis_emptied_under_a_running_worker(kafka: Kafka, valkey: Valkey, prefix: str, service: Services) -> None:
    """Every key of the world deleted while the week is playing: the counts come back exact."""
    async with world(kafka, valkey, prefix) as here, running(service("processor", here.settings)):
        async with playing(here, tapes.load("week"), seconds=6):
            await asyncio.sleep(3)
            await empty(here)
        await exact(here)


async def test_redis_killed_and_started_empty(kafka: Kafka, own_valkey: Valkey, prefix: str, service: Services) -> None:
    """Redis killed with -9, its data thrown away, and started: the counts come back exact."""
    async with world(kafka, own_valkey, prefix) as here, running(service("processor", here.settings)):
        async with playing(here, tapes.load("week"), seconds=6):
            await asyncio.sleep(3)
            await own_valkey.wipe()
            await own_valkey.start()
        await exact(here)


@pytest.mark.long
async def test_redis_put_back_from_an_older_dump(kafka: Kafka, own_valkey: Valkey, prefix: str, service: Services, tmp_path: Path) -> None:
    """Redis started from a copy of its files that is older than the log: the worker goes back with it, and the counts are exact."""
    lines = tapes.load("week")
    async with world(kafka, own_valkey, prefix) as here, running(service("processor", here.settings)):
        await here.play(lines[:1500])
        await here.folded()
        await own_valkey.stop()
        shutil.copytree(own_valkey.data_dir, tmp_path / "dump")
        await own_valkey.start()
        await here.play(lines[1500:4000])
        await here.folded()
        await own_valkey.wipe()
        shutil.copytree(tmp_path / "dump", own_valkey.data_dir)
        await own_valkey.start()
        await here.play(lines[4000:])
        await here.folded()
        await exact(here)


async def test_kafka_killed_and_started(own_kafka: Kafka, valkey: Valkey, prefix: str, service: Services) -> None:
    """Kafka killed with -9 while the week is playing and started again: nothing acknowledged is lost, nothing counted twice."""
    async with world(own_kafka, valkey, prefix) as here, running(service("processor", here.settings)):
        async with playing(here, tapes.load("week"), seconds=6):
            await asyncio.sleep(3)
            await own_kafka.kill()
            await own_kafka.start()
        await exact(here)


@pytest.mark.long
async def test_a_frozen_worker_wakes_after_its_session(kafka: Kafka, valkey: Valkey, prefix: str, service: Services) -> None:
    """Frozen for longer than its session while another takes over, then woken in the middle of the play: exact."""
    async with world(kafka, valkey, prefix, session_timeout_s=SESSION_S) as here:
        another_port = here.settings.model_copy(update={"processor_port": here.settings.gateway_port})
        frozen, other = service("processor", here.settings), service("processor", another_port)
        async with running(frozen, other), playing(here, tapes.load("week"), seconds=20):
            await moved(here)
            frozen.child.send_signal(signal.SIGSTOP)
            await asyncio.sleep(2 * SESSION_S)
            await moved(here)
            frozen.child.send_signal(signal.SIGCONT)
            await moved(here)
        await exact(here)


async def acknowledged(here: World, group: str) -> None:
    """Wait until a consumer group has committed an offset of every partition that has one."""
    admin = AIOKafkaAdminClient(bootstrap_servers=here.settings.kafka)
    await admin.start()

    async def all_committed() -> bool:
        return {tp.partition for tp in await admin.list_consumer_group_offsets(group)} >= set(here.ends)

    try:
        await until(all_committed)
    finally:
        await admin.close()


@pytest.mark.long
@pytest.mark.parametrize("what", ["killed", "emptied"])
async def test_the_control_fails(what: str, kafka: Kafka, valkey: Valkey, prefix: str, tmp_path: Path) -> None:
    """The same fold as an ordinary Faust agent, killed with -9 or its Redis emptied half way: its counts are wrong. Ours are no luck."""
    lines = tapes.load("week")
    async with world(kafka, valkey, prefix, session_timeout_s=SESSION_S) as here:
        argv = (sys.executable, "-m", "tests.faults.raw_faust", str(tmp_path / "faust"))
        raw = ChildProcess("raw", argv, tmp_path / "raw.log", here.settings.environment())
        raw.start()
        try:
            await here.play(lines[:2500])
            await here.folded()
            await acknowledged(here, f"{prefix}-raw")
            if what == "killed":
                await raw.kill()
                raw.start()
            else:
                await empty(here)
            await here.play(lines[2500:])
            await here.folded()
        finally:
            await raw.kill()
        assert await here.state() != tapes.expected("week")
