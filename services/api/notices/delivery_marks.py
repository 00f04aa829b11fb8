"""Remembers of each delivery that it is under way, or done: so that of several processes one sends it, and a restart sends none again.

Doubles are possible and harmless: without Redis, or when a process ends between sending and marking, the same id is sent again (ADR 46).
A notice that is not sent would be worse, so in doubt it is.
"""

from contextlib import suppress
from typing import Any, Final, Literal, Protocol

from services.adapters.clock import Stopwatch
from services.adapters.redis.auto_pipeline import AutoPipeline
from services.adapters.redis.clients import AWAY, brief_redis
from services.domain.durations import DAY_S

Claim = Literal["claimed", "taken", "sent"]
# Longer than any notice is due
_KEPT_S: Final = 2 * DAY_S
_SENT: Final = b"sent"


class DeliveryMarks(Protocol):
    """Marks of deliveries, shared by all processes."""

    async def claim(self, delivery: str, lease_s: float) -> Claim:
        """Take a delivery for so many seconds; `taken` while another process has it or waits to try again, `sent` once it is done."""

    async def mark_sent(self, delivery: str) -> None:
        """Write that a delivery is done."""

    async def postpone(self, delivery: str, by_s: float) -> None:
        """Write that a delivery has failed: no process takes it for so many seconds."""


class RedisDeliveryMarks:
    """Marks in Redis.

    <prefix>:notice:<delivery>  string  `taken` with the time it lasts, or `sent` for two days
    """

    def __init__(self, url: str, prefix: str) -> None:
        self._prefix = prefix
        self._redis = brief_redis(url)
        self._joined = AutoPipeline(self._redis)

    async def close(self) -> None:
        """Close every connection."""
        await self._redis.aclose()

    async def claim(self, delivery: str, lease_s: float) -> Claim:
        """Take a delivery; one that can't be marked is taken as well."""
        key, execute = self._key(delivery), self._joined.execute
        with suppress(*AWAY):
            if await execute("SET", key, "taken", "NX", "PX", round(lease_s * 1_000)):
                return "claimed"
            return "sent" if await execute("GET", key) == _SENT else "taken"
        return "claimed"

    async def mark_sent(self, delivery: str) -> None:
        """Write that a delivery is done."""
        await self._set(delivery, _SENT, _KEPT_S)

    async def postpone(self, delivery: str, by_s: float) -> None:
        """Write that a delivery has failed."""
        await self._set(delivery, b"taken", by_s)

    async def _set(self, delivery: str, mark: bytes, lasts_s: float) -> None:
        with suppress(*AWAY):
            await self._joined.execute("SET", self._key(delivery), mark, "PX", round(lasts_s * 1_000))

    def _key(self, delivery: str) -> Any:
        return f"{self._prefix}:notice:{delivery}"


class MemoryDeliveryMarks:
    """Marks of one process."""

    def __init__(self, seconds: Stopwatch) -> None:
        self._seconds = seconds
        self._marks: dict[str, tuple[Claim, float]] = {}

    async def claim(self, delivery: str, lease_s: float) -> Claim:
        """Take a delivery."""
        mark, until = self._marks.get(delivery, ("taken", 0.0))
        if self._seconds() < until:
            return mark
        self._marks[delivery] = "taken", self._seconds() + lease_s
        return "claimed"

    async def mark_sent(self, delivery: str) -> None:
        """Write that a delivery is done."""
        self._marks[delivery] = "sent", self._seconds() + _KEPT_S

    async def postpone(self, delivery: str, by_s: float) -> None:
        """Write that a delivery has failed."""
        self._marks[delivery] = "taken", self._seconds() + by_s
