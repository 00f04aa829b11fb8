"""Reads the view of beds and of demand in Redis, each partition at one instant. `redis_writer.py` writes."""

from collections.abc import Iterable
from typing import Any

from services.adapters.codec.event_codec import Topic
from services.adapters.view import case_documents, shelter_documents
from services.adapters.view.case_documents import CaseShown
from services.adapters.view.keys import demand
from services.adapters.view.ports import MOST_CHANGES, DemandSnapshot, PartitionSnapshot
from services.adapters.view.redis_writer import RedisWriter, pairs, reaching, read_position, script, texts
from services.domain.beds.holds import HoldFacts
from services.domain.demand.case_fold import Kind


class RedisReader(RedisWriter):
    """The view of beds of one prefix."""

    def __init__(self, url: str, prefix: str, partitions: int, timeout: float = 2.0) -> None:
        super().__init__(url, prefix, partitions, timeout)
        self._since: Any = self._redis.register_script(script("since.lua"))

    @reaching
    async def read_partition(self, partition: int) -> PartitionSnapshot:
        """Read one partition at one instant."""
        keys = self._keys(partition)
        replies = await self._read(
            keys=[keys.position, keys.halted, keys.changes, keys.shelters, keys.units, keys.holds],
            args=["HGETALL", "GET", "NEWEST", "HGETALL", "HGETALL", "HGETALL"],
        )
        return _snapshot(partition, replies)

    @reaching
    async def changes_since(self, partition: int, after: str, holds: Iterable[tuple[str, str]]) -> PartitionSnapshot | None:
        """Read the shelters that changed after an entry of the feed; None when only `read_partition` can."""
        keys = self._keys(partition)
        replies = await self._pipeline.run(
            self._since,
            [keys.position, keys.halted, keys.changes, keys.shelters, keys.units, keys.holds],
            [after, MOST_CHANGES, *("/".join(name) for name in holds)],
        )
        return _snapshot(partition, replies) if replies else None

    @reaching
    async def hold(self, partition: int, shelter: str, hold: str) -> HoldFacts | None:
        """Read one hold; None until the log has decided it."""
        document = await self._pipeline.execute("HGET", self._keys(partition).holds, f"{shelter}/{hold}")
        return shelter_documents.read_hold(document) if document else None


def _snapshot(partition: int, replies: list[Any]) -> PartitionSnapshot:
    position, halted, newest, shelters, units, holds = replies
    position = pairs(position)
    return PartitionSnapshot(
        partition=partition,
        position=read_position(position) if position else None,
        halted=halted.decode() if halted else None,
        shelters=shelter_documents.read_shelters(texts(pairs(shelters)), texts(pairs(units))),
        holds=shelter_documents.read_holds(texts(pairs(holds))),
        newest=newest.decode(),
    )


class RedisDemandReader(RedisWriter):
    """The view of demand of one prefix."""

    def __init__(self, url: str, prefix: str, partitions: int, timeout: float = 2.0) -> None:
        super().__init__(url, demand(prefix), partitions, timeout)

    @reaching
    async def read_partition(self, partition: int) -> DemandSnapshot:
        """Read one partition at one instant."""
        keys = self._keys(partition)
        replies = await self._read(keys=[keys.position, keys.halted, keys.changes, keys.open], args=["HGETALL", "GET", "NEWEST", "HGETALL"])
        position, halted, newest, cases = replies
        position = pairs(position)
        return DemandSnapshot(
            partition=partition,
            position=read_position(position) if position else None,
            halted=halted.decode() if halted else None,
            open=[case_documents.read_case(name, document) for name, document in sorted(texts(pairs(cases)).items())],
            newest=newest.decode(),
        )

    @reaching
    async def case(self, partition: int, kind: Kind, key: str) -> CaseShown | None:
        """Read one search, fallback or entry, open or not; None where there is none."""
        name = case_documents.written((kind, key))
        document = await self._redis.hget(self._keys(partition).cases, name)
        return case_documents.read_case(name, document) if document else None


def reader_of(topic: Topic, url: str, prefix: str, partitions: int, timeout: float = 2.0) -> RedisReader | RedisDemandReader:
    """Return a reader of the view of a truth topic; `timeout` in seconds limits every call."""
    return (RedisReader if topic == "beds" else RedisDemandReader)(url, prefix, partitions, timeout)
