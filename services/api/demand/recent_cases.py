"""Remembers for ten minutes which case was logged of what, so that the same thing logged twice is noticed. Nothing is refused for it.

Guarantees: two that are logged at the same instant, through two API processes, know of each other. Without Redis each process remembers by
itself. A name is a keyed digest: nothing can be read from it.

    <prefix>:logged:<name>     string  the id of the case that was logged first; gone after ten minutes
    <prefix>:unlogged:<case>   string  a case that was taken back, or never came to be; gone after ten minutes
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from services.adapters.clock import Stopwatch
from services.adapters.redis.clients import AWAY, brief_redis

_KEPT_S: Final = 600
# What a process remembers by itself before it forgets what is over anyway.
_MOST: Final = 100_000


class RecentCases(Protocol):
    """Remembers recent cases by name."""

    async def first(self, names: Sequence[str], case: str) -> str | None:
        """Remember a case under names, and return another one that stands under one of them; None where there is none."""

    async def forget(self, case: str) -> None:
        """Forget a case: it was taken back, or never came to be."""

    async def close(self) -> None:
        """Close every connection."""


@dataclass(slots=True)
class MemoryRecentCases:
    """One process by itself: the twin of Redis, and what remembers while Redis is away."""

    seconds: Stopwatch
    _cases: dict[str, tuple[str, float]] = field(default_factory=dict)

    async def first(self, names: Sequence[str], case: str) -> str | None:
        """Remember a case under names, and return another one that stands under one of them; None where there is none."""
        now = self.seconds()
        if len(self._cases) > _MOST:
            self._cases = {name: kept for name, kept in self._cases.items() if now < kept[1]}
        before = [kept[0] for name in names if (kept := self._cases.get(name)) and now < kept[1]]
        self._cases |= {name: (case, now + _KEPT_S) for name in names if now >= self._cases.get(name, ("", 0.0))[1]}
        return next((each for each in before if each != case), None)

    async def forget(self, case: str) -> None:
        """Forget a case: it was taken back, or never came to be."""
        self._cases = {name: kept for name, kept in self._cases.items() if kept[0] != case}

    async def close(self) -> None:
        """Close nothing."""


class RedisRecentCases:
    """All processes together, in Redis; `alone` remembers beside it, and while it is away."""

    def __init__(self, url: str, prefix: str, alone: MemoryRecentCases) -> None:
        self._prefix, self._alone = prefix, alone
        self._redis = brief_redis(url)

    async def close(self) -> None:
        """Close every connection."""
        await self._redis.aclose()

    async def first(self, names: Sequence[str], case: str) -> str | None:
        """Remember a case under names, and return another one that stands under one of them; None where there is none."""
        here = await self._alone.first(names, case)
        try:
            found = [await self._first(f"{self._prefix}:logged:{name}", case) for name in names]
        except AWAY:
            return here
        return next((each for each in found if each), None)

    async def _first(self, key: str, case: str) -> str | None:
        # One of two at once is the first. Redis 6.2 has no GET beside NX
        if await self._redis.set(key, case, nx=True, ex=_KEPT_S):
            return None
        kept: bytes | None = await self._redis.get(key)
        before = kept.decode() if kept else case
        if before != case and await self._redis.exists(self._unlogged(before)):
            await self._redis.set(key, case, ex=_KEPT_S)
            return None
        return None if before == case else before

    async def forget(self, case: str) -> None:
        """Forget a case: it was taken back, or never came to be."""
        await self._alone.forget(case)
        try:
            await self._redis.set(self._unlogged(case), b"1", ex=_KEPT_S)
        except AWAY:
            return

    def _unlogged(self, case: str) -> str:
        return f"{self._prefix}:unlogged:{case}"
