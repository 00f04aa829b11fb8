"""The contract suite of the last checks: Redis and its twin in memory keep the same promises."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from services.adapters.redis.clients import brief_redis
from services.adapters.view.last_checks import AuditCheck, Checks, LastChecks, MemoryLastChecks, RedisLastChecks, ViewCheck
from services.adapters.view.ports import ViewUnavailableError
from tests.twins.memory_redis import in_redis

VIEW = ViewCheck(at=1_772_409_600_000, partitions=24, all=True, records=5_016, differences=0)
AUDIT = AuditCheck(at=1_772_409_600_001, records=7, chains=2, broken_at=7, how="a record is out of order")


@pytest_asyncio.fixture(params=["memory", *in_redis()])
async def checks(request: pytest.FixtureRequest, redis_url: str, prefix: str) -> AsyncIterator[LastChecks]:
    """Keep the same promises twice."""
    if request.param == "memory":
        yield MemoryLastChecks()
        return
    kept = RedisLastChecks(redis_url, prefix)
    yield kept
    await kept.close()


async def test_the_last_check_of_each_is_kept(checks: LastChecks) -> None:
    """Before any check there is none; a check takes the place of the one before of its kind, and of no other."""
    assert await checks.read() == Checks()
    await checks.write(ViewCheck(at=1, partitions=1, all=False, records=1, differences=3))
    await checks.write(AUDIT)
    await checks.write(VIEW)
    assert await checks.read() == Checks(VIEW, AUDIT)


async def test_a_check_of_another_version_counts_as_none(any_redis: str, prefix: str) -> None:
    """What this version can't read is no check, and hides no other."""
    kept, redis = RedisLastChecks(any_redis, prefix), brief_redis(any_redis)
    await kept.write(AUDIT)
    for value in (b"x", b"[1]", b'{"at":1}'):
        await redis.hset(f"{prefix}:last-checks", "view", value)
        assert await kept.read() == Checks(None, AUDIT)
    await kept.close()
    await redis.aclose()


async def test_a_redis_that_is_away_is_not_one_without_checks() -> None:
    """Without Redis a read and a write are errors."""
    kept = RedisLastChecks("redis://127.0.0.1:1/0", "plek")
    with pytest.raises(ViewUnavailableError):
        await kept.read()
    with pytest.raises(ViewUnavailableError):
        await kept.write(VIEW)
    await kept.close()
