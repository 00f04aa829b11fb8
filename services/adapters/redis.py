"""Law: clients of Redis are made here and nowhere else; a lint rule bans their name elsewhere.

redis-py reads answers with hiredis, and leaves to it what its synchronous client sends; its asyncio client packs that in Python, which
for a write of thousands of arguments took a seventh of the processor's time.
"""

import asyncio
from typing import Any, Final

from redis import exceptions
from redis.asyncio import Redis  # noqa: TID251  the one owner
from redis.connection import HiredisRespSerializer

AWAY: Final = (exceptions.RedisError, OSError, asyncio.IncompleteReadError)
"""What is raised where Redis does not answer, to whom does without it then."""
# Longer than this nobody waits for a memory that may be wanting.
_BRIEFLY_S: Final = 0.25


class _PackedInC:
    _packer = HiredisRespSerializer()

    def pack_command(self, *args: Any) -> list[bytes]:
        packed: list[bytes] = self._packer.pack(*args)
        return packed


def new_redis(url: str, **options: Any) -> Any:
    """Make a client, not yet connected, that speaks bytes."""
    # Any: the client's types allow for text answers and both protocols at once.
    client = Redis.from_url(url, **options)
    pool = client.connection_pool
    pool.connection_class = type("PackedInC", (_PackedInC, pool.connection_class), {})
    return client


def brief_redis(url: str) -> Any:
    """Make a client for what goes on without Redis: it does not wait long."""
    return new_redis(url, socket_timeout=_BRIEFLY_S, socket_connect_timeout=_BRIEFLY_S)
