"""How far a view has come, asked of it from outside."""

from services.adapters.config.settings import Settings
from services.adapters.view.redis_reader import RedisReader


async def folded(settings: Settings) -> int:
    """Count the records that the view of these settings holds, over all partitions."""
    view = RedisReader(settings.redis, settings.prefix, settings.partitions)
    try:
        return sum(position.offset + 1 for position in (await view.positions()).values())
    finally:
        await view.close()
