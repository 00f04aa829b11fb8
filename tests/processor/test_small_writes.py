"""The size of the write of one live event: small however much its partition has seen (design, section 4)."""

from typing import Any

import pytest

from services.adapters.codec.event_codec import EventCodec
from services.adapters.regions import read_regions
from services.adapters.view.ports import Position
from services.adapters.view.redis_reader import RedisReader
from services.domain.beds.staleness import StalenessLimits
from services.processor.projections.beds import BedProjectionFactory
from tests import tapes
from tests.controlled_servers import Valkey
from tests.processor.logs import Logged

pytestmark = pytest.mark.e2e

MOST = 4_096


class Received:
    """Counts the bytes a server has received, the requests of this class included."""

    def __init__(self, view: RedisReader) -> None:
        self._redis: Any = view._redis
        self._before = 0

    async def since_last(self) -> int:
        """Return the bytes since the last call."""
        total = int((await self._redis.info("stats"))["total_net_input_bytes"])
        sent, self._before = total - self._before, total
        return sent


async def test_one_event_writes_less_than_four_kilobytes(own_valkey: Valkey, prefix: str) -> None:
    """Of a week of a country in one partition, written event by event, each write is less than 4 KB."""
    view = RedisReader(own_valkey.url, prefix, 1)
    received, sizes = Received(view), []
    try:
        at = Position(offset=-1, fingerprint="of this log")
        await view.begin(0, at)
        partition = BedProjectionFactory(EventCodec(frozenset(read_regions())), StalenessLimits()).fresh(at)
        await view.write(0, partition.sweep(1, None))  # the first call of a script sends the script
        await received.since_last()
        for offset, line in enumerate(tapes.load("week")):
            assert await view.write(0, partition.fold([Logged(offset, 1_772_409_600_000 + offset, line.key, line.value)]).write)
            sizes.append(await received.since_last())
    finally:
        await view.close()
    assert max(sizes) < MOST, f"the largest is {max(sizes)} bytes, the mean {sum(sizes) / len(sizes):.0f}"
