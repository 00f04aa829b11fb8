"""A processor of which the partitions take longer to load than a request to a broker may: Faust itself would never read a record again."""

import asyncio
import time
from pathlib import Path
from typing import Final

import pytest
from redis.asyncio import Redis

from tests import tapes
from tests.controlled_servers import Kafka, Valkey
from tests.servers import Service
from tests.world import world

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.timeout(300)]

# Faust gives a seek ten
_PAUSED_S: Final = 14.0


async def test_a_start_outlives_a_redis_that_loads_nothing(kafka: Kafka, own_valkey: Valkey, prefix: str, tmp_path: Path) -> None:
    """With a Redis that runs no script for fourteen seconds a processor starts when it does again, and folds all there is."""
    async with world(kafka, own_valkey, prefix) as here:
        lines = tapes.load("week")[:300]
        await here.play(lines)
        async with Redis.from_url(own_valkey.url) as redis:
            await redis.client_pause(round(_PAUSED_S * 1_000), all=False)  # scripts count as writes, INFO does not
        began = time.monotonic()
        processor = Service("processor", here.settings, tmp_path / "processor.log")
        processor.child.start()
        try:
            async with asyncio.timeout(90):
                await processor.ready()
                await here.folded()
            assert time.monotonic() - began > _PAUSED_S
        finally:
            await processor.stop()
