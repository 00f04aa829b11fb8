"""Remembers the body that was sent with an Idempotency-Key, so that the same key with another body is refused.

That a retry makes no second event does not depend on this: its ids are the same (`pseudonyms.py`), and the log counts each once. So a
store that was emptied or is away refuses nothing. No answer is stored: one that is made again is true now. Only what a request has chosen
from what was true then (a stay by its unit) is stored, so that a retry chooses no other.
"""

import hashlib
from typing import Any, Protocol

import orjson

from services.adapters.auth.pseudonyms import Attempt
from services.adapters.redis.auto_pipeline import AutoPipeline
from services.adapters.redis.clients import AWAY, brief_redis
from services.domain.durations import DAY_S

# A client that tries again does so within minutes; a day is for a laptop that was closed over night.
_KEPT_S = DAY_S


class IdempotencyKeys(Protocol):
    """Remembers the body of each attempt."""

    async def differs(self, attempt: Attempt, body: Any) -> bool:
        """Remember an attempt with its body (a JSON value); True when it is known with another one."""

    async def choice(self, attempt: Attempt) -> Any | None:
        """Return what an attempt has chosen (a JSON value); None where nothing is known of it."""

    async def choose(self, attempt: Attempt, chosen: Any) -> Any:
        """Remember what an attempt has chosen, and return it; the first choice, when there was one before."""


class RedisIdempotencyKeys:
    """In Redis for a day: under `<prefix>:attempt:<name>` the digest of a body, from which nothing can be read; `:choice` is a choice."""

    def __init__(self, url: str, prefix: str) -> None:
        self._prefix = prefix
        self._redis = brief_redis(url)
        self._joined = AutoPipeline(self._redis)

    async def close(self) -> None:
        """Close every connection."""
        await self._redis.aclose()

    async def differs(self, attempt: Attempt, body: Any) -> bool:
        """Remember an attempt with its body; True when it is known with another one, False when Redis is away."""
        written = digest(body)
        return await self._first(self._key(attempt), written) != written

    async def choice(self, attempt: Attempt) -> Any | None:
        """Return what an attempt has chosen; None where nothing is known of it, or Redis is away."""
        try:
            stored: bytes | None = await self._joined.execute("GET", f"{self._key(attempt)}:choice")
        except AWAY:
            return None
        return None if stored is None else orjson.loads(stored)

    async def choose(self, attempt: Attempt, chosen: Any) -> Any:
        """Remember what an attempt has chosen, and return the first choice; this one, when Redis is away."""
        return orjson.loads(await self._first(f"{self._key(attempt)}:choice", orjson.dumps(chosen)))

    def _key(self, attempt: Attempt) -> str:
        return f"{self._prefix}:attempt:{attempt.name}"

    async def _first(self, key: str, written: bytes) -> bytes:
        """Store a value unless there is one, and return what stands there."""
        try:
            if await self._joined.execute("SET", key, written, "NX", "EX", _KEPT_S):
                return written
            before: bytes | None = await self._joined.execute("GET", key)
        except AWAY:
            return written
        return written if before is None else before


class MemoryIdempotencyKeys:
    """The twin in memory; `away = True` is a Redis that can't be reached."""

    def __init__(self) -> None:
        self.away = False
        self._known: dict[str, bytes] = {}
        self._choices: dict[str, Any] = {}

    async def differs(self, attempt: Attempt, body: Any) -> bool:
        """Remember an attempt with its body; True when it is known with another one, False when Redis is away."""
        written = digest(body)
        return not self.away and self._known.setdefault(attempt.name, written) != written

    async def choice(self, attempt: Attempt) -> Any | None:
        """Return what an attempt has chosen; None where nothing is known of it, or Redis is away."""
        return None if self.away else self._choices.get(attempt.name)

    async def choose(self, attempt: Attempt, chosen: Any) -> Any:
        """Remember what an attempt has chosen, and return the first choice; this one, when Redis is away."""
        return chosen if self.away else self._choices.setdefault(attempt.name, chosen)


def digest(body: Any) -> bytes:
    """Return the SHA-256 of a JSON value; the order of its members does not matter."""
    return hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).digest()
