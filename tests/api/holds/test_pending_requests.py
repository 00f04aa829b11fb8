"""The contract suite of pending holds: Redis and its twin in memory keep the same promises."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio

from services.api.holds.pending_requests import MemoryPendingHolds, PendingHolds, PendingHoldsUnavailableError
from services.api.holds.redis_pending_requests import RedisPendingHolds
from services.api.holds.request_life import NEAR_MS, PendingHold
from tests.twins.memory_redis import in_redis

REQUEST = PendingHold(hold="h1", shelter="berk", asked_by="f" * 16, due=10_000)


@pytest_asyncio.fixture(params=["memory", *in_redis()])
async def pending(request: pytest.FixtureRequest, redis_url: str, prefix: str) -> AsyncIterator[Any]:
    """Make both implementations."""
    if request.param == "memory":
        yield MemoryPendingHolds()
        return
    redis = RedisPendingHolds(redis_url, prefix)
    yield redis
    await redis.close()


async def test_a_request_waits_until_it_is_removed(pending: PendingHolds) -> None:
    """The last state of a request counts; that it was made can be read for a day."""
    given_up = replace(REQUEST, due=20_000, given_up=True)
    await pending.save(REQUEST)
    await pending.save(given_up)
    assert await pending.get("h1") == given_up
    assert await pending.list_waiting() == [given_up]
    await pending.remove("h1")
    assert (await pending.get("h1"), await pending.list_waiting()) == (replace(given_up, waits=False), [])
    assert await pending.get("h2") is None


async def test_of_two_copies_of_a_request_one_waits(pending: PendingHolds) -> None:
    """The second copy does not make a request wait again that was answered meanwhile: it would be given up."""
    await pending.begin(REQUEST, 0)
    assert await pending.confirm("h1", 0)
    assert await pending.begin(REQUEST, 0) == set()
    assert await pending.get("h1") == replace(REQUEST, waits=False)


async def test_requests_at_one_instant_see_those_before_them(pending: PendingHolds) -> None:
    """A request sees the other ones of its person, until they are due or withdrawn, and none of another person."""
    begun = [replace(REQUEST, hold=f"h{number}", due=10) for number in range(4)]
    seen = await asyncio.gather(*(pending.begin(request, 0) for request in begun))
    assert sorted(map(len, seen)) == [0, 1, 2, 3]
    await pending.withdraw(begun[0])
    assert await pending.begin(replace(REQUEST, hold="h9", due=20), 9) == {"h1", "h2", "h3"}
    assert await pending.begin(replace(REQUEST, hold="h8", due=20), 10) == {"h9"}
    assert await pending.begin(replace(REQUEST, hold="h7", asked_by="a" * 16), 0) == set()


async def test_a_request_is_confirmed_unless_it_is_given_up(pending: PendingHolds) -> None:
    """A request that was given up, or will be in a moment, stays; one that does not wait can be answered."""
    now = REQUEST.due - NEAR_MS
    for stays in (replace(REQUEST, due=REQUEST.due - 1), replace(REQUEST, due=99_000, given_up=True)):
        await pending.save(stays)
        assert not await pending.confirm("h1", now)
        assert await pending.get("h1") == stays
    await pending.save(REQUEST)
    assert await pending.confirm("h1", now)
    assert await pending.get("h1") == replace(REQUEST, waits=False)
    assert await pending.confirm("h1", now)


async def test_a_refund_is_remembered(pending: PendingHolds) -> None:
    """A refunded request is not charged any more, whether it waits or not, and waits as before."""
    await pending.save(REQUEST)
    await pending.mark_refunded(REQUEST)
    assert await pending.get("h1") == replace(REQUEST, paid=False)
    await pending.remove("h1")
    await pending.mark_refunded(REQUEST)
    assert await pending.get("h1") == replace(REQUEST, paid=False, waits=False)


async def test_a_hold_is_finished_once(pending: PendingHolds) -> None:
    """The first answer of a shelter, or the first release, finishes a hold; what comes after it does not."""
    assert [await pending.mark_finished("h1") for _ in range(2)] == [True, False]


async def test_a_search_has_the_hold_it_was_given_first(pending: PendingHolds) -> None:
    """A search has the hold it was given first, until it is given another."""
    assert [await pending.claim_search("s1", hold) for hold in ("h1", "h2", "h1")] == ["h1", "h1", "h1"]
    assert await pending.reassign_search("s1", "h2", "h1")
    assert await pending.claim_search("s1", "h3") == "h2"
    assert await pending.claim_search("s2", "h3") == "h3"


async def test_of_two_requests_in_place_of_one_hold_one_has_the_search(pending: PendingHolds) -> None:
    """Of two requests that read that the first hold was over one takes its place, however often it asks, and the other does not."""
    await pending.claim_search("s1", "h1")
    reassigned = await asyncio.gather(*(pending.reassign_search("s1", hold, "h1") for hold in ("h2", "h3")))
    assert reassigned == [True, False]
    assert await pending.reassign_search("s1", "h2", "h1")
    assert await pending.claim_search("s1", "h3") == "h2"


async def test_requests_outlive_a_process(any_redis: str, prefix: str) -> None:
    """A request that one process stored is read by another."""
    one, other = RedisPendingHolds(any_redis, prefix), RedisPendingHolds(any_redis, prefix)
    await one.save(REQUEST)
    await one.claim_search("s1", "h1")
    assert (await other.get("h1"), await other.claim_search("s1", "h2")) == (REQUEST, "h1")
    for each in (one, other):
        await each.close()


async def test_while_redis_is_away_a_process_remembers_by_itself() -> None:
    """Without Redis a process stores its own requests, and raises where another could have changed them."""
    pending = RedisPendingHolds("redis://127.0.0.1:1/0", "plek")
    await pending.save(REQUEST)
    assert await pending.list_waiting() == [REQUEST]
    assert [await pending.claim_search("s1", hold) for hold in ("h1", "h2")] == ["h1", "h1"]
    assert [await pending.begin(replace(REQUEST, hold=hold), 0) for hold in ("h2", "h3")] == [set(), {"h2"}]
    for ask in (pending.get("h1"), pending.confirm("h1", 0), pending.remove("h1")):
        with pytest.raises(PendingHoldsUnavailableError):
            await ask
    await pending.close()
