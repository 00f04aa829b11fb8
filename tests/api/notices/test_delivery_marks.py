"""The contract suite of delivery marks: Redis and its twin in memory keep the same promises."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from services.adapters.clock import seconds
from services.api.notices.delivery_marks import DeliveryMarks, MemoryDeliveryMarks, RedisDeliveryMarks
from tests.twins.memory_redis import in_redis
from tests.waiting import until


@pytest_asyncio.fixture(params=["memory", *in_redis()])
async def marks(request: pytest.FixtureRequest, redis_url: str, prefix: str) -> AsyncIterator[Any]:
    """Make both implementations."""
    if request.param == "memory":
        yield MemoryDeliveryMarks(seconds)
        return
    redis = RedisDeliveryMarks(redis_url, prefix)
    yield redis
    await redis.close()


async def test_a_delivery_is_claimed_once_and_sent_once(marks: DeliveryMarks) -> None:
    """While it is claimed another claim finds it taken, and once it is marked every claim finds it sent; of another one nothing is said."""
    assert [await marks.claim("d1", 60) for _ in range(2)] == ["claimed", "taken"]
    await marks.mark_sent("d1")
    assert [await marks.claim(name, 60) for name in ("d1", "d2")] == ["sent", "claimed"]


async def test_a_claim_ends_by_itself(marks: DeliveryMarks) -> None:
    """A claim of a process that has ended, and the pause after a failure, are over after their time."""
    for name, lease_s in (("d1", 0.05), ("d2", 60)):
        assert await marks.claim(name, lease_s) == "claimed"
    await marks.postpone("d2", 0.05)

    async def again(name: str) -> bool:
        return await marks.claim(name, 60) == "claimed"

    for name in ("d1", "d2"):
        await until(lambda name=name: again(name))  # type: ignore[misc]  # a default binds the name
        assert await marks.claim(name, 60) == "taken"


async def test_processes_share_their_marks(any_redis: str, prefix: str) -> None:
    """What one process has sent another one does not send."""
    one, other = RedisDeliveryMarks(any_redis, prefix), RedisDeliveryMarks(any_redis, prefix)
    await one.claim("d1", 60)
    await one.mark_sent("d1")
    assert await other.claim("d1", 60) == "sent"
    for each in (one, other):
        await each.close()


async def test_without_redis_a_delivery_is_made_rather_than_left() -> None:
    """A claim that can't be marked is granted: a double is harmless, a notice that is not sent is not."""
    marks = RedisDeliveryMarks("redis://127.0.0.1:1/0", "plek")
    assert await marks.claim("d1", 60) == "claimed"
    await marks.mark_sent("d1")
    assert await marks.claim("d1", 60) == "claimed"
    await marks.close()
