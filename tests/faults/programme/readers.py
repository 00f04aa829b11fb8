"""Reads what is stored into the history: partitions of the view at one instant, and at the end the logs.

The keys and the documents are those that `docs/` and the contract describe; the checker compares them with a fold of another hand.
"""

import asyncio
from typing import Any, Final

import orjson
from redis.exceptions import RedisError

from services.adapters.config.settings import Settings
from services.adapters.kafka.log_reader import Log
from services.adapters.kafka.topics import Topics
from tests.faults.checker.history import BEDS, DEMAND, History, Logged, Moment
from tests.faults.programme.instance import Instance

_SWEEP_S: Final = 4.0
_DEFAULT: Final = "0"


async def moment(here: Instance, topic: str, partition: int) -> Moment | None:
    """Read a partition of the view at one instant; None where it is being folded anew, or Redis is away."""
    middle = "" if topic == BEDS else "demand:"
    key = f"{here.settings.prefix}:{middle}{{{partition}}}"
    client = here.redis
    try:
        async with client.pipeline(transaction=True) as together:
            together.hgetall(f"{key}:position")
            together.hgetall(f"{key}:counts")
            together.hgetall(f"{key}:{'holds' if topic == BEDS else 'open'}")
            position, counts, documents = await together.execute()
    except (RedisError, OSError):
        return None
    finally:
        await client.aclose()
    if not position or int(position["offset"]) < 0:
        return None
    return Moment(
        topic=topic,
        partition=partition,
        offset=int(position["offset"]),
        swept_at=int(position.get("swept_at", _DEFAULT)),
        dead_letters=int(position.get("dead_letters", _DEFAULT)),
        counts={name: int(count) for name, count in counts.items()},
        documents={name: orjson.loads(document) for name, document in documents.items()},
    )


async def moments(here: Instance, history: History, partitions: int) -> None:
    """Read the partitions of both views once."""
    for topic in (BEDS, DEMAND):
        for number in range(partitions):
            if (read := await moment(here, topic, number)) is not None:
                history.moments.append(read)


async def watch_view(here: Instance, history: History) -> None:
    """Read a few partitions of the view again and again, whatever happens to Redis, until cancelled."""
    number = 0
    while True:
        for topic in (BEDS, DEMAND):
            if (read := await moment(here, topic, number % here.settings.partitions)) is not None:
                history.moments.append(read)
        number += 1
        await asyncio.sleep(_SWEEP_S / here.settings.partitions)


async def read_logs(settings: Settings, history: History) -> None:
    """Read the truth topics, the dead letters and the audit log from the beginning to their ends."""
    topics = Topics(settings.prefix)
    for topic in (BEDS, DEMAND):
        async with Log(settings.brokers, topics.truth("beds" if topic == BEDS else "demand")) as log:
            for number, ends in (await log.ends(range(settings.partitions))).items():
                read = [record async for records in log.read(number, ends.start, ends.end) for record in records]
                history.log[topic][number] = [Logged(each.offset, each.timestamp, each.key, each.value) for each in read]
    names = {topics.truth("beds"): BEDS, topics.truth("demand"): DEMAND}
    for record in await _all(settings, topics.dead_letters, settings.partitions):
        about = {name: value.decode() for name, value in record.headers}
        history.dead_letters.add((names.get(about["topic"], about["topic"]), int(about["partition"]), int(about["offset"])))
    history.audit = [entry for record in await _all(settings, topics.audit, 1) if (entry := orjson.loads(record.value))["event"]]


async def _all(settings: Settings, topic: str, partitions: int) -> list[Any]:
    async with Log(settings.brokers, topic) as log:
        found: list[Any] = []
        for number, ends in (await log.ends(range(partitions))).items():
            async for records in log.read(number, ends.start, ends.end):
                found += records
        return found
