"""The contract suite of idempotency keys: Redis and its twin in memory keep the same promises."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from services.adapters.auth.idempotency_keys import IdempotencyKeys, MemoryIdempotencyKeys, RedisIdempotencyKeys
from services.adapters.auth.pseudonyms import Pseudonyms
from tests.twins.memory_redis import in_redis

PSEUDONYMS = Pseudonyms("key")
ONE, OTHER = (PSEUDONYMS.attempt("w1", "POST /v1/holds", key) for key in ("k1", "k2"))


@pytest_asyncio.fixture(params=["memory", *in_redis()])
async def retries(request: pytest.FixtureRequest, redis_url: str, prefix: str) -> AsyncIterator[Any]:
    """Make both implementations."""
    if request.param == "memory":
        yield MemoryIdempotencyKeys()
        return
    redis = RedisIdempotencyKeys(redis_url, prefix)
    yield redis
    await redis.close()


async def test_a_key_with_another_body_is_noticed(retries: IdempotencyKeys) -> None:
    """A key with the same body is a retry, whatever the order of its members; with another body it is reused."""
    assert not await retries.differs(ONE, {"a": 1, "b": [2]})
    assert not await retries.differs(ONE, {"b": [2], "a": 1})
    assert await retries.differs(ONE, {"a": 1, "b": [3]})
    assert not await retries.differs(OTHER, {"a": 1, "b": [3]})


async def test_the_first_choice_of_an_attempt_stands(retries: IdempotencyKeys) -> None:
    """What an attempt chose first is what it chooses again; another attempt chooses for itself."""
    assert await retries.choice(ONE) is None
    assert await retries.choose(ONE, {"stay": "a"}) == {"stay": "a"}
    assert await retries.choose(ONE, {"stay": "b"}) == {"stay": "a"}
    assert (await retries.choice(ONE), await retries.choice(OTHER)) == ({"stay": "a"}, None)


async def test_nothing_is_refused_because_redis_is_away() -> None:
    """While Redis is away no key counts as reused; the log counts each event once all the same."""
    nowhere = RedisIdempotencyKeys("redis://127.0.0.1:1/0", "plek")
    assert not await nowhere.differs(ONE, {"a": 1})
    assert not await nowhere.differs(ONE, {"a": 2})
    assert (await nowhere.choose(ONE, ["b"]), await nowhere.choice(ONE)) == (["b"], None)
    await nowhere.close()


async def test_nothing_of_a_body_can_be_read_in_redis(any_redis: str, prefix: str) -> None:
    """Redis holds a digest under a name that shows neither person nor key, for a day."""
    redis = RedisIdempotencyKeys(any_redis, prefix)
    await redis.differs(ONE, {"household": "w1 k1"})
    [key] = await redis._redis.keys(f"{prefix}:attempt:*")
    assert key.decode() == f"{prefix}:attempt:{ONE.name}"
    assert len(await redis._redis.get(key)) == 32
    assert 86_000 < await redis._redis.ttl(key) <= 86_400
    await redis.close()
