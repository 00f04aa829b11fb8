"""The fenced writer of the view in Redis or Valkey, any version from 6.2 on, one node. Every failure to reach it is a ViewUnavailableError.

Documents are bytes, numbers are decimal text. The reads of services are in `redis_reader.py`.
"""

from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from dataclasses import asdict, fields
from functools import wraps
from importlib.resources import files
from typing import Any, Final, Literal, ParamSpec, TypeVar

import orjson
from redis import exceptions
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from services.adapters.redis.auto_pipeline import AutoPipeline
from services.adapters.redis.clients import is_away, new_redis
from services.adapters.view.keys import Keys, every, moved, partition_keys
from services.adapters.view.ports import Change, PartitionCheck, Position, Sample, Saved, ViewUnavailableError, Write

# Entries of the changes feed of a partition, about (design, section 4).
FEED_LENGTH = 10_000

# Keys in one step of a scan, during which Redis serves no other client
_AT_ONCE = 1_000

# What readers show, and what the canary compares each minute
_SAMPLED: Final = ("shelters", "units", "holds", "cases", "open", "counts")

_P = ParamSpec("_P")
_T = TypeVar("_T")


def script(name: str) -> str:
    """Read a script of this package."""
    return files(__package__).joinpath(name).read_text("utf-8")


def reaching(method: Callable[_P, Coroutine[Any, Any, _T]]) -> Callable[_P, Coroutine[Any, Any, _T]]:
    """Turn every failure to reach Redis, and every temporary refusal, into a ViewUnavailableError."""

    @wraps(method)
    async def reached(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        try:
            return await method(*args, **kwargs)
        except Exception as wrong:
            if is_away(wrong):
                raise ViewUnavailableError(_away(wrong)) from wrong
            raise

    return reached


def _away(wrong: Exception) -> str:
    refused = isinstance(wrong, exceptions.ResponseError)
    return "the view accepts nothing for a while" if refused else "the view can't be reached"


class RedisWriter:
    """The view of one prefix, as far as beds and demand are alike; `timeout` in seconds limits every call."""

    def __init__(self, url: str, prefix: str, partitions: int, timeout: float = 2.0) -> None:
        self.prefix, self.partitions, self._timeout = prefix, partitions, timeout
        # Connections that a restart of Redis broke fail one by one, when they are used: each call is tried once more, with a new one, or as
        # many requests would get a 503. A write that the fence has applied already is refused the second time.
        again = Retry(NoBackoff(), 1, supported_errors=(exceptions.ConnectionError,))
        self._redis = new_redis(url, socket_timeout=timeout, socket_connect_timeout=timeout, health_check_interval=15, retry=again)
        self._pipeline = AutoPipeline(self._redis)
        # A subscription is silent while nothing changes: it has no timeout, and a health check finds a dead connection.
        self._listening = new_redis(url, socket_connect_timeout=timeout, health_check_interval=5)
        self._fence: Any = self._redis.register_script(script("fence.lua"))
        self._begin: Any = self._redis.register_script(script("begin.lua"))
        self._assign: Any = self._redis.register_script(script("assign.lua"))
        self._read: Any = self._redis.register_script(script("read.lua"))
        self._members: Any = self._redis.register_script(script("members.lua"))
        # The positions at the last read, with their bytes: most are unchanged at the next, and parsing is skipped
        self._last_read: dict[int, tuple[dict[bytes, bytes], Position]] = {}

    async def close(self) -> None:
        """Close every connection."""
        await self._redis.aclose()
        await self._listening.aclose()

    def _keys(self, partition: int) -> Keys:
        return partition_keys(self.prefix, partition)

    @reaching
    async def ping(self) -> None:
        """Check that Redis answers; ViewUnavailableError."""
        await self._redis.ping()

    @reaching
    async def faults(self) -> list[str]:
        """List the settings with which this Redis would evict parts of the view."""
        policy = (await self._redis.info("memory")).get("maxmemory_policy")
        return [] if policy == "noeviction" else [f"Redis: maxmemory-policy is {policy}, must be noeviction"]

    @reaching
    async def clock(self) -> int:
        """Read the clock (ms) of the machine of Redis."""
        seconds, microseconds = await self._redis.time()
        return int(seconds) * 1_000 + int(microseconds) // 1_000

    @reaching
    async def load(self, partition: int) -> Saved | None:
        """Read all that is stored of a partition; None where nothing is."""
        keys = self._keys(partition)
        hashes = [keys.position, keys.facts, keys.holds, keys.shelters, keys.units, keys.cases, keys.open, keys.counts]
        replies = await self._read(keys=[*hashes, keys.seen, keys.corrected], args=["HGETALL"] * len(hashes) + ["ZRANGE", "ZRANGE"])
        position, facts, holds, shelters, units, cases, opened, counts, seen, corrected = map(pairs, replies)
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
    async def sample(self, partition: int, like: Saved) -> Sample | None:
        """Read the members that `like` has, at one instant, and how many there are; None where nothing is."""
        keys = self._keys(partition)
        names = [list(getattr(like, where)) for where in _SAMPLED]
        arguments = [part for of_hash in names for part in (len(of_hash), *of_hash)]
        position, *found = await self._members(keys=[keys.position, *(getattr(keys, where) for where in _SAMPLED)], args=arguments)
        if not position:
            return None
        sizes = dict(zip(_SAMPLED, found[::2], strict=True))
        members = {
            where: {name: value for name, value in zip(of_hash, values, strict=True) if value is not None}
            for where, of_hash, values in zip(_SAMPLED, names, found[1::2], strict=True)
        }
        counts = {name: int(number) for name, number in members.pop("counts").items()}
        return Sample(Saved(position=read_position(pairs(position)), counts=counts, **members), sizes)

    @reaching
    async def mark_checked(self, partition: int, check: PartitionCheck) -> None:
        """Write what the canary found in a partition."""
        await self._redis.set(self._keys(partition).checked, orjson.dumps(check))

    @reaching
    async def checks(self) -> dict[int, PartitionCheck]:
        """Read what the canary found last in each partition that it has compared."""
        async with self._redis.pipeline(transaction=False) as pipeline:
            for partition in range(self.partitions):
                pipeline.get(self._keys(partition).checked)
            found = [_check(value) for value in await pipeline.execute()]
        return {partition: check for partition, check in enumerate(found) if check}

    @reaching
    async def begin(self, partition: int, position: Position) -> None:
        """Remove what was folded and start at `position`; does nothing to a partition of this fold version."""
        keys = self._keys(partition)
        await self._begin(keys=[keys.position, *keys.folded], args=[position.fold_version, *_flat(asdict(position))])

    @reaching
    async def assign(self, partition: int, end: int) -> None:
        """Write the end of the log at assignment, if there is a position."""
        await self._assign(keys=[self._keys(partition).position], args=[end])

    @reaching
    async def write(self, partition: int, write: Write) -> bool:
        """Apply all of it if the view is at the position that it expects; return whether it was."""
        keys = self._keys(partition)
        # `assign` alone writes rebuild_until: this writer may have begun before another took over.
        fields = _flat({name: value for name, value in asdict(write.position).items() if name != "rebuild_until"})
        head = [write.after, write.position.fold_version, write.position.fingerprint, moved(self.prefix), partition, FEED_LENGTH]
        names = [keys.position, *keys.folded, keys.changes]
        operations = _operations(write, {name: index for index, name in enumerate(names, start=1)}, keys)
        return bool(await self._fence(keys=names, args=[*head, len(fields), *fields, *operations]))

    @reaching
    async def halt(self, partition: int, reason: str | None) -> None:
        """Write why a partition is halted; None: it is no longer."""
        key = self._keys(partition).halted
        await (self._redis.set(key, reason) if reason else self._redis.delete(key))

    @reaching
    async def forget(self, partition: int) -> None:
        """Remove the position of a partition: its owner then rebuilds it from the log."""
        await self._redis.delete(self._keys(partition).position)

    @reaching
    async def drop_changes(self, partition: int, before: int) -> None:
        """Remove the changes of records below an offset from the feed of a partition: they name what is no longer kept."""
        await self._redis.xtrim(self._keys(partition).changes, minid=before, approximate=False)

    @reaching
    async def rewrite_file(self) -> bool:
        """Have Redis write its append-only file anew, without what was removed; return whether it will, as one that has none does not."""
        if not (await self._redis.info("persistence")).get("aof_enabled"):
            return True
        try:
            await self._redis.bgrewriteaof()
        except exceptions.ResponseError:
            return False
        return True

    @reaching
    async def remove(self) -> None:
        """Remove every key under the prefix, of whatever owner, after its data set was deleted."""
        async for key in self._redis.scan_iter(match=every(self.prefix), count=_AT_ONCE):
            await self._redis.unlink(key)

    @reaching
    async def position(self, partition: int) -> Position | None:
        """Read the position of a partition; None before the first fold."""
        fields = await self._redis.hgetall(self._keys(partition).position)
        return read_position(fields) if fields else None

    @reaching
    async def positions(self) -> dict[int, Position]:
        """Read the position of each partition that was ever folded."""
        async with self._redis.pipeline(transaction=False) as pipeline:
            for partition in range(self.partitions):
                pipeline.hgetall(self._keys(partition).position)
            replies = await pipeline.execute()
        return {partition: self._position(partition, fields) for partition, fields in enumerate(replies) if fields}

    def _position(self, partition: int, fields: dict[bytes, bytes]) -> Position:
        last = self._last_read.get(partition)
        if last is None or last[0] != fields:
            last = self._last_read[partition] = (fields, read_position(fields))
        return last[1]

    @reaching
    async def halted(self) -> dict[int, str]:
        """Read which partitions are halted, and why."""
        async with self._redis.pipeline(transaction=False) as pipeline:
            for partition in range(self.partitions):
                pipeline.get(self._keys(partition).halted)
            reasons = await pipeline.execute()
        return {partition: reason.decode() for partition, reason in enumerate(reasons) if reason}

    @reaching
    async def changes(self, partition: int, after: str) -> list[Change] | Literal["reload"]:
        """Read the changes after a change id ("0": all of the feed); "reload" when the feed does not go back that far."""
        key = self._keys(partition).changes
        entries = await self._redis.xrange(key, min=after)
        if after != "0" and (not entries or entries[0][0].decode() != after):
            return "reload"
        return [_change(id_, fields) for id_, fields in entries[0 if after == "0" else 1 :]]

    async def subscribe(self) -> AsyncIterator[tuple[int, int]]:
        """Yield (partition, offset) whenever a partition has moved; ViewUnavailableError when the connection is lost."""
        async with self._listening.pubsub(ignore_subscribe_messages=True) as listener:
            try:
                await listener.subscribe(moved(self.prefix))
                async for message in listener.listen():
                    partition, offset = message["data"].split()
                    yield int(partition), int(offset)
            except Exception as wrong:
                if is_away(wrong):
                    raise ViewUnavailableError(_away(wrong)) from wrong
                raise


def _check(value: bytes | None) -> PartitionCheck | None:
    """Read what a canary wrote; None where there is nothing, or it is of another version."""
    try:
        return PartitionCheck(**orjson.loads(value)) if value else None
    except (ValueError, TypeError):
        return None


def _change(id_: bytes, fields: dict[bytes, bytes]) -> Change:
    return Change(id_.decode(), fields[b"changed"].decode(), tuple(fields.get(b"holds", b"").decode().split()))


def _flat(fields: dict[str, Any]) -> list[str]:
    return [text for pair in fields.items() for text in map(str, pair)]


def pairs(flat: list[bytes]) -> dict[bytes, bytes]:
    """Return a hash, or a sorted set with its scores, of the flat list in which a script returns it."""
    return dict(zip(flat[::2], flat[1::2], strict=True))


def texts(fields: dict[bytes, bytes]) -> dict[str, bytes]:
    """Decode the names of fields."""
    return {name.decode(): value for name, value in fields.items()}


def read_position(stored: dict[bytes, bytes]) -> Position:
    """Read the fields of a position that this version knows: another version may have written it. ValueError without an offset."""
    texts = {name.decode(): value.decode() for name, value in stored.items()}
    if "offset" not in texts:
        raise ValueError("half a position")
    known = {field.name: texts[field.name] for field in fields(Position) if field.name in texts}
    return Position(fingerprint=known.pop("fingerprint", ""), **{name: int(value) for name, value in known.items()})


def _operations(write: Write, index: dict[str, int], keys: Keys) -> list[Any]:
    """Return the arguments of the fence: command, key, number of arguments, arguments, for each key that changes."""
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
        ("CHANGES", keys.changes, (part for offset, changed, holds in write.feed() for part in (offset, changed, " ".join(holds)))),
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
