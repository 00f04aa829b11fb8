"""The leak oracle: shown everything that leaves Plek or stays in it, it tells what ought not to be there. It never repeats it."""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from redis.asyncio import Redis

from services.adapters.brokers import Brokers
from services.adapters.kafka import new_admin
from services.adapters.log_reader import Log
from services.adapters.settings import Settings
from services.adapters.topics import Topics
from tests.leak import detectors
from tests.leak.canaries import Canary, new_canaries

# Where the intake phone of a shelter may be told: its own page, and a hold that was granted.
_INTAKE_PHONE = ("/v1/shelters", "/v1/holds")
_STREAM = "text/event-stream"
_DUMPS: dict[bytes, Callable[[Any, bytes], Any]] = {
    b"string": lambda redis, key: redis.get(key),
    b"hash": lambda redis, key: redis.hgetall(key),
    b"list": lambda redis, key: redis.lrange(key, 0, -1),
    b"set": lambda redis, key: redis.smembers(key),
    b"zset": lambda redis, key: redis.zrange(key, 0, -1),
    b"stream": lambda redis, key: redis.xrange(key),
}


@dataclass(frozen=True, slots=True)
class Leak:
    """Something that ought not to be where it was found."""

    where: str
    what: str


@dataclass(slots=True)
class Oracle:
    """Remembers what was sent in, and what it found. `looked` counts the bytes of each kind of place, so that it can't look at nothing."""

    canaries: list[Canary] = field(default_factory=new_canaries)
    leaks: list[Leak] = field(default_factory=list)
    looked: dict[str, int] = field(default_factory=dict)

    def look(self, kind: str, where: str, data: bytes, *, intake_phone: bool = False) -> None:
        """Look for canaries, and for what looks like one."""
        self.looked[kind] = self.looked.get(kind, 0) + len(data)
        self.leaks += [Leak(where, f"the {canary.kind} that was sent in") for canary in self.canaries if _has(data, canary)]
        self.leaks += [Leak(where, what) for what in detectors.found(data, intake_phone=intake_phone)]

    async def heard(self, response: httpx.Response) -> None:
        """Look at an answer; a hook of httpx. A stream has no end to wait for, and is looked at by who reads it."""
        path = response.request.url.path
        headers = "\n".join(f"{name}: {value}" for name, value in response.headers.items() if name != "date")
        self.look("header", f"header of {path[:3]}…", headers.encode())
        if not response.headers.get("content-type", "").startswith(_STREAM):
            await response.aread()
            allowed = response.request.url.path.startswith(_INTAKE_PHONE) and response.status_code < 300
            self.look("answer", f"answer {response.status_code}", response.content, intake_phone=allowed)

    @property
    def hooks(self) -> dict[str, list[Any]]:
        """The event hooks of an httpx client all whose answers are looked at."""
        return {"response": [self.heard]}

    async def sweep(self, settings: Settings, logs: Iterable[Path], urls: Iterable[str]) -> None:
        """Look at what stays: log files, metrics, the topics of a prefix, and all that Redis holds under it."""
        for log in logs:
            self.look("log", f"log {log.name}", log.read_bytes() if log.exists() else b"")
        async with httpx.AsyncClient(trust_env=False) as client:
            for url in urls:
                self.look("metrics", "metrics", (await client.get(f"{url}/metrics")).content)
        async for where, data in _topics(settings):
            self.look("topic", where, data, intake_phone=True)
        async for where, data in _redis(settings):
            self.look("redis", where, data, intake_phone=True)

    def insist(self) -> None:
        """Fail when anything was found."""
        assert not self.leaks, sorted({(leak.where, leak.what) for leak in self.leaks})


def _has(data: bytes, canary: Canary) -> bool:
    return any(form in data for form in canary.forms)


async def _topics(settings: Settings) -> AsyncIterator[tuple[str, bytes]]:
    """Read every record of every topic under a prefix but of those that hold what was sent in as it was: intake and dead letters."""
    names = Topics(settings.prefix)
    admin = new_admin(settings.brokers)
    await admin.start()
    try:
        topics = await admin.describe_topics([name for name in await admin.list_topics() if name.startswith(f"{settings.prefix}.")])
    finally:
        await admin.close()
    for topic in topics:
        name = topic["topic"]
        if name != names.dead_letters and not names.organisation(name):
            numbers = sorted(part["partition"] for part in topic["partitions"])
            async for data in _records(settings.brokers, name, numbers):
                yield f"topic {name.removeprefix(settings.prefix)}", data


async def _records(brokers: Brokers, topic: str, numbers: list[int]) -> AsyncIterator[bytes]:
    """Read every record of a topic: key, value and headers."""
    async with Log(brokers, topic) as log:
        for number, ends in (await log.ends(numbers)).items():
            async with aclosing(log.read(number, ends.start, ends.end)) as reading:
                async for batch in reading:
                    for record in batch:
                        headers = [name.encode() + b": " + (value or b"") for name, value in record.headers]
                        yield b"\n".join((record.key or b"", record.value or b"", *headers))


async def _redis(settings: Settings) -> AsyncIterator[tuple[str, bytes]]:
    """Read all that Redis keeps under a prefix, names of keys included."""
    async with Redis.from_url(settings.redis) as redis:
        async for key in redis.scan_iter(f"{settings.prefix}:*", count=1_000):
            assert isinstance(key, bytes)
            kind: Any = await redis.type(key)
            where = f"redis {key.decode(errors='replace').rpartition(':')[2][:12]} ({kind.decode()})"
            yield where, b"\n".join([key, *_flat(await _DUMPS[kind](redis, key))])


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
