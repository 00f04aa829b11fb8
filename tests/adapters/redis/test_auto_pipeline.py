"""Automatic pipelining: commands of many callers leave together, and each caller gets its own reply or error."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from redis import exceptions

from services.adapters.redis.auto_pipeline import AutoPipeline
from services.adapters.redis.clients import new_redis
from tests.controlled_servers import Valkey


@pytest_asyncio.fixture
async def client(own_valkey: Valkey) -> AsyncIterator[Any]:
    """Make a client of a Valkey without other clients."""
    made = new_redis(own_valkey.url, socket_timeout=0.25, socket_connect_timeout=0.25)
    yield made
    await made.aclose()


async def test_a_hundred_at_once_are_read_once_or_twice(client: Any) -> None:
    """Of a hundred commands at once the first leaves alone, the others with the next; each caller gets its own reply."""
    joined = AutoPipeline(client)
    await joined.execute("SET", "a", 1)
    before = (await client.info("stats"))["total_reads_processed"]
    answers = await asyncio.gather(*(joined.execute("INCRBY", "a", number) for number in range(100)))
    after = (await client.info("stats"))["total_reads_processed"]
    assert answers == [1 + sum(range(number + 1)) for number in range(100)]
    assert after - before <= 4  # the last of them is the question itself


async def test_an_error_is_raised_to_its_caller_alone(client: Any) -> None:
    """When one command of a pipeline fails, the other callers get their replies."""
    joined = AutoPipeline(client)
    await joined.execute("SET", "text", "x")
    answers = await asyncio.gather(
        *(joined.execute(*each) for each in (("GET", "text"), ("INCR", "text"), ("GET", "none"))), return_exceptions=True
    )
    assert (answers[0], type(answers[1]), answers[2]) == (b"x", exceptions.ResponseError, None)


async def test_a_script_that_the_server_lost_is_loaded_again(client: Any) -> None:
    """A script that the server does not know is loaded for each caller that runs it at the same time."""
    joined, script = AutoPipeline(client), client.register_script("return {KEYS[1], ARGV[1]}")
    for _ in range(2):
        await client.script_flush()
        answers = await asyncio.gather(*(joined.run(script, ["k"], [number]) for number in range(5)))
        assert answers == [[b"k", str(number).encode()] for number in range(5)]


async def test_a_caller_that_leaves_harms_no_other(client: Any) -> None:
    """The command of a caller that has left is sent, and the others get their replies."""
    joined = AutoPipeline(client)
    asking = [asyncio.ensure_future(joined.execute("INCR", "a")) for _ in range(3)]
    asking[1].cancel()
    answers = await asyncio.gather(*asking, return_exceptions=True)
    assert (answers[0], type(answers[1]), answers[2]) == (1, asyncio.CancelledError, 3)


async def test_while_redis_is_away_each_caller_gets_an_error(client: Any, own_valkey: Valkey) -> None:
    """While Redis is away each caller gets an error, and when it is back a reply."""
    joined = AutoPipeline(client)
    await own_valkey.kill()
    replies = await asyncio.gather(*(joined.execute("PING") for _ in range(5)), return_exceptions=True)
    assert all(isinstance(each, exceptions.RedisError | OSError) for each in replies), replies
    await own_valkey.start()
    assert await joined.execute("PING")
