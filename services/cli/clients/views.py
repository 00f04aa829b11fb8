"""The views of beds and of demand in Redis, for the verbs that read or forget them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from services.adapters.config.settings import Settings
from services.adapters.view.redis_reader import RedisDemandReader, RedisReader

_TIMEOUT_S: Final = 2.0


@asynccontextmanager
async def open_views(settings: Settings, timeout_s: float = _TIMEOUT_S) -> AsyncIterator[tuple[RedisReader, RedisDemandReader]]:
    """Yield the two views, and close them at the end."""
    connection = (settings.redis, settings.prefix, settings.partitions, timeout_s)
    beds, demand = RedisReader(*connection), RedisDemandReader(*connection)
    try:
        yield beds, demand
    finally:
        await beds.close()
        await demand.close()
