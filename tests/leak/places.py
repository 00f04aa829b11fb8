"""Everything that stays when a run is over, piece by piece: topics, Redis, and files, each with a name that repeats nothing of it."""

import os
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from aiokafka import TopicPartition
from redis.asyncio import Redis

from services.adapters.config.kafka_connection import KafkaConnection
from services.adapters.kafka.clients import new_admin, new_consumer
from services.adapters.kafka.topics import Topics

_DUMPS: dict[bytes, Callable[[Any, bytes], Any]] = {
    b"string": lambda redis, key: redis.get(key),
    b"hash": lambda redis, key: redis.hgetall(key),
    b"list": lambda redis, key: redis.lrange(key, 0, -1),
    b"set": lambda redis, key: redis.smembers(key),
    b"zset": lambda redis, key: redis.zrange(key, 0, -1),
    b"stream": lambda redis, key: redis.xrange(key),
}
# Where a Valkey has its data, and what a Kafka has beside its own: what is in there is read from the servers themselves
_OF_VALKEY = "appendonlydir"
_OF_KAFKA = "meta.properties"
_FETCH_MS = 100
_ANSWER_MS = 5_000
Written = Callable[[bytes], bool]
"""Whether bytes are those of a record that a test itself wrote into the log."""
Piece = tuple[str, bytes]
"""Where it stands, and what it is."""


async def topics(brokers: KafkaConnection, wanted: Callable[[str], bool], written: Written) -> AsyncIterator[Piece]:
    """Read every record of the wanted topics but of those that hold what was sent in as it was: intake and dead letters."""
    admin = new_admin(brokers)
    await admin.start()
    try:
        described = await admin.describe_topics([name for name in await admin.list_topics() if wanted(name) and not _as_sent(name)])
    finally:
        await admin.close()
    places = [TopicPartition(topic["topic"], part["partition"]) for topic in described for part in topic["partitions"]]
    if not places:
        return  # a consumer that is stopped before it was asked anything fails
    consumer = new_consumer(brokers, auto_offset_reset="none", fetch_max_wait_ms=_FETCH_MS)
    await consumer.start()
    try:
        async with aclosing(_read(consumer, places)) as reading:
            async for place, records in reading:
                kept = [each for each in records if not written(each.value or b"")]
                yield f"topic {place.topic}", b"\n".join(piece for each in kept for piece in _pieces(each))
    finally:
        await consumer.stop()


def _as_sent(name: str) -> bool:
    names = Topics(name.partition(".")[0])
    return "." not in name or name == names.dead_letters or names.organisation(name) is not None


async def _read(consumer: Any, places: list[Any]) -> AsyncGenerator[tuple[Any, list[Any]], None]:
    """Read all that is in these partitions now; most are empty, and nothing is asked of those."""
    starts, ends = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
    left = {place: ends[place] for place in places if starts[place] < ends[place]}
    consumer.assign(list(left))
    for place in left:
        consumer.seek(place, starts[place])
    while left:
        for place, records in (await consumer.getmany(*left, timeout_ms=_ANSWER_MS)).items():
            yield place, records
            if records[-1].offset + 1 >= left[place]:
                del left[place]


def _pieces(record: Any) -> Iterable[bytes]:
    """Take a record apart: key, value and headers."""
    return (record.key or b"", record.value or b"", *(name.encode() + b": " + (value or b"") for name, value in record.headers))


async def redis(url: str, wanted: Callable[[str], bool]) -> AsyncIterator[Piece]:
    """Read all that Redis keeps under the wanted prefixes, names of keys included."""
    async with Redis.from_url(url) as store:
        async for key in store.scan_iter(count=1_000):
            assert isinstance(key, bytes)
            if not wanted(key.partition(b":")[0].decode(errors="replace")):
                continue
            kind: Any = await store.type(key)
            where = f"redis {key.decode(errors='replace').rpartition(':')[2][:12]} ({kind.decode()})"
            if kind in _DUMPS:  # else it is gone by now
                yield where, b"\n".join([key, *_flat(await _DUMPS[kind](store, key))])


def _flat(found: Any) -> Iterable[bytes]:
    """List every piece of bytes in what Redis answers, those that are packed into names of facts excepted by nothing."""
    match found:
        case bytes():
            yield found
        case dict():
            for name, value in found.items():
                yield from (*_flat(name), *_flat(value))
        case list() | tuple() | set():
            for each in found:
                yield from _flat(each)
        case _:
            return


def below(root: Path) -> Iterator[Path]:
    """List every file below a folder, those of servers excepted."""
    for folder, folders, names in os.walk(root):
        of_a_server = _OF_KAFKA in names or folder.endswith(_OF_VALKEY)
        folders[:] = [] if of_a_server else folders
        yield from () if of_a_server else (Path(folder) / name for name in names)


def contents(file: Path, written: Written) -> Iterator[bytes]:
    """Read a file: as it is, and a table by its columns, for on the disk those are packed."""
    if file.suffix != ".parquet":
        yield file.read_bytes()
        return
    try:
        table = pq.ParquetFile(file).read()
    except pa.ArrowInvalid:  # left by who was killed in the middle of writing it
        yield file.read_bytes()
        return
    yield f"{table.schema.metadata} {table.schema.names}".encode()
    for column in table.columns:
        if pa.types.is_binary(column.type):
            yield b"\n".join(value for value in column.to_pylist() if value is not None and not written(value))
        elif not _is_number(column.type):
            yield "\n".join(map(str, column.to_pylist())).encode()


def _is_number(of: Any) -> bool:
    return bool(pa.types.is_integer(of) or pa.types.is_floating(of) or pa.types.is_boolean(of))
