"""The fence in Redis or Valkey, any version from 6.2 on, one node. Every failure to reach it is a ViewUnavailableError.

Nothing is decoded on the way in or out; numbers are decimal text. What is read besides stands in `redis_view.py`.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from dataclasses import asdict, fields
from functools import wraps
from importlib.resources import files
from typing import Any, Literal, ParamSpec, TypeVar

from redis import exceptions
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from services.adapters.joined import Joined
from services.adapters.redis import new_redis
from services.adapters.view.keys import Keys, every, moved
from services.adapters.view.port import Change, Position, Saved, ViewUnavailableError, Write

# The changes feed keeps about this many entries a partition (design, section 4).
FEED_LENGTH = 10_000

# Keys that are looked at in one go: a moment in which nobody else is served
_AT_ONCE = 1_000

_P = ParamSpec("_P")
_T = TypeVar("_T")
_AWAY = (
    exceptions.ConnectionError,
    exceptions.TimeoutError,
    exceptions.BusyLoadingError,
    exceptions.ReadOnlyError,
    exceptions.OutOfMemoryError,  # nothing of a script is done then, and its first write says so
    OSError,
    asyncio.IncompleteReadError,
)


def script(name: str) -> str:
    """Read one of the scripts of this package."""
    return files(__package__).joinpath(name).read_text("utf-8")


def reaching(method: Callable[_P, Coroutine[Any, Any, _T]]) -> Callable[_P, Coroutine[Any, Any, _T]]:
    """Turn every failure to reach Redis, and its loading after a start, into a ViewUnavailableError."""

    @wraps(method)
    async def reached(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        try:
            return await method(*args, **kwargs)
        except _AWAY as away:
            raise ViewUnavailableError("the view can't be reached") from away

    return reached


class RedisFence:
    """The view of one prefix, as far as beds and demand have it alike. `timeout` in seconds bounds every call."""

    def __init__(self, url: str, prefix: str, partitions: int, timeout: float = 2.0) -> None:
        self.prefix, self.partitions, self._timeout = prefix, partitions, timeout
        # Connections that a restart of Redis broke are found one by one, when they are used: once more, with a new one, or as many callers
        # would be told to phone. A fence that was passed already refuses the second time.
        again = Retry(NoBackoff(), 1, supported_errors=(exceptions.ConnectionError,))
        self._redis = new_redis(url, socket_timeout=timeout, socket_connect_timeout=timeout, health_check_interval=15, retry=again)
        self._joined = Joined(self._redis)
        # A listener is silent for as long as nothing happens: no time-out, but a health check finds a connection that has died.
        self._listening = new_redis(url, socket_connect_timeout=timeout, health_check_interval=5)
        self._fence: Any = self._redis.register_script(script("fence.lua"))
        self._begin: Any = self._redis.register_script(script("begin.lua"))
        self._assign: Any = self._redis.register_script(script("assign.lua"))
        self._read: Any = self._redis.register_script(script("read.lua"))
        # As they were read last, with their bytes: whoever asks all day finds most of them as they were
        self._stood: dict[int, tuple[dict[bytes, bytes], Position]] = {}

    async def close(self) -> None:
        """Close every connection."""
        await self._redis.aclose()
        await self._listening.aclose()

    def _keys(self, partition: int) -> Keys:
        return Keys(self.prefix, partition)

    @reaching
    async def ping(self) -> None:
        """Reach Redis, or ViewUnavailableError."""
        await self._redis.ping()

    @reaching
    async def faults(self) -> list[str]:
        """Say with which setting this Redis would forget parts of the view by itself; nothing when with none."""
        policy = (await self._redis.info("memory")).get("maxmemory_policy")
        return [] if policy == "noeviction" else [f"Redis: maxmemory-policy is {policy}, must be noeviction"]

    @reaching
    async def load(self, partition: int) -> Saved | None:
        """Read all that is kept of a partition; None where nothing is."""
        keys = self._keys(partition)
        hashes = [keys.position, keys.facts, keys.holds, keys.shelters, keys.units, keys.cases, keys.open, keys.counts]
        found = await self._read(keys=[*hashes, keys.seen, keys.corrected], args=["HGETALL"] * len(hashes) + ["ZRANGE", "ZRANGE"])
        position, facts, holds, shelters, units, cases, opened, counts, seen, corrected = map(pairs, found)
        if not position:
            return None
        return Saved(
            position=read_position(position),
            facts={int(offset): event for offset, event in facts.items()},
            holds=texts(holds),
            shelters=texts(shelters),
            units=texts(units),
            cases=texts(cases),
            open=texts(opened),
            counts={name: int(number) for name, number in texts(counts).items()},
            seen={name: int(clock) for name, clock in seen.items()},
            corrected={name: int(clock) for name, clock in corrected.items()},
        )

    @reaching
    async def begin(self, partition: int, position: Position) -> None:
        """Forget what was folded and start at `position`; nothing happens where a view of this fold version stands already."""
        keys = self._keys(partition)
        await self._begin(keys=[keys.position, *keys.folded], args=[position.fold_version, *_flat(asdict(position))])

    @reaching
    async def assign(self, partition: int, end: int) -> None:
        """Note the end of the log as it was seen at assignment, where a view stands."""
        await self._assign(keys=[self._keys(partition).position], args=[end])

    @reaching
    async def write(self, partition: int, write: Write) -> bool:
        """Apply all of it if the view stands where it expects; say whether it did."""
        keys = self._keys(partition)
        # Not its own: the writer that took over has noted it, and this one may have begun before.
        fields = _flat({name: value for name, value in asdict(write.position).items() if name != "rebuild_until"})
        head = [write.after, write.position.fold_version, write.position.fingerprint, moved(self.prefix), partition, FEED_LENGTH]
        names = [keys.position, *keys.folded, keys.changes]
        operations = _operations(write, {name: index for index, name in enumerate(names, start=1)}, keys)
        return bool(await self._fence(keys=names, args=[*head, len(fields), *fields, *operations]))

    @reaching
    async def halt(self, partition: int, reason: str | None) -> None:
        """Say why a partition stands still, or that it does no longer."""
        key = self._keys(partition).halted
        await (self._redis.set(key, reason) if reason else self._redis.delete(key))

    @reaching
    async def forget(self, partition: int) -> None:
        """Drop where a partition stands: whoever owns it finds no position and rebuilds it from the log."""
        await self._redis.delete(self._keys(partition).position)

    @reaching
    async def remove(self) -> None:
        """Remove every key under the prefix, whoever wrote it: for a world that is no more."""
        async for found in self._redis.scan_iter(match=every(self.prefix), count=_AT_ONCE):
            await self._redis.unlink(found)

    @reaching
    async def position(self, partition: int) -> Position | None:
        """Tell where a partition stands; None where nothing was ever folded."""
        found = await self._redis.hgetall(self._keys(partition).position)
        return read_position(found) if found else None

    @reaching
    async def positions(self) -> dict[int, Position]:
        """Tell where each partition stands that was ever folded."""
        async with self._redis.pipeline(transaction=False) as pipeline:
            for partition in range(self.partitions):
                pipeline.hgetall(self._keys(partition).position)
            found = await pipeline.execute()
        return {partition: self._stands(partition, fields) for partition, fields in enumerate(found) if fields}

    def _stands(self, partition: int, found: dict[bytes, bytes]) -> Position:
        before = self._stood.get(partition)
        if before is None or before[0] != found:
            before = self._stood[partition] = (found, read_position(found))
        return before[1]

    @reaching
    async def changes(self, partition: int, after: str) -> list[Change] | Literal["reload"]:
        """List what changed after a change id ("0" for all that is kept); "reload" when the feed does not go back that far."""
        key = self._keys(partition).changes
        entries = await self._redis.xrange(key, min=after)
        if after != "0" and (not entries or entries[0][0].decode() != after):
            return "reload"
        return [_change(id_, fields) for id_, fields in entries[0 if after == "0" else 1 :]]

    async def moves(self) -> AsyncIterator[tuple[int, int]]:
        """Yield (partition, offset) whenever a partition has moved; ViewUnavailableError when the connection is lost."""
        async with self._listening.pubsub(ignore_subscribe_messages=True) as listener:
            try:
                await listener.subscribe(moved(self.prefix))
                async for message in listener.listen():
                    partition, offset = message["data"].split()
                    yield int(partition), int(offset)
            except _AWAY as away:
                raise ViewUnavailableError("the view can't be reached") from away


def _change(id_: bytes, fields: dict[bytes, bytes]) -> Change:
    return Change(id_.decode(), fields[b"changed"].decode(), tuple(fields.get(b"holds", b"").decode().split()))


def _flat(fields: dict[str, Any]) -> list[str]:
    return [text for pair in fields.items() for text in map(str, pair)]


def pairs(flat: list[bytes]) -> dict[bytes, bytes]:
    """Read what a script tells of a hash."""
    return dict(zip(flat[::2], flat[1::2], strict=True))


def texts(found: dict[bytes, bytes]) -> dict[str, bytes]:
    """Read the names of fields as text."""
    return {name.decode(): value for name, value in found.items()}


def read_position(found: dict[bytes, bytes]) -> Position:
    """Read what this version knows of a position: one that another version wrote must be read to be told apart. ValueError if half."""
    read = {name.decode(): value.decode() for name, value in found.items()}
    if "offset" not in read:
        raise ValueError("half a position")
    known = {field.name: read[field.name] for field in fields(Position) if field.name in read}
    return Position(fingerprint=known.pop("fingerprint", ""), **{name: int(value) for name, value in known.items()})


def _operations(write: Write, index: dict[str, int], keys: Keys) -> list[Any]:
    """Write out what the fence is to do: command, key, number of arguments, arguments; nothing where nothing changed."""
    wanted: list[tuple[str, str, Iterable[Any]]] = [
        ("HSET", keys.facts, _spread(write.facts)),
        ("HDEL", keys.facts, write.facts_dropped),
        ("ZADD", keys.seen, _scored(write.seen)),
        ("ZADD", keys.corrected, _scored(write.corrected)),
        ("HSET", keys.holds, _spread(write.holds)),
        ("HSET", keys.shelters, _spread(write.shelters)),
        ("HSET", keys.units, _spread(write.units)),
        ("HDEL", keys.units, write.units_gone),
        ("HSET", keys.cases, _spread(write.cases)),
        ("HDEL", keys.cases, write.cases_gone),
        ("HSET", keys.open, _spread(write.open)),
        ("HDEL", keys.open, write.open_gone),
        ("HSET", keys.counts, _spread(write.counts)),
        ("CHANGES", keys.changes, (part for offset, changed, holds in write.told() for part in (offset, changed, " ".join(holds)))),
    ]
    if write.names_before > 0:
        wanted += [("ZREMRANGEBYSCORE", key, ("-inf", write.names_before)) for key in (keys.seen, keys.corrected)]
    operations: list[Any] = []
    for command, key, arguments in wanted:
        if listed := list(arguments):
            operations += [command, index[key], len(listed), *listed]
    return operations


def _spread(fields: dict[Any, Any]) -> Iterable[Any]:
    return (part for pair in fields.items() for part in pair)


def _scored(names: dict[bytes, int]) -> Iterable[Any]:
    return (part for name, clock in names.items() for part in (clock, name))
