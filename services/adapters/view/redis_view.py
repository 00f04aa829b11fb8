"""What is read of the view in Redis: beds and demand, each partition at one instant. What is written passes `redis_fence.py`."""

from collections.abc import Iterable
from typing import Any

from services.adapters.view import cases, documents
from services.adapters.view.cases import CaseShown
from services.adapters.view.keys import demand
from services.adapters.view.port import MOST_CHANGES, DemandLook, Look
from services.adapters.view.redis_fence import RedisFence, pairs, reaching, read_position, script, texts
from services.domain.demand import Kind
from services.domain.holds import Hold


class RedisView(RedisFence):
    """The view of beds of one prefix."""

    def __init__(self, url: str, prefix: str, partitions: int, timeout: float = 2.0) -> None:
        super().__init__(url, prefix, partitions, timeout)
        self._since: Any = self._redis.register_script(script("since.lua"))

    @reaching
    async def look(self, partition: int) -> Look:
        """Read one partition at one instant."""
        keys = self._keys(partition)
        found = await self._read(
            keys=[keys.position, keys.halted, keys.changes, keys.shelters, keys.units, keys.holds],
            args=["HGETALL", "GET", "NEWEST", "HGETALL", "HGETALL", "HGETALL"],
        )
        return _look(partition, found)

    @reaching
    async def since(self, partition: int, after: str, holds: Iterable[tuple[str, str]]) -> Look | None:
        """Read the shelters that changed after an entry of the feed; None when only a look at all of it can tell."""
        keys = self._keys(partition)
        found = await self._joined.run(
            self._since,
            [keys.position, keys.halted, keys.changes, keys.shelters, keys.units, keys.holds],
            [after, MOST_CHANGES, *("/".join(name) for name in holds)],
        )
        return _look(partition, found) if found else None

    @reaching
    async def hold(self, partition: int, shelter: str, hold: str) -> Hold | None:
        """Read one hold; None where the log has not decided it yet."""
        found = await self._joined.ask("HGET", self._keys(partition).holds, f"{shelter}/{hold}")
        return documents.read_hold(found) if found else None


def _look(partition: int, found: list[Any]) -> Look:
    position, halted, newest = pairs(found[0]), found[1], found[2]
    return Look(
        partition=partition,
        position=read_position(position) if position else None,
        halted=halted.decode() if halted else None,
        shelters=documents.read_shelters(texts(pairs(found[3])), texts(pairs(found[4]))),
        holds=documents.read_holds(texts(pairs(found[5]))),
        newest=newest.decode(),
    )


class RedisDemandView(RedisFence):
    """The view of demand of one prefix."""

    def __init__(self, url: str, prefix: str, partitions: int, timeout: float = 2.0) -> None:
        super().__init__(url, demand(prefix), partitions, timeout)

    @reaching
    async def look(self, partition: int) -> DemandLook:
        """Read one partition at one instant."""
        keys = self._keys(partition)
        found = await self._read(keys=[keys.position, keys.halted, keys.changes, keys.open], args=["HGETALL", "GET", "NEWEST", "HGETALL"])
        position, halted, newest = pairs(found[0]), found[1], found[2]
        return DemandLook(
            partition=partition,
            position=read_position(position) if position else None,
            halted=halted.decode() if halted else None,
            open=[cases.read_case(name, document) for name, document in sorted(texts(pairs(found[3])).items())],
            newest=newest.decode(),
        )

    @reaching
    async def case(self, partition: int, kind: Kind, key: str) -> CaseShown | None:
        """Read one search, fallback or entry, open or not; None where there is none."""
        name = cases.written((kind, key))
        found = await self._redis.hget(self._keys(partition).cases, name)
        return cases.read_case(name, found) if found else None
