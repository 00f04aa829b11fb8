"""The contract suite of hold owners: Redis and its twin in memory keep the same promises."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from services.adapters.redis.clients import new_redis
from services.api.holds.owner_store import Handover, HoldOwners, MemoryHoldOwners, Owner, RedisHoldOwners
from tests.controlled_servers import Valkey
from tests.twins.memory_redis import in_redis

FIRST = Owner(person="a" * 16, regions=("R01", "R07"))
SECOND = Owner(person="b" * 16, regions=FIRST.regions)
HANDOVER = Handover(hold="h1", shelter="berk", before=FIRST.person, after=SECOND.person)
BACK = Handover(hold="h1", shelter="berk", before=SECOND.person, after=FIRST.person)


@pytest_asyncio.fixture(params=["memory", *in_redis()])
async def owners(request: pytest.FixtureRequest, redis_url: str, prefix: str) -> AsyncIterator[Any]:
    """Make both implementations."""
    if request.param == "memory":
        yield MemoryHoldOwners()
        return
    redis = RedisHoldOwners(redis_url, prefix)
    yield redis
    await redis.close()


async def test_a_hold_has_the_owner_that_was_written_first(owners: HoldOwners) -> None:
    """A second copy of the request changes nothing; a hold without an owner is left out."""
    await owners.begin("h1", FIRST)
    await owners.begin("h1", SECOND)
    assert await owners.of(["h1", "h2"]) == {"h1": FIRST}
    assert await owners.of([]) == {}


async def test_a_hold_is_taken_over_from_its_owner(owners: HoldOwners) -> None:
    """A hold that is taken over keeps the regions of the first worker, and is listed for the new one."""
    await owners.begin("h1", FIRST)
    assert await owners.take(HANDOVER, FIRST)
    assert await owners.of(["h1"]) == {"h1": SECOND}
    assert (await owners.taken_by(SECOND.person), await owners.taken_by(FIRST.person)) == ({"h1"}, set())


async def test_of_two_at_once_one_takes_it(owners: HoldOwners) -> None:
    """An owner is replaced only by a take-over that names the owner before: of twelve at once one succeeds."""
    await owners.begin("h1", FIRST)
    asking = [Handover(hold="h1", shelter="berk", before=FIRST.person, after=f"{number:016}") for number in range(12)]
    taken = await asyncio.gather(*(owners.take(each, FIRST) for each in asking))
    assert sum(taken) == 1
    assert (await owners.of(["h1"]))["h1"].person == asking[taken.index(True)].after


async def test_take_overs_are_read_from_a_place_on(owners: HoldOwners) -> None:
    """Take-overs are read in order and once each: none with None, then all after the position it returned."""
    await owners.begin("h1", FIRST)
    await owners.take(HANDOVER, FIRST)
    nothing, place = await owners.handovers(None)
    await owners.take(BACK, SECOND)
    found, newest = await owners.handovers(place)
    assert (nothing, found) == ([], [BACK])
    assert await owners.handovers(newest) == ([], newest)


async def test_processes_share_owners(any_redis: str, prefix: str) -> None:
    """An owner that one process wrote is read and taken over by another; a day later nothing is stored."""
    one, other = RedisHoldOwners(any_redis, prefix), RedisHoldOwners(any_redis, prefix)
    await one.begin("h1", FIRST)
    _, place = await one.handovers(None)
    assert await other.take(HANDOVER, FIRST)
    assert not await one.take(HANDOVER, FIRST)
    assert await one.handovers(place) == ([HANDOVER], (await other.handovers(None))[1])
    redis = new_redis(any_redis)
    keys = [key async for key in redis.scan_iter(match=f"{prefix}:*")]
    assert len(keys) == 3
    assert all([0 < await redis.ttl(key) <= 86_400 for key in keys])
    for each in (one, other, redis):
        await (each.close() if isinstance(each, RedisHoldOwners) else each.aclose())


async def test_without_redis_a_process_keeps_owners_itself() -> None:
    """Without Redis no call raises, and other processes do not read the take-overs."""
    owners = RedisHoldOwners("redis://127.0.0.1:1/0", "plek")
    await owners.begin("h1", FIRST)
    assert await owners.of(["h1"]) == {"h1": FIRST}
    assert await owners.take(HANDOVER, FIRST)
    assert (await owners.of(["h1"]), await owners.taken_by(SECOND.person)) == ({"h1": SECOND}, {"h1"})
    assert await owners.handovers(None) == ([], "0-0")
    await owners.close()


async def test_what_redis_refused_to_write_counts_here_until_it_writes_again(valkey: Valkey, prefix: str) -> None:
    """While Redis refuses to write, this process answers with the newer owner, and writes it when Redis takes it."""
    owners = RedisHoldOwners(valkey.patient_url, prefix)
    await owners.begin("h1", FIRST)
    redis = new_redis(valkey.patient_url)
    await redis.execute_command("CONFIG", "SET", "min-replicas-to-write", "1")
    try:
        assert await owners.take(HANDOVER, FIRST)
    finally:
        await redis.execute_command("CONFIG", "SET", "min-replicas-to-write", "0")
    assert await owners.of(["h1"]) == {"h1": SECOND}
    assert await owners.take(BACK, SECOND)
    other = RedisHoldOwners(valkey.patient_url, prefix)
    assert await owners.of(["h1"]) == await other.of(["h1"]) == {"h1": FIRST}
    for each in (owners, other):
        await each.close()
    await redis.aclose()
