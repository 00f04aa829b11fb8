"""The processor as a process: it waits for what is not there yet, commits the positions of the view, and ends when it is stopped."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from services.adapters.config.settings import Settings
from services.adapters.view.redis_reader import RedisReader
from tests import tapes
from tests.controlled_servers import Kafka, Valkey
from tests.servers import Service, running, settings_for
from tests.waiting import until
from tests.world import World, world

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(200)]
Services = Callable[[str, Settings], Service]


async def answers(url: str) -> int:
    """Return the status of a page, 0 without an answer."""
    async with httpx.AsyncClient() as client:
        try:
            return (await client.get(url)).status_code
        except httpx.TransportError:
            return 0


async def test_it_starts_before_kafka_redis_and_topics_exist(own_kafka: Kafka, own_valkey: Valkey, prefix: str, service: Services) -> None:
    """A processor started before everything else lives but is not ready, and begins by itself when all is there."""
    await own_kafka.kill()
    await own_valkey.kill()
    worker = service("processor", settings_for(own_kafka, own_valkey, prefix))
    worker.child.start()

    async def lives() -> bool:
        return await answers(f"{worker.url}/healthz") == 200

    await until(lives)
    assert await answers(f"{worker.url}/readyz") == 503
    await own_valkey.start()
    await own_kafka.start()
    assert await answers(f"{worker.url}/readyz") == 503
    async with World(worker_settings(worker, own_kafka, own_valkey, prefix)) as here:
        await worker.ready()
        await here.play(tapes.load("week")[:300])
        await here.folded()
    assert worker.child.alive


def worker_settings(worker: Service, kafka: Kafka, valkey: Valkey, prefix: str) -> Settings:
    """Return the settings a worker was started with."""
    port = int(worker.url.rsplit(":", 1)[1])
    return settings_for(kafka, valkey, prefix, processor_port=port)


async def committed(here: World) -> dict[int, int]:
    """Return the offsets that the processor's group has committed."""
    admin = AIOKafkaAdminClient(bootstrap_servers=here.settings.kafka)
    await admin.start()
    try:
        found = await admin.list_consumer_group_offsets(f"{here.settings.prefix}-processor")
    finally:
        await admin.close()
    return {tp.partition: offset.offset for tp, offset in found.items() if offset.offset >= 0}


async def test_the_groups_offsets_are_those_of_the_view(kafka: Kafka, valkey: Valkey, prefix: str, service: Services) -> None:
    """Any Kafka tool shows the true lag: group offsets equal the positions of the view, also after a clean stop within 5 seconds."""
    async with world(kafka, valkey, prefix) as here:
        worker = service("processor", here.settings)
        async with running(worker):
            await here.play(tapes.load("week"))
            await here.folded()
            started = time.monotonic()
            await worker.stop()
            assert time.monotonic() - started < 5
            assert worker.child.code == 0
        positions = {number: position.offset + 1 for number, position in (await here.view.positions()).items()}
        assert positions == here.ends == await committed(here)


async def test_it_stops_cleanly_while_redis_is_away(kafka: Kafka, own_valkey: Valkey, prefix: str, service: Services) -> None:
    """A worker that waits for Redis, with a batch in its buffer, still ends within 5 seconds of a stop."""
    async with world(kafka, own_valkey, prefix) as here:
        worker = service("processor", here.settings)
        async with running(worker):
            await own_valkey.kill()
            await here.play(tapes.load("week")[:100])

            async def waits() -> bool:
                assert worker.child.log
                return worker.child.log.read_text("utf-8").count('"waiting"') > 20

            await until(waits)
            started = time.monotonic()
            await worker.stop()
            assert time.monotonic() - started < 5
            assert worker.child.code == 0


async def test_a_rebuild_sends_no_dead_letter_twice(kafka: Kafka, valkey: Valkey, prefix: str, service: Services) -> None:
    """After a rebuild the dead letters are counted again, and the topic has each of them once, with its bytes and position."""
    lines, dead = tapes.load("rough"), tapes.expected("rough")["dead_letters"]
    async with world(kafka, valkey, prefix) as here, running(service("processor", here.settings)):
        await here.play(lines)
        await here.folded()

        async def all_committed() -> bool:
            return await committed(here) == here.ends

        await until(all_committed)
        for number in range(here.settings.partitions):
            await here.view.forget(number)
        await here.play(lines[:1])
        await here.folded()
        assert (await here.state())["dead_letters"] == dead
        dead_letters = await everything(here.settings.kafka, here.topics.dead_letters)
    places = [(dict(headers)["partition"], dict(headers)["offset"]) for _, headers in dead_letters]
    assert len(dead_letters) == len(set(places)) == dead
    assert {value for value, _ in dead_letters} <= {line.value for line in lines}
    assert all(dict(headers)["topic"] == here.topics.bed_events.encode() for _, headers in dead_letters)


async def everything(bootstrap: str, topic: str) -> list[tuple[bytes | None, list[tuple[str, bytes]]]]:
    """Read a topic from its start to its end: values and headers."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest", fetch_max_wait_ms=50)
    await consumer.start()
    try:
        tps = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic) or await _partitions(consumer, topic)]
        consumer.assign(tps)
        wanted = sum((await consumer.end_offsets(tps)).values())
        found: list[tuple[bytes | None, list[tuple[str, bytes]]]] = []
        while len(found) < wanted:
            for records in (await consumer.getmany(timeout_ms=500)).values():
                found += [(record.value, list(record.headers)) for record in records]
    finally:
        await consumer.stop()
    return found


async def _partitions(consumer: AIOKafkaConsumer, topic: str) -> set[int]:
    return set(await consumer._client._wait_on_metadata(topic))


async def test_a_type_too_new_stops_its_partition_and_no_other(kafka: Kafka, valkey: Valkey, prefix: str, service: Services) -> None:
    """R13: a partition with a type too new shows the offset at which it halts and is not ready; the others go on."""
    lines = tapes.load("week")
    newer = replace(lines[0], value=(lines[0].value or b"").replace(b".v1", b".v2"))
    async with world(kafka, valkey, prefix) as here:
        worker = service("processor", here.settings)
        async with running(worker):
            await here.play([newer])
            stopped = next(number for number, end in here.ends.items() if end)
            here.ends.clear()
            await here.play([line for line in lines if line.key != newer.key][:2000])
            ends = {number: end for number, end in here.ends.items() if number != stopped}
            here.ends = ends
            await here.folded()
            look = await here.view.read_partition(stopped)
            assert "offset 0" in (look.halted or "")
            assert look.position
            assert look.position.offset == -1
            assert await answers(f"{worker.url}/readyz") == 503


async def test_a_full_redis_is_waited_for(kafka: Kafka, own_valkey: Valkey, prefix: str, service: Services) -> None:
    """A processor waits while Redis is full, goes on when there is room, and the state is exact."""
    async with world(kafka, own_valkey, prefix) as here:
        worker = service("processor", here.settings)
        async with running(worker):
            pid = worker.pid
            await here.view._redis.config_set("maxmemory", "1")
            before = await here.view.positions()
            await here.play(tapes.load("week"))
            await asyncio.sleep(2.5)
            assert await here.view.positions() == before
            await here.view._redis.config_set("maxmemory", "0")
            await here.folded()
            assert (worker.pid, await here.state()) == (pid, tapes.expected("week"))


async def test_what_can_not_be_repaired_ends_the_process(kafka: Kafka, own_valkey: Valkey, prefix: str, service: Services) -> None:
    """A fault that can't be repaired ends the process in spite of Faust's threads, so that it is started again."""
    async with world(kafka, own_valkey, prefix) as here:
        worker = service("processor", here.settings)
        async with running(worker):
            await stamped_after(here.view, 0)
            await here.view._redis.delete(*(f"{prefix}:{{{number}}}:position" for number in range(12)))
            await here.view._redis.mset({f"{prefix}:{{{number}}}:position": "of another type" for number in range(12)})

            async def gone() -> bool:
                return not worker.child.alive

            await until(gone)
            assert worker.child.code == 1


async def test_two_workers_share_the_partitions(kafka: Kafka, valkey: Valkey, prefix: str, service: Services) -> None:
    """A second worker takes over a part of the partitions, and the state is exact."""
    async with world(kafka, valkey, prefix) as here:
        second = here.settings.model_copy(update={"processor_port": here.settings.gateway_port})
        async with running(service("processor", here.settings), service("processor", second)):
            await here.play(tapes.load("week"), pause_s=0.02)
            await here.folded()
            assert await here.state() == tapes.expected("week")
            async with httpx.AsyncClient() as client:

                async def shared() -> bool:
                    pages = [
                        (await client.get(f"http://127.0.0.1:{port}/readyz")).json()
                        for port in (here.settings.processor_port, second.processor_port)
                    ]
                    owned = [set(page[topic]["partitions"]) for page in pages for topic in ("beds", "demand")]
                    return all(all(both) and len(both[0] | both[1]) == 12 and not both[0] & both[1] for both in (owned[::2], owned[1::2]))

                await until(shared)


async def test_every_partition_is_stamped_while_nothing_happens(kafka: Kafka, valkey: Valkey, prefix: str, service: Services) -> None:
    """An idle partition is stamped every second with the time until which it is true; that of a killed worker is not."""
    async with world(kafka, valkey, prefix) as here:
        worker = service("processor", here.settings)
        async with running(worker):
            await stamped_after(here.view, 0)
            first = min(position.alive_at for position in (await here.view.positions()).values())
            await stamped_after(here.view, first)
            await worker.kill()
            at = await here.view.positions()
            await asyncio.sleep(2.5)
            assert await here.view.positions() == at


async def stamped_after(view: RedisReader, instant: int) -> None:
    """Wait until every partition was stamped after an instant."""

    async def all_stamped() -> bool:
        positions = await view.positions()
        return len(positions) == view.partitions and all(position.alive_at > instant for position in positions.values())

    await until(all_stamped)
