"""The contract suite of what remembers recent cases: Redis and its twin in memory keep the same promises."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from services.adapters.clock import seconds
from services.adapters.redis.clients import brief_redis
from services.api.demand.recent_cases import MemoryRecentCases, RecentCases, RedisRecentCases
from tests.twins.memory_redis import in_redis


@pytest_asyncio.fixture(params=["memory", *in_redis()])
async def recent(request: pytest.FixtureRequest, redis_url: str, prefix: str) -> AsyncIterator[Any]:
    """Keep the same promises twice."""
    alone = MemoryRecentCases(seconds)
    kept = alone if request.param == "memory" else RedisRecentCases(redis_url, prefix, alone)
    yield kept
    await kept.close()


async def test_the_second_of_a_name_hears_of_the_first(recent: RecentCases) -> None:
    """One name in common is enough, the same case sent again is no second one, and a third hears of the first too."""
    assert await recent.first(["desk", "person"], "a") is None
    assert await recent.first(["desk", "person"], "a") is None
    assert await recent.first(["other", "person"], "b") == "a"
    assert await recent.first(["desk"], "c") == "a"
    assert await recent.first(["other"], "c") == "b"
    assert await recent.first([], "d") is None


async def test_a_case_that_was_taken_back_is_no_first(recent: RecentCases) -> None:
    """Logged anew after it was taken back, it is the only one; the next hears of the new one."""
    await recent.first(["desk"], "a")
    await recent.forget("a")
    assert await recent.first(["desk"], "b") is None
    assert await recent.first(["desk"], "c") == "b"


async def test_after_ten_minutes_it_is_forgotten() -> None:
    """By the clock of the process; Redis is asked to do the same."""
    now = [0.0]
    recent = MemoryRecentCases(lambda: now[0])
    await recent.first(["desk"], "a")
    now[0] = 599.9
    assert await recent.first(["desk"], "b") == "a"
    now[0] = 600.0
    assert await recent.first(["desk"], "b") is None


async def test_of_two_at_once_the_second_hears_of_the_first(any_redis: str, prefix: str) -> None:
    """Through two processes at the same instant, twenty times: one of each pair hears of the other, and never both or none."""
    processes = [RedisRecentCases(any_redis, prefix, MemoryRecentCases(seconds)) for _ in range(2)]
    for pair in range(20):
        heard = await asyncio.gather(*(each.first([f"n{pair}"], f"{number}-{pair}") for number, each in enumerate(processes)))
        assert sorted(each is None for each in heard) == [False, True]
    redis = brief_redis(any_redis)
    assert 590 < await redis.ttl(f"{prefix}:logged:n1") <= 600
    for each in (*processes, redis):
        await each.close() if isinstance(each, RedisRecentCases) else await each.aclose()


async def test_without_redis_a_process_remembers_by_itself() -> None:
    """Nothing is refused, and what this process saw is noticed."""
    nowhere = RedisRecentCases("redis://127.0.0.1:1/0", "plek", MemoryRecentCases(seconds))
    assert await nowhere.first(["desk"], "a") is None
    assert await nowhere.first(["desk"], "b") == "a"
    await nowhere.forget("a")
    assert await nowhere.first(["desk"], "c") is None
    await nowhere.close()
