"""What one live event costs: it must stay small however much its partition has seen (design, section 4)."""

from typing import Any

import pytest

from services.adapters.regions import read_regions
from services.adapters.view.port import Position
from services.adapters.view.redis_view import RedisView
from services.adapters.wire import Wire
from services.domain.freshness import Limits
from services.local.valkey import Valkey
from services.processor.beds import BedFold
from tests import tapes

pytestmark = pytest.mark.e2e

MOST = 4_096


class Received:
    """Counts what a server has been sent; its own questions are a little of it."""

    def __init__(self, view: RedisView) -> None:
        self._redis: Any = view._redis
        self._before = 0

    async def since_last(self) -> int:
        """Tell the bytes since the last call."""
        total = int((await self._redis.info("stats"))["total_net_input_bytes"])
        sent, self._before = total - self._before, total
        return sent


class Fetched:
    """A record as a Kafka client hands it over."""

    def __init__(self, offset: int, line: tapes.Line) -> None:
        self.offset, self.timestamp, self.key, self.value = offset, 1_772_409_600_000 + offset, line.key, line.value


async def test_one_event_writes_less_than_four_kilobytes(own_valkey: Valkey, prefix: str) -> None:
    """A week of a country in one partition, event by event: not one of them sends Redis 4 KB or more."""
    view = RedisView(own_valkey.url, prefix, 1)
    received, sizes = Received(view), []
    try:
        at = Position(offset=-1, fingerprint="of this log")
        await view.begin(0, at)
        partition = BedFold(Wire(frozenset(read_regions())), Limits()).fresh(at)
        await view.write(0, partition.sweep(1, None))  # the first call of a script sends the script
        await received.since_last()
        for offset, line in enumerate(tapes.load("week")):
            assert await view.write(0, partition.fold([Fetched(offset, line)]).write)
            sizes.append(await received.since_last())
    finally:
        await view.close()
    assert max(sizes) < MOST, f"the largest is {max(sizes)} bytes, the mean {sum(sizes) / len(sizes):.0f}"
