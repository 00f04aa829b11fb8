"""Many who read the whole view at once, from a real Valkey: each is answered from a fresh view, none is told to phone."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx
import pytest

from services.adapters.auth.rate_limits import MemoryRates, RequestRates
from services.adapters.clock import now_ms, seconds
from services.adapters.regions import read_regions
from services.adapters.view.redis_reader import RedisReader
from tests.api.conftest import Window, opened
from tests.api.desks import OFTEN
from tests.controlled_servers import Valkey
from tests.folded import Folded
from tests.sent import declared, registered

pytestmark = pytest.mark.timeout(180)
READ_S, SHELTERS, READERS, UNITS = 4.0, 110, 30, 3
REGIONS = sorted(read_regions())


@asynccontextmanager
async def _stamped(folded: Folded) -> AsyncIterator[None]:
    """Stamp every partition each second, as a processor does."""
    over = asyncio.Event()

    async def stamp() -> None:
        while not over.is_set():
            folded.now = now_ms()
            for partition in range(folded.partitions):
                await folded.stand(partition)
            with suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), 1)

    stamping = asyncio.create_task(stamp())
    try:
        yield
    finally:
        over.set()
        await stamping


async def test_many_who_read_at_once_are_all_answered(valkey: Valkey, prefix: str, tmp_path: Path) -> None:
    """35 coordinators, 20 operators and 30 shelters, more than there are connections, read again and again: no 503, no 500."""
    view = RedisReader(valkey.url, prefix, 12)
    folded = Folded(now_ms(), view=view)
    await folded.begin()
    for number in range(SHELTERS):
        name = f"s{number}"
        await folded.fold(registered(name, REGIONS[number % len(REGIONS)]), *(declared(f"u{unit}", name) for unit in range(UNITS)))
    async with opened(tmp_path, folded, MemoryRates(seconds, RequestRates(OFTEN, 1_000_000))) as window, _stamped(folded):
        readers = [("/v1/shelters", window.callers.coordinator(region)) for region in REGIONS]
        readers += [("/v1/operator/state", window.callers.operator)] * 20
        readers += [(f"/v1/shelters/s{number}", window.callers.shelter(f"s{number}")) for number in range(READERS)]
        took: list[float] = []
        found = Counter[int]()
        deadline = time.monotonic() + READ_S
        await asyncio.gather(*(_read(window, path, who, deadline, took, found) for path, who in readers))
        took.sort()
        p50, p99 = (took[int(len(took) * share)] * 1_000 for share in (0.5, 0.99))
        print(f"{len(took)} answers of {len(readers)} readers, p50 {p50:.0f} ms, p99 {p99:.0f} ms")  # noqa: T201
    await view.remove()
    await view.close()
    assert set(found) == {200}


async def _read(window: Window, path: str, who: dict[str, str], deadline: float, took: list[float], found: Counter[int]) -> None:
    """Read again and again."""
    while time.monotonic() < deadline:
        began = time.monotonic()
        answer: httpx.Response = await window.client.get(path, headers=who)
        took.append(time.monotonic() - began)
        found[answer.status_code] += 1


async def test_many_whole_reads_of_the_view_itself_wait_for_a_connection(valkey: Valkey, prefix: str, tmp_path: Path) -> None:
    """Sixty reads of all twelve partitions at the same instant are more than there are connections, and all of them succeed."""
    # To open fifty connections at once takes a busy machine longer than a caller of the API is to wait for one
    view = RedisReader(valkey.url, prefix, 12, timeout=20.0)
    folded = Folded(now_ms(), view=view)
    await folded.begin()
    await folded.fold(registered())
    async with opened(tmp_path, folded) as window:
        reading = window.board.reading
        found = await asyncio.gather(*(reading.read_partitions(range(12)) for _ in range(60)))
    await view.remove()
    await view.close()
    assert {sum(len(look.shelters) for look in looks) for looks in found} == {1}
