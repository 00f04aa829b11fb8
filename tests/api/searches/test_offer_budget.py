"""The contract suite of the offer budget: Redis, its twin in memory, and the twin behind a Redis that is away keep the same promises."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from services.adapters.auth.pseudonyms import Pseudonyms
from services.adapters.clock import seconds
from services.adapters.redis.auto_pipeline import AutoPipeline
from services.adapters.redis.clients import brief_redis
from services.api.searches.offer_budget import BUDGET, Chain, MemoryOfferBudget, OfferBudget, RedisOfferBudget
from tests.twins.memory_redis import in_redis

_SHELTERS = [f"s{number}" for number in range(12)]


@pytest_asyncio.fixture(params=["memory", *in_redis(), "away"])
async def budget(request: pytest.FixtureRequest, redis_url: str, prefix: str) -> AsyncIterator[Any]:
    """Count three times: in one process, together, and with a Redis that is not there."""
    if request.param == "memory":
        yield MemoryOfferBudget(seconds)
        return
    redis = brief_redis(redis_url)
    yield RedisOfferBudget(AutoPipeline(redis), prefix, Pseudonyms("a key"), MemoryOfferBudget(seconds))
    await redis.aclose()


async def test_a_chain_is_offered_nine(budget: OfferBudget) -> None:
    """Three at a time, each once where only new ones are wanted; another chain has nine of its own."""
    places = [await budget.take(Chain("r", f"q{number}", new=True), _SHELTERS, 3) for number in range(4)]
    assert [granted.places for granted in places] == [(0, 1, 2), (3, 4, 5), (6, 7, 8), ()]
    assert [(granted.left, granted.known) for granted in places] == [(6, 3), (3, 6), (0, 9), (0, 9)]
    assert (await budget.take(Chain("other", "q9"), _SHELTERS, 3)).places == (0, 1, 2)


async def test_what_was_offered_is_offered_again_and_costs_nothing(budget: OfferBudget) -> None:
    """A refined search shows what still fits; once nine were offered, these alone."""
    for number in range(3):
        await budget.take(Chain("r", f"q{number}", new=True), _SHELTERS, 3)
    assert await budget.take(Chain("r", "q3"), ["s11", "s8", "s10", "s0"], 3) == ((1, 3), 0, 2)


@pytest.mark.parametrize("new", [False, True])
async def test_a_request_sent_again_is_offered_the_same(budget: OfferBudget, *, new: bool) -> None:
    """Also in another order of preference: chance is new each time, and a double click takes three of the nine, not six."""
    first = await budget.take(Chain("r", "q", new), _SHELTERS, 3)
    again = await budget.take(Chain("r", "q", new), _SHELTERS[::-1], 3)
    assert (first.places, again.places, again.left) == ((0, 1, 2), (9, 10, 11), 6)


async def test_many_at_once_are_offered_nine(budget: OfferBudget) -> None:
    """Twenty requests that go on with one search at the same instant take nine together."""
    found = await asyncio.gather(*(budget.take(Chain("r", f"q{number}", new=True), _SHELTERS, 3) for number in range(20)))
    assert sorted(place for granted in found for place in granted.places) == list(range(BUDGET))
