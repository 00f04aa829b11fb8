"""The results of the last checks that an operator made: of the view against the log, and of the chains of the audit log.

Beside the view, not in it: no fence guards them, a rebuild keeps them, and an emptied Redis has none. They are for people who ask how
things are, and prove nothing: what can write to Redis can write them too.

    <prefix>:last-checks   hash   view, audit -> what the last check of it found, and when it ended (JSON)
"""

from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson

from services.adapters.redis.clients import AWAY, BRIEFLY_S, brief_redis
from services.adapters.view.ports import ViewUnavailableError


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewCheck:
    """What `plek verify` found, and when (ms): partitions that were compared, whether these were all, records, differences."""

    at: int
    partitions: int
    all: bool
    records: int
    differences: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditCheck:
    """What `plek audit verify` found, and when (ms): how many records from the first on are intact, in how many chains.

    `broken_at` is the offset of the first that is not, and `how` is why.
    """

    at: int
    records: int
    chains: int
    broken_at: int | None
    how: str | None


@dataclass(frozen=True, slots=True)
class Checks:
    """The last check of each; None where there was none, or where it is of another version."""

    view: ViewCheck | None = None
    audit: AuditCheck | None = None


class LastChecks(Protocol):
    """Keeps the last check of each; ViewUnavailableError when that is not possible right now."""

    async def write(self, check: ViewCheck | AuditCheck) -> None:
        """Keep the result of a check in place of the one before."""

    async def read(self) -> Checks:
        """Read what is kept."""


@dataclass(slots=True)
class MemoryLastChecks:
    """Keeps them in memory: the twin of Redis."""

    kept: dict[bytes, bytes] = field(default_factory=dict)

    async def write(self, check: ViewCheck | AuditCheck) -> None:
        """Keep the result of a check in place of the one before."""
        self.kept[_name(check)] = orjson.dumps(check)

    async def read(self) -> Checks:
        """Read what is kept."""
        return _checks(self.kept)


class RedisLastChecks:
    """Keeps them in Redis."""

    def __init__(self, url: str, prefix: str, within_s: float = BRIEFLY_S) -> None:
        self._key, self._redis = f"{prefix}:last-checks", brief_redis(url, within_s)

    async def close(self) -> None:
        """Close every connection."""
        await self._redis.aclose()

    async def write(self, check: ViewCheck | AuditCheck) -> None:
        """Keep the result of a check in place of the one before."""
        try:
            await self._redis.hset(self._key, _name(check), orjson.dumps(check))
        except AWAY as away:
            raise ViewUnavailableError("the view can't be reached") from away

    async def read(self) -> Checks:
        """Read what is kept."""
        try:
            return _checks(await self._redis.hgetall(self._key))
        except AWAY as away:
            raise ViewUnavailableError("the view can't be reached") from away


def _name(check: ViewCheck | AuditCheck) -> bytes:
    return b"view" if isinstance(check, ViewCheck) else b"audit"


def _checks(kept: dict[bytes, bytes]) -> Checks:
    return Checks(_read(ViewCheck, kept.get(b"view")), _read(AuditCheck, kept.get(b"audit")))


def _read(shape: Any, value: bytes | None) -> Any:
    try:
        return shape(**orjson.loads(value)) if value else None
    except (ValueError, TypeError):
        return None
