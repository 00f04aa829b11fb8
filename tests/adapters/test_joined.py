"""What many ask of Redis at once leaves as one, and each is told her own answer, or what was wrong with it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from redis import exceptions

from services.adapters.joined import Joined
from services.adapters.redis import new_redis
from services.local.valkey import Valkey


@pytest_asyncio.fixture
async def client(own_valkey: Valkey) -> AsyncIterator[Any]:
    """Speak to a Valkey that nobody else speaks to."""
    made = new_redis(own_valkey.url, socket_timeout=0.25, socket_connect_timeout=0.25)
    yield made
    await made.aclose()


async def test_a_hundred_at_once_are_read_once_or_twice(client: Any) -> None:
    """The first goes alone, the others with the next; each is told her own."""
    joined = Joined(client)
    await joined.ask("SET", "a", 1)
    before = (await client.info("stats"))["total_reads_processed"]
    answers = await asyncio.gather(*(joined.ask("INCRBY", "a", number) for number in range(100)))
    after = (await client.info("stats"))["total_reads_processed"]
    assert answers == [1 + sum(range(number + 1)) for number in range(100)]
    assert after - before <= 4  # the last of them is the question itself


async def test_what_is_wrong_with_one_is_told_to_her_alone(client: Any) -> None:
    """The others of her packet have their answers."""
    joined = Joined(client)
    await joined.ask("SET", "text", "x")
    answers = await asyncio.gather(
        *(joined.ask(*each) for each in (("GET", "text"), ("INCR", "text"), ("GET", "none"))), return_exceptions=True
    )
    assert (answers[0], type(answers[1]), answers[2]) == (b"x", exceptions.ResponseError, None)


async def test_a_script_that_the_server_has_forgotten_is_brought_again(client: Any) -> None:
    """For each who asks for it at the same time."""
    joined, script = Joined(client), client.register_script("return {KEYS[1], ARGV[1]}")
    for _ in range(2):
        await client.script_flush()
        answers = await asyncio.gather(*(joined.run(script, ["k"], [number]) for number in range(5)))
        assert answers == [[b"k", str(number).encode()] for number in range(5)]


async def test_who_leaves_takes_nobody_along(client: Any) -> None:
    """Her question is asked, and nobody waits for the answer."""
    joined = Joined(client)
    asking = [asyncio.ensure_future(joined.ask("INCR", "a")) for _ in range(3)]
    asking[1].cancel()
    answers = await asyncio.gather(*asking, return_exceptions=True)
    assert (answers[0], type(answers[1]), answers[2]) == (1, asyncio.CancelledError, 3)


async def test_while_redis_is_away_each_is_told_so(client: Any, own_valkey: Valkey) -> None:
    """And when it is back they are answered."""
    joined = Joined(client)
    await own_valkey.kill()
    told = await asyncio.gather(*(joined.ask("PING") for _ in range(5)), return_exceptions=True)
    assert all(isinstance(each, exceptions.RedisError | OSError) for each in told), told
    await own_valkey.start()
    assert await joined.ask("PING")
