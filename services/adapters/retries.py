"""Remembers what was asked under an Idempotency-Key, so that the same key with something else in it is noticed. No more than that.

That a retry makes no second thing does not hang on this: its ids are the same (`pseudonym.py`), and the log counts each once. So
whoever remembers may forget, or be away: nothing is refused for that. No answer is kept either: one made anew is true now.
"""

import hashlib
from collections.abc import Mapping
from typing import Any, Protocol

import orjson

from services.adapters.joined import Joined
from services.adapters.pseudonym import Attempt
from services.adapters.redis import AWAY, brief_redis

# A client that tries again does so within minutes; a day is for a laptop that was closed over night.
_KEPT_S = 86_400


class Retries(Protocol):
    """Remembers the body of each attempt."""

    async def differs(self, attempt: Attempt, body: Any) -> bool:
        """Remember an attempt with its body (a JSON value); True when it is known with another one."""


class RedisRetries:
    """Remembers in Redis, under `<prefix>:attempt:<name>`, for a day: the digest of the body, from which nothing can be read."""

    def __init__(self, url: str, prefix: str) -> None:
        self._prefix = prefix
        self._redis = brief_redis(url)
        self._joined = Joined(self._redis)

    async def close(self) -> None:
        """Close every connection."""
        await self._redis.aclose()

    async def differs(self, attempt: Attempt, body: Any) -> bool:
        """Remember an attempt with its body; True when it is known with another one, False when nobody can tell."""
        key, written = f"{self._prefix}:attempt:{attempt.name}", digest(body)
        try:
            if await self._joined.ask("SET", key, written, "NX", "EX", _KEPT_S):
                return False
            found: bytes | None = await self._joined.ask("GET", key)
        except AWAY:
            return False
        return found is not None and found != written


class MemoryRetries:
    """The twin in memory; `away = True` is a Redis that can't be reached."""

    def __init__(self) -> None:
        self.away = False
        self._known: dict[str, bytes] = {}

    async def differs(self, attempt: Attempt, body: Any) -> bool:
        """Remember an attempt with its body; True when it is known with another one, False when nobody can tell."""
        written = digest(body)
        return not self.away and self._known.setdefault(attempt.name, written) != written


def digest(body: Mapping[str, Any] | Any) -> bytes:
    """Stand for a JSON value; the order of its members does not matter."""
    return hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).digest()
