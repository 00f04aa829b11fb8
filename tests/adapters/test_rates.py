"""The contract suite of what counts how often persons ask: Redis and its twin in memory keep the same promises."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from services.adapters.clock import seconds
from services.adapters.identity import Identity
from services.adapters.issuer import IssuerKeys
from services.adapters.metrics import Metrics
from services.adapters.problems import ProblemError
from services.adapters.pseudonym import Pseudonyms
from services.adapters.rates import USUAL, Asked, MemoryRates, Rate, Rates, RedisRates
from services.adapters.settings import Settings
from services.local.valkey import Valkey
from tests.callers import AUDIENCE, ISSUER, Callers

RATES: dict[Asked, Rate] = {"call": Rate(6), "search": Rate(3)}
PSEUDONYMS = Pseudonyms("a key")


def redis_rates(url: str, prefix: str) -> RedisRates:
    """Make rates that are counted at an address."""
    return RedisRates(url, prefix, PSEUDONYMS, MemoryRates(seconds, RATES), Metrics())


@pytest_asyncio.fixture(params=["memory", "redis", "away"])
async def rates(request: pytest.FixtureRequest, valkey: Valkey, prefix: str) -> AsyncIterator[Any]:
    """Keep the same promises three times: by itself, together, and with a Redis that is not there."""
    if request.param == "memory":
        yield MemoryRates(seconds, RATES)
        return
    made = redis_rates(valkey.url if request.param == "redis" else "redis://127.0.0.1:1/0", prefix)
    yield made
    await made.close()


async def test_a_minutes_worth_at_once_and_then_one_by_one(rates: Rates) -> None:
    """The next one is told how long it takes; another person, and another thing, is counted apart; a machine may as often as it is told."""
    assert [await rates.wait_s("w1", "call") for _ in range(6)] == [0.0] * 6
    assert 0 < await rates.wait_s("w1", "call") <= 10
    assert 0 < await rates.wait_s("w1", "call") <= 10
    assert [await rates.wait_s("w1", "search") for _ in range(3)] == [0.0] * 3
    assert await rates.wait_s("w1", "search") > 10
    assert await rates.wait_s("w2", "call") == 0.0
    assert [await rates.wait_s("m1", "call", 2) for _ in range(12)] == [0.0] * 12
    assert await rates.wait_s("m1", "call", 2) > 0


async def test_what_a_person_does_is_counted_until_it_is_forgotten(rates: Rates) -> None:
    """Each person's apart, and each thing."""
    assert [await rates.count("w1", "unheld") for _ in range(3)] == [1, 2, 3]
    assert (await rates.count("w2", "unheld"), await rates.count("w1", "given-back")) == (1, 1)
    await rates.forget("w1", "unheld")
    assert (await rates.count("w1", "unheld"), await rates.count("w1", "given-back")) == (1, 2)


async def test_a_turn_that_came_to_nothing_is_given_back(rates: Rates) -> None:
    """She may ask once more for each, and never more often than that."""
    assert [await rates.wait_s("w1", "search") for _ in range(3)] == [0.0] * 3
    for _ in range(2):
        await rates.give_back("w1", "search")
    assert [await rates.wait_s("w1", "search") for _ in range(2)] == [0.0] * 2
    assert await rates.wait_s("w1", "search") > 0
    for _ in range(9):
        await rates.give_back("w1", "search")
    assert [await rates.wait_s("w1", "search") for _ in range(3)] == [0.0] * 3
    assert await rates.wait_s("w1", "search") > 0


@given(st.lists(st.floats(0, 30), max_size=60), st.integers(1, 50))
def test_never_more_than_twice_the_rate_in_a_minute(pauses: list[float], per_minute: int) -> None:
    """Whenever somebody asks: a minute's worth at once, and one for each share of a minute that passes."""
    at, taken = 0.0, list[float]()
    watch = MemoryRates(lambda: at, {"call": Rate(per_minute)})

    async def play() -> None:
        nonlocal at
        for pause in pauses:
            at += pause
            for _ in range(per_minute + 1):
                if await watch.wait_s("w1", "call") == 0.0:
                    taken.append(at)

    asyncio.run(play())
    assert all(sum(start <= time < start + 60 for time in taken) <= 2 * per_minute + 1 for start in taken)


async def test_two_services_count_together(valkey: Valkey, prefix: str) -> None:
    """A person has one rate, however many services she asks."""
    one, other = redis_rates(valkey.url, prefix), redis_rates(valkey.url, prefix)
    assert [await each.wait_s("w1", "search") for each in (one, other, one)] == [0.0] * 3
    assert await other.wait_s("w1", "search") > 0
    for each in (one, other):
        await each.close()


async def test_no_name_of_a_person_is_in_redis_and_nothing_stays(valkey: Valkey, prefix: str) -> None:
    """Pseudonyms of their own; each key goes by itself."""
    rates = redis_rates(valkey.url, prefix)
    await rates.wait_s("k.jansen@example.nl", "call")
    await rates.count("k.jansen@example.nl", "unheld")
    keys = await rates._redis.keys(f"{prefix}:*")
    who = PSEUDONYMS.rated("k.jansen@example.nl")
    assert sorted(key.decode() for key in keys) == [f"{prefix}:turn:{who}:call", f"{prefix}:unheld:{who}"]
    assert all([await rates._redis.ttl(key) > 0 for key in keys])
    await rates.close()


async def test_a_redis_that_hangs_is_asked_once_a_second(own_valkey: Valkey, prefix: str) -> None:
    """A hundred callers do not each wait for it; when it is back it counts again."""
    rates = redis_rates(own_valkey.url, prefix)
    await own_valkey.kill()
    async with asyncio.timeout(2):
        assert [await rates.wait_s(f"w{number}", "call") for number in range(100)] == [0.0] * 100
    await own_valkey.start()
    rates._away_until = 0.0
    await rates.wait_s("w1", "call")
    assert await rates._redis.keys(f"{prefix}:turn:*")
    await rates.close()


@pytest.mark.parametrize(("role", "most"), [("worker", 6), ("operator", 600)])
async def test_who_asks_too_often_is_told_when_to_come_back(tmp_path: Path, role: str, most: int) -> None:
    """429 with Retry-After; what she need not wait for is never refused, and an operator may a hundred times as often."""
    callers, metrics = Callers(tmp_path), Metrics()
    keys = IssuerKeys(ISSUER, callers.fetch, seconds, metrics)
    identity = Identity(keys, ISSUER, AUDIENCE, metrics, MemoryRates(lambda: 0.0, RATES), "role")
    hers = callers.of(role)["Authorization"]
    for _ in range(most):
        await identity.caller(hers)
    with pytest.raises(ProblemError) as refused:
        await identity.caller(hers)
    assert (refused.value.kind, refused.value.headers) == ("too-many", {"Retry-After": "10" if role == "worker" else "1"})
    assert await identity.caller(hers, None)


async def test_a_desk_searches_no_more_often_than_three_persons(tmp_path: Path) -> None:
    """Whoever sits at it; another desk is counted apart, and what is no search is not counted."""
    callers, metrics = Callers(tmp_path), Metrics()
    keys = IssuerKeys(ISSUER, callers.fetch, seconds, metrics)
    identity = Identity(keys, ISSUER, AUDIENCE, metrics, MemoryRates(lambda: 0.0, USUAL), "role")
    for number in range(USUAL["desk"].per_minute):
        await identity.caller(callers.worker(f"w{number}")["Authorization"], "search")
    with pytest.raises(ProblemError):
        await identity.caller(callers.worker("another")["Authorization"], "search")
    assert await identity.caller(callers.worker("another")["Authorization"])
    assert await identity.caller(callers.worker("far", "crisis-west")["Authorization"], "search")


async def test_a_turn_that_the_desk_refuses_is_hers_again(tmp_path: Path) -> None:
    """She waits for her desk, and not for herself as well."""
    callers, metrics = Callers(tmp_path), Metrics()
    keys = IssuerKeys(ISSUER, callers.fetch, seconds, metrics)
    watch = MemoryRates(lambda: 0.0, {"call": Rate(9), "search": Rate(1), "desk": Rate(1)})
    identity = Identity(keys, ISSUER, AUDIENCE, metrics, watch, "role")
    await identity.caller(callers.worker("w1")["Authorization"], "search")
    with pytest.raises(ProblemError):
        await identity.caller(callers.worker("w2")["Authorization"], "search")
    assert await watch.wait_s("w2", "search") == 0


def test_an_alarm_is_within_reach_of_who_may_ask_so_often() -> None:
    """Of what one may do at once: what the rate lets nobody do within an hour would never raise it."""
    usual = {name: field.default for name, field in Settings.model_fields.items()}
    assert usual["searches_unheld"] <= usual["searches_per_minute"]
    assert usual["holds_given_back"] <= usual["names_at_once"]
