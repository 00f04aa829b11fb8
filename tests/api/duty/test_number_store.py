"""The contract suite of the shared duty numbers: Redis and its twin in memory keep the same promises."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final

import orjson
import pytest
import pytest_asyncio

from services.adapters.redis.clients import brief_redis
from services.api.duty.number_store import DutyNumbers, MemoryDutyNumbers, NumbersAwayError, RedisDutyNumbers
from services.domain.search.duty_numbers import Number, OrganisationInRegion
from tests.twins.memory_redis import in_redis

HERE, THERE = OrganisationInRegion("org-1", "R07"), OrganisationInRegion("org-2", "R01")
NOW: Final = 1_772_409_600_000


@pytest_asyncio.fixture(params=["memory", *in_redis()])
async def numbers(request: pytest.FixtureRequest, redis_url: str, prefix: str) -> AsyncIterator[Any]:
    """Keep the same promises twice."""
    kept = MemoryDutyNumbers() if request.param == "memory" else RedisDutyNumbers(redis_url, prefix)
    yield kept
    await kept.close()


async def test_what_is_entered_last_stands(numbers: DutyNumbers) -> None:
    """A process whose clock is behind still replaces what another entered: its number is dated later."""
    assert await numbers.enter(HERE, Number(NOW, "0800-000001")) == Number(NOW, "0800-000001")
    assert await numbers.enter(HERE, Number(NOW - 5_000, "0800-000002")) == Number(NOW + 1, "0800-000002")
    assert await numbers.enter(HERE, Number(NOW + 1, "0800-000003")) == Number(NOW + 2, "0800-000003")
    assert await numbers.enter(HERE, Number(NOW - 5_000, None)) == Number(NOW + 3, None)
    assert (await numbers.read())["duty"] == {HERE: Number(NOW + 3, None)}


async def test_merging_keeps_the_later_of_both(numbers: DutyNumbers) -> None:
    """An older copy replaces nothing, a later one does, and of the same instant both orders end alike."""
    await numbers.merge({"duty": {HERE: Number(NOW, "2")}, "intake": {THERE: Number(NOW, "9")}})
    await numbers.merge({"duty": {HERE: Number(NOW - 1, "3"), THERE: Number(NOW, None)}})
    assert await numbers.read() == {"duty": {HERE: Number(NOW, "2"), THERE: Number(NOW, None)}, "intake": {THERE: Number(NOW, "9")}}
    await numbers.merge({"duty": {HERE: Number(NOW, "1"), THERE: Number(NOW, "5")}})
    assert (await numbers.read())["duty"] == {HERE: Number(NOW, "2"), THERE: Number(NOW, None)}
    await numbers.merge({"duty": {HERE: Number(NOW, "2 2")}, "intake": {THERE: Number(NOW + 1, "9")}})
    assert await numbers.read() == {
        "duty": {HERE: max(Number(NOW, "2"), Number(NOW, "2 2"), key=lambda each: orjson.dumps(each.phone)), THERE: Number(NOW, None)},
        "intake": {THERE: Number(NOW + 1, "9")},
    }


async def test_two_processes_that_enter_at_once_agree(any_redis: str, prefix: str) -> None:
    """Twenty numbers that two processes enter side by side have twenty dates, and the latest of them stands."""
    processes = [RedisDutyNumbers(any_redis, prefix) for _ in range(2)]

    async def enter(number: int) -> list[Number]:
        return [await processes[number].enter(HERE, Number(NOW, f"0800-{number}{each:05}")) for each in range(10)]

    one, other = await asyncio.gather(enter(0), enter(1))
    entered = one + other
    assert len({number.at for number in entered}) == 20
    for process in processes:
        assert (await process.read())["duty"] == {HERE: max(entered)}
        await process.close()


async def test_away_is_said(any_redis: str, prefix: str) -> None:
    """Without Redis nothing is changed and nothing is read; a key of another kind there is no answer either."""
    nowhere, spoiled = RedisDutyNumbers("redis://127.0.0.1:1/0", prefix), RedisDutyNumbers(any_redis, prefix)
    redis = brief_redis(any_redis)
    await redis.set(f"{prefix}:duty", b"x")
    for numbers in (nowhere, spoiled):
        with pytest.raises(NumbersAwayError):
            await numbers.enter(HERE, Number(NOW, "1"))
        with pytest.raises(NumbersAwayError):
            await numbers.read()
        await numbers.merge({"duty": {}})
        await numbers.close()
    await redis.aclose()
