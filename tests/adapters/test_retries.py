"""The contract suite of what remembers attempts: Redis and its twin in memory keep the same promises."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from services.adapters.pseudonym import Pseudonyms
from services.adapters.retries import MemoryRetries, RedisRetries, Retries
from services.local.valkey import Valkey

PSEUDONYMS = Pseudonyms("key")
ONE, OTHER = (PSEUDONYMS.attempt("w1", "POST /v1/holds", key) for key in ("k1", "k2"))


@pytest_asyncio.fixture(params=["memory", "redis"])
async def retries(request: pytest.FixtureRequest, valkey: Valkey, prefix: str) -> AsyncIterator[Any]:
    """Keep the same promises twice."""
    if request.param == "memory":
        yield MemoryRetries()
        return
    redis = RedisRetries(valkey.url, prefix)
    yield redis
    await redis.close()


async def test_a_key_with_another_body_is_noticed(retries: Retries) -> None:
    """The same body again is a retry, whatever the order of its members; another key is another attempt."""
    assert not await retries.differs(ONE, {"a": 1, "b": [2]})
    assert not await retries.differs(ONE, {"b": [2], "a": 1})
    assert await retries.differs(ONE, {"a": 1, "b": [3]})
    assert not await retries.differs(OTHER, {"a": 1, "b": [3]})


async def test_nothing_is_refused_because_redis_is_away() -> None:
    """Nobody can tell then, and the log counts each thing once all the same."""
    nowhere = RedisRetries("redis://127.0.0.1:1/0", "plek")
    assert not await nowhere.differs(ONE, {"a": 1})
    assert not await nowhere.differs(ONE, {"a": 2})
    await nowhere.close()


async def test_nothing_of_a_body_can_be_read_in_redis(valkey: Valkey, prefix: str) -> None:
    """A digest under a name that tells neither person nor key; gone after a day."""
    redis = RedisRetries(valkey.url, prefix)
    await redis.differs(ONE, {"household": "w1 k1"})
    [key] = await redis._redis.keys(f"{prefix}:attempt:*")
    assert key.decode() == f"{prefix}:attempt:{ONE.name}"
    assert len(await redis._redis.get(key)) == 32
    assert 86_000 < await redis._redis.ttl(key) <= 86_400
    await redis.close()
