"""A destroyed key in a real Kafka: its bytes leave the disk of the broker, and readers go on over the gap."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from services.adapters.clock import now_ms, seconds
from services.adapters.codec.event_codec import encode
from services.adapters.config.settings import Settings
from services.adapters.http.app_factory import running
from services.adapters.kafka.compacted_topic import CompactedTopic
from services.adapters.kafka.ports import LogRecord
from services.adapters.kafka.producer import Producer
from services.adapters.kafka.topics import Topics, create_topics
from services.adapters.needs.need_keys import NeedKey, new_key, wrapped
from services.adapters.observability.metrics import Metrics
from services.api.publishing.need_sealing import KeyDestruction, NeedSealing
from services.domain.durations import DAY_MS
from services.domain.events.catalog import Event
from services.monitor.log_source import LogSource
from services.monitor.needs.open_keys import read_keys
from services.monitor.pipeline import bring_up_to_date
from tests.monitor.needs.freed_unit import FREED, SEEN
from tests.played import WIRE
from tests.reference import case_demand as demand
from tests.reference.given import KEY
from tests.topic_settings import change
from tests.waiting import until

if TYPE_CHECKING:
    from tests.controlled_servers import Kafka

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

SECRET: Final = bytes(range(32))
# Those of the topic in a hurry: the cleaner of the broker looks every fifteen seconds
HURRY: Final = {
    "segment.ms": "500",
    "max.compaction.lag.ms": "500",
    "delete.retention.ms": "100",
    "file.delete.delay.ms": "100",
    "min.cleanable.dirty.ratio": "0.001",
}
# Of a busy machine: three rounds of the cleaner
_CLEANED_S: Final = 150.0


async def test_the_bytes_of_a_destroyed_key_leave_the_broker(kafka: Kafka, prefix: str) -> None:
    """A key that is due is destroyed: no reader has it, a new one reads the others, and the broker's disk holds no byte of it."""
    await create_topics(kafka.brokers, prefix)
    topic = Topics(prefix).need_keys
    await change(kafka.brokers, topic, HURRY)
    old, young = new_key(now_ms() - 40 * DAY_MS), new_key(now_ms())
    log, follower = Producer(kafka.brokers, seconds, Metrics()), CompactedTopic(kafka.brokers, topic, now_ms)
    async with running(log.run_forever, follower.run_forever):
        await until(lambda: log.ready and follower.ready)
        secret = wrapped(old, SECRET)
        await log.append([record(topic, old, secret), record(topic, young, wrapped(young, SECRET))])
        await until(lambda: len(follower.records()) == 2)
        assert on_disk(kafka, topic, secret)
        needs = NeedSealing(topic=follower, name=topic, secret=SECRET, now=now_ms)
        await KeyDestruction(needs=needs, log=log).destroy()
        await until(lambda: [each.key for each in follower.records()] == [young.id])
        # What is logged later lets the broker begin another file, as the key of the next day does
        for _ in range(2):
            await asyncio.sleep(1)
            later = new_key(now_ms())
            await log.append([record(topic, later, wrapped(later, SECRET))])
        await until(lambda: not on_disk(kafka, topic, secret), _CLEANED_S)
    keys = await read_keys(kafka.brokers, prefix, SECRET)
    assert (old.id in keys, keys[young.id], len(keys)) == (False, young, 3)


async def test_the_monitor_works_out_what_the_api_has_sealed(kafka: Kafka, prefix: str, tmp_path: Path) -> None:
    """Over Kafka: of a hotel that one process logged sealed, the monitor keeps whether what became free fitted, and no need."""
    settings = Settings.model_validate({"kafka": kafka.bootstrap, "prefix": prefix, "data": tmp_path, "need_key": SECRET.hex()})
    await create_topics(settings.brokers, prefix)
    names, source = Topics(prefix), LogSource.from_settings(settings)
    log, follower = Producer(settings.brokers, seconds, Metrics()), CompactedTopic(settings.brokers, names.need_keys, now_ms)
    needs = NeedSealing(topic=follower, name=names.need_keys, secret=SECRET, now=now_ms)
    async with running(log.run_forever):
        await until(lambda: log.ready)
        hotel = WIRE.decode("demand", KEY.encode(), demand.hotel(t=0, evidence=SEEN, need={"languages": ["ti"]}).value)
        assert isinstance(hotel, Event)
        sealed = encode(needs.sealed(hotel))
        await log.append([*needs.unwritten(), LogRecord(names.demand_events, KEY.encode(), sealed)])
        await log.append([LogRecord(names.bed_events, each.key, each.value) for each in FREED])
    await asyncio.to_thread(bring_up_to_date, source)
    kept = source.directory.fits.read_text()
    assert (kept.count("true") + kept.count("false"), KEY in kept, "ti" in kept) == (1, True, False)
    assert b"languages" not in sealed


def record(topic: str, key: NeedKey, value: bytes) -> LogRecord:
    """Return the record of a key."""
    return LogRecord(topic, key.id.encode(), value)


def on_disk(kafka: Kafka, topic: str, value: bytes) -> bool:
    """Return whether any file of a topic on the broker's disk holds a value."""
    return any(value in held(file) for file in kafka.data_dir.rglob(f"{topic}-0*/*") if file.is_file())


def held(file: Path) -> bytes:
    """Return what a file holds; nothing where the broker deletes it meanwhile."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return b""
