"""A Redis for what the API remembers between two requests: the commands and the Lua of the real adapters, on a Redis in memory.

The adapters are the shipped ones; their connection alone is another, which passes through the wire.
"""

import copy
from collections.abc import Callable, Sequence
from typing import Any, Final

from fakeredis import FakeRedis
from redis import exceptions

from services.api.holds.owner_store import MemoryHoldOwners, RedisHoldOwners
from services.api.holds.pending_requests import MemoryPendingHolds, PendingHolds
from services.api.holds.redis_pending_requests import RedisPendingHolds
from tests.interleavings.wire import Wire

# One for all runs, each of which begins with an empty one: its Lua takes longer to start than a run
_IN_MEMORY: Final[Any] = FakeRedis()
_NOWHERE: Final = "redis://127.0.0.1:1/0"


class WiredRedis:
    """The connection of one process to a Redis in memory."""

    def __init__(self, wire: Wire) -> None:
        self._redis, self._wire = _IN_MEMORY, wire

    async def execute(self, *command: Any) -> Any:
        """Execute a command."""
        return await self._call(str(command[0]), lambda: self._redis.execute_command(*command))

    async def hgetall(self, name: str) -> Any:
        """Read a hash."""
        return await self._call("HGETALL", lambda: self._redis.hgetall(name))

    async def run(self, script: Any, keys: Sequence[str], args: Sequence[Any]) -> Any:
        """Run a script."""
        return await self._call("EVAL", lambda: self._redis.eval(script.script, len(keys), *keys, *args))

    async def _call(self, what: str, effect: Callable[[], Any]) -> Any:
        return await self._wire.call("redis", what, effect, lambda: exceptions.TimeoutError("no answer"))


def empty_redis() -> None:
    """Remove what the run before has left."""
    _IN_MEMORY.flushall()


def was_asked(hold: str) -> bool:
    """Return whether the request for a hold is stored."""
    return bool(_IN_MEMORY.exists(f"plek:asked:{hold}"))


# Their own connections are never used, and take long to make
_PENDING: Final = RedisPendingHolds(_NOWHERE, "plek")
_OWNERS: Final = RedisHoldOwners(_NOWHERE, "plek")


def pending_requests(wire: Wire) -> PendingHolds:
    """Return the requests that wait, as one process reaches them."""
    made: Any = copy.copy(_PENDING)
    made._beside = MemoryPendingHolds()
    made._redis = made._joined = WiredRedis(wire)
    stored: PendingHolds = made
    return stored


def hold_owners(wire: Wire) -> RedisHoldOwners:
    """Return the owners of holds, as one process reaches them."""
    made: Any = copy.copy(_OWNERS)
    made._beside, made._stands = MemoryHoldOwners(), {}
    made._redis = made._joined = WiredRedis(wire)
    stored: RedisHoldOwners = made
    return stored
