"""Makes every client of Redis; a lint rule bans their name elsewhere.

redis-py parses replies with hiredis, and packs commands with it in its synchronous client only; the asyncio client packs them in Python,
which for a write of thousands of arguments took a seventh of the processor's time.
"""

import asyncio
import re
from typing import Any, Final

from redis import exceptions
from redis.asyncio import BlockingConnectionPool, Redis  # noqa: TID251  the one owner
from redis.connection import HiredisRespSerializer

AWAY: Final = (exceptions.RedisError, OSError, asyncio.IncompleteReadError)
"""The exceptions of a Redis that does not answer, for callers that go on without it."""
_UNREACHED: Final = (
    exceptions.ConnectionError,  # among them a timeout of the pool, a wrong password and LOADING
    exceptions.TimeoutError,
    OSError,
    asyncio.IncompleteReadError,
)
# The error codes of a Redis that answers and accepts no write for a while: too few replicas, a disk or a memory that is full, a replica or
# a server that has just started, a script that runs too long, a cluster without a master. Nothing was written then: a script fails at its
# first write. Within a script or a pipeline the code stands further on in the message.
_REFUSALS: Final = re.compile(r"\b(?:NOREPLICAS|MISCONF|READONLY|OOM|LOADING|BUSY|TRYAGAIN|CLUSTERDOWN|MASTERDOWN)\b")
# A caller that can go on without Redis waits no longer than this.
BRIEFLY_S: Final = 0.25
# As many as one server answers without a queue of its own; further callers wait for a free one.
_CONNECTIONS: Final = 50
_FREE_S: Final = 5.0


def is_away(error: BaseException) -> bool:
    """Return whether an error means that Redis can't be reached, or accepts nothing for a while: the caller may wait and retry."""
    if isinstance(error, exceptions.ResponseError):
        return _REFUSALS.search(str(error)) is not None or isinstance(error, _REFUSED)
    return isinstance(error, _UNREACHED)


_REFUSED: Final = (
    exceptions.ReadOnlyError,
    exceptions.OutOfMemoryError,
    exceptions.TryAgainError,
    exceptions.ClusterDownError,
)
"""The same, where redis-py has removed the code from the message."""


class _PackedInC:
    _packer = HiredisRespSerializer()

    def pack_command(self, *args: Any) -> list[bytes]:
        packed: list[bytes] = self._packer.pack(*args)
        return packed


def new_redis(url: str, **options: Any) -> Any:
    """Make a client, not yet connected, of bytes; when all its connections are in use a caller waits for one."""
    # Any: the client's types allow for text answers and both protocols at once.
    free_s = min(_FREE_S, options.get("socket_timeout", _FREE_S))
    pool = BlockingConnectionPool.from_url(url, max_connections=_CONNECTIONS, timeout=free_s, **options)
    client = Redis.from_pool(pool)
    pool.connection_class = type("PackedInC", (_PackedInC, pool.connection_class), {})
    return client


def brief_redis(url: str, within_s: float = BRIEFLY_S) -> Any:
    """Make a client with a short timeout, for callers that go on without Redis."""
    return new_redis(url, socket_timeout=within_s, socket_connect_timeout=within_s)
