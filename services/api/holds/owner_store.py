"""Stores who has a hold now: the worker who requested it, until a colleague takes it over. The log names the first for ever.

Stored in Redis for a day, which is longer than a hold lives; what Redis does not take is stored in the process. If Redis is emptied, a
hold is that of its first worker again, and no colleague sees it.
"""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final, Protocol

import orjson

from services.adapters.redis.auto_pipeline import AutoPipeline
from services.adapters.redis.clients import AWAY, brief_redis
from services.domain.durations import DAY_S

_KEPT_S: Final = DAY_S
# Take-overs that a listener can be behind.
_HANDOVERS: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """The pseudonym of the worker who has a hold, and the regions of the one who requested it: colleagues share one of them."""

    person: str
    regions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """A hold that was taken over, its shelter, and the pseudonyms of the one who had it and the one who has it."""

    hold: str
    shelter: str
    before: str
    after: str


class HoldOwners(Protocol):
    """Stores owners. No call raises: what can't be read is as if it had never been stored."""

    async def begin(self, hold: str, owner: Owner) -> None:
        """Write the first owner of a hold; one that has an owner keeps it."""

    async def of(self, holds: Collection[str]) -> dict[str, Owner]:
        """Read the owners of holds; those without one are left out."""

    async def taken_by(self, person: str) -> set[str]:
        """Read the ids of the holds that a person took over within a day; others may have taken them since."""

    async def take(self, handover: Handover, before: Owner) -> bool:
        """Write a new owner if the one before is still that; return whether it was."""

    async def handovers(self, after: str | None) -> tuple[list[Handover], str]:
        """Read the take-overs after a place, or none with None; and the place of the newest."""


class MemoryHoldOwners:
    """Owners in memory."""

    def __init__(self) -> None:
        self._owners: dict[str, Owner] = {}
        self._handovers: list[Handover] = []

    async def begin(self, hold: str, owner: Owner) -> None:
        """Write the first owner of a hold."""
        self._owners.setdefault(hold, owner)

    async def of(self, holds: Collection[str]) -> dict[str, Owner]:
        """Read the owners of holds."""
        return {hold: self._owners[hold] for hold in holds if hold in self._owners}

    async def taken_by(self, person: str) -> set[str]:
        """Read the ids of the holds that a person took over."""
        return {each.hold for each in self._handovers if each.after == person}

    async def take(self, handover: Handover, before: Owner) -> bool:
        """Write a new owner if the one before is still that; return whether it was."""
        if self._owners.get(handover.hold) != before:
            return False
        self._owners[handover.hold] = Owner(person=handover.after, regions=before.regions)
        self._handovers.append(handover)
        return True

    async def handovers(self, after: str | None) -> tuple[list[Handover], str]:
        """Read the take-overs after a place, and the place of the newest."""
        newest = len(self._handovers)
        return ([] if after is None else self._handovers[int(after) :]), str(newest)


class RedisHoldOwners:
    """Owners in Redis; what it does not take is stored in this process.

    <prefix>:owner:<hold>           string  its owner (JSON), for a day
    <prefix>:taken-by:<pseudonym>   set     the holds that a person took over, for a day after the last
    <prefix>:handovers              stream  the last thousand take-overs, for a day after the last
    """

    def __init__(self, url: str, prefix: str) -> None:
        self._prefix, self._beside = prefix, MemoryHoldOwners()
        self._stands: dict[str, bytes] = {}  # the owner that Redis has of a hold of which it did not take a newer one; empty for none
        self._redis = brief_redis(url)
        self._joined = AutoPipeline(self._redis)
        self._take: Any = self._redis.register_script(files(__package__).joinpath("owner_store.lua").read_text("utf-8"))

    async def close(self) -> None:
        """Close every connection."""
        await self._redis.aclose()

    def _owner(self, hold: str) -> str:
        return f"{self._prefix}:owner:{hold}"

    def _taken_by(self, person: str) -> str:
        return f"{self._prefix}:taken-by:{person}"

    @property
    def _handovers(self) -> str:
        return f"{self._prefix}:handovers"

    async def begin(self, hold: str, owner: Owner) -> None:
        """Write the first owner of a hold; one that has an owner keeps it."""
        try:
            await self._joined.execute("SET", self._owner(hold), orjson.dumps(owner), "NX", "EX", _KEPT_S)
        except AWAY:
            await self._beside.begin(hold, owner)
            self._stands.setdefault(hold, b"")

    async def of(self, holds: Collection[str]) -> dict[str, Owner]:
        """Read the owners of holds; those without one are left out."""
        if not holds:
            return {}
        owners = await self._beside.of(holds)
        with suppress(*AWAY):
            written = await self._joined.execute("MGET", *map(self._owner, holds))
            owners |= {hold: _owner(value) for hold, value in zip(holds, written, strict=True) if value and self._stands.get(hold) != value}
        return owners

    async def taken_by(self, person: str) -> set[str]:
        """Read the ids of the holds that a person took over within a day."""
        taken = await self._beside.taken_by(person)
        with suppress(*AWAY):
            taken |= {hold.decode() for hold in await self._joined.execute("SMEMBERS", self._taken_by(person))}
        return taken

    async def take(self, handover: Handover, before: Owner) -> bool:
        """Write a new owner if the one before is still that; return whether it was."""
        after = Owner(person=handover.after, regions=before.regions)
        hold, stands = handover.hold, self._stands.get(handover.hold, orjson.dumps(before))
        keys = [self._owner(hold), self._taken_by(handover.after), self._handovers]
        args = [stands, orjson.dumps(after), hold, orjson.dumps(handover), _KEPT_S, _HANDOVERS]
        try:
            taken = bool(await self._joined.run(self._take, keys, args))
        except AWAY:
            await self._beside.begin(hold, before)
            self._stands[hold] = stands
            return await self._beside.take(handover, before)
        self._stands.pop(hold, None)
        return taken

    async def handovers(self, after: str | None) -> tuple[list[Handover], str]:
        """Read the take-overs after a place, or none with None; and the place of the newest."""
        try:
            if after is None:
                newest = await self._joined.execute("XREVRANGE", self._handovers, "+", "-", "COUNT", 1)
                return [], newest[0][0].decode() if newest else "0-0"
            entries = await self._joined.execute("XRANGE", self._handovers, f"({after}", "+")
        except AWAY:
            return [], after or "0-0"
        return [Handover(**orjson.loads(entry[b"handover"])) for _, entry in entries], entries[-1][0].decode() if entries else after


def _owner(written: bytes) -> Owner:
    read = orjson.loads(written)
    return Owner(person=read["person"], regions=tuple(read["regions"]))
