"""The contract suite of rate limits: Redis, one process alone, and a Redis that is away give the same decisions."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import given, settings
from hypothesis import strategies as st

from services.adapters.auth.authentication import Authentication
from services.adapters.auth.jwks_client import IssuerKeys
from services.adapters.auth.pseudonyms import Pseudonyms
from services.adapters.auth.rate_limits import DEFAULT_RATES, Claim, MemoryRates, Rate, Rates, RequestRates
from services.adapters.auth.redis_rate_limits import RedisRates
from services.adapters.clock import now_ms, seconds
from services.adapters.config.settings import Settings
from services.adapters.observability.metrics import Metrics
from services.adapters.problem_details import ProblemError
from services.adapters.rfc3339 import show
from services.domain.durations import NS_PER_MS
from tests.callers import AUDIENCE, ISSUER, Callers
from tests.controlled_servers import Valkey
from tests.twins.memory_redis import in_redis

LIMITS = RequestRates({"call": Rate(6), "search": Rate(3, 6), "refinement": Rate(2, 2), "hold": Rate(2, 6)}, per_hour=12)
PSEUDONYMS = Pseudonyms("a key")
NOW = now_ms()


def redis_rates(url: str, prefix: str) -> RedisRates:
    """Make rate limits that are counted in a Redis at a URL."""
    return RedisRates(url, prefix, PSEUDONYMS, MemoryRates(seconds, LIMITS), Metrics())


def search(attempt: str, **more: Any) -> Claim:
    """Make the claim of a search."""
    return Claim(attempt=attempt, limits=(("search", ""),), **more)


def refined(attempt: str, household: str = "h1") -> Claim:
    """Make the claim of a search again for a household."""
    return Claim(attempt=attempt, limits=(("refinement", household), ("search", "")))


async def verdicts(rates: Rates, *claims: Claim, who: str = "w1") -> list[str]:
    """Make the claims one after the other, and list their verdicts."""
    return [(await rates.claim(who, claim)).verdict for claim in claims]


@pytest_asyncio.fixture(params=["memory", *in_redis(), "away"])
async def rates(request: pytest.FixtureRequest, redis_url: str, prefix: str) -> AsyncIterator[Any]:
    """Make rate limits three times: in one process, in Redis, and with a Redis that is away."""
    if request.param == "memory":
        yield MemoryRates(seconds, LIMITS)
        return
    made = redis_rates(redis_url, prefix)
    yield made
    await made.close()


async def test_calls_come_a_minutes_worth_at_once_and_then_one_by_one(rates: Rates) -> None:
    """The seventh call of six a minute waits up to ten seconds; callers are counted separately, and a machine may call more often."""
    assert [(await rates.acquire("w1")).verdict for _ in range(6)] == ["taken"] * 6
    refused = await rates.acquire("w1")
    assert refused.verdict == "refused"
    assert 0 < refused.wait_us <= 10_000_000
    assert (await rates.acquire("w2")).verdict == "taken"
    assert [(await rates.acquire("m1", "call", 2)).verdict for _ in range(13)] == ["taken"] * 12 + ["refused"]


async def test_a_turn_returns_the_balance(rates: Rates) -> None:
    """After one of three searches two are left, and the third comes back within ten minutes."""
    first = await rates.claim("w1", search("a1"))
    found, hour = first.balances
    assert (found.name, found.at_once, found.per_hour, found.left) == ("search", 3, 6, 2)
    assert 590_000_000 < found.next_us <= 600_000_000
    assert (hour.name, hour.per_hour, hour.left) == ("request", 12, 11)
    assert 3_590_000_000 < hour.next_us <= 3_600_000_000


async def test_reading_the_balances_takes_nothing(rates: Rates) -> None:
    """However often the balances are read, they stay the same."""
    before = [(each.name, each.left) for each in await rates.balances("w1")]
    assert before == [("search", 3), ("refinement", 2), ("hold", 2), ("request", 12)]
    await rates.claim("w1", search("a1"))
    for _ in range(3):
        found = [(each.name, each.left) for each in await rates.balances("w1")]
        assert found == [("search", 2), ("refinement", 2), ("hold", 2), ("request", 11)]


async def test_an_attempt_that_comes_twice_at_once_pays_once(rates: Rates) -> None:
    """Twelve double clicks of twelve cost one turn each, also when both copies are claimed at the same instant."""
    for number in range(12):
        who, claim = f"w{number}", search(f"a{number}")
        found = await asyncio.gather(rates.claim(who, claim), rates.claim(who, claim))
        assert sorted(each.verdict for each in found) == ["repeated", "taken"]
        assert [each.left for each in await rates.balances(who) if each.name == "search"] == [2]


async def test_a_refinement_is_paid_from_its_household_and_then_as_a_search(rates: Rates) -> None:
    """Two refinements of each household cost no search; a third is one, so that no caller is refused while searches are left."""
    assert await verdicts(rates, refined("a1"), refined("a2"), refined("b1", "h2"), refined("b2", "h2")) == ["taken"] * 4
    assert [each.left for each in await rates.balances("w1") if each.name == "search"] == [3]
    assert await verdicts(rates, refined("a3"), refined("b3", "h2"), search("c1"), refined("a4")) == ["taken"] * 3 + ["refused"]


async def test_a_reason_counts_beyond_the_limit_only(rates: Rates) -> None:
    """Glass is broken only where the limit is reached, once an attempt; without a reason the decision has a wait."""
    assert await verdicts(rates, *(search(f"a{number}", break_glass=True) for number in range(3))) == ["taken"] * 3
    refused = await rates.claim("w1", search("a3"))
    assert refused.verdict == "refused"
    assert 0 < refused.wait_us <= 600_000_000
    assert await verdicts(rates, search("a3", break_glass=True), search("a3", break_glass=True)) == ["glass", "repeated"]


async def test_a_script_that_goes_on_is_stopped_for_the_hour(rates: Rates) -> None:
    """Refused requests, repeated ones and broken glass count: the thirteenth of twelve is stopped, whatever reason it states."""
    claims = [search(f"a{number}", break_glass=number % 2 == 1) for number in range(11)]
    found = await verdicts(rates, *claims, search("a0"))
    assert sorted(set(found)) == ["glass", "refused", "repeated", "taken"]
    stopped = await rates.claim("w1", search("a99", break_glass=True))
    assert stopped.verdict == "hard"
    assert 3_590_000_000 < stopped.wait_us <= 3_600_000_000
    assert await verdicts(rates, search("b1"), who="w2") == ["taken"]


async def test_no_hour_has_more_requests_than_the_limit() -> None:
    """With six of twelve requests late in an hour, the next hour accepts six more, and then waits until the oldest is an hour old."""
    clock = [0.0]
    rates = MemoryRates(lambda: clock[0], LIMITS)
    for second in (0, 3_000, 3_601):
        clock[0] = second
        await verdicts(rates, *(search(f"{second}-{number}", break_glass=True) for number in range(6)))
    stopped = await rates.claim("w1", search("b", break_glass=True))
    assert (stopped.verdict, stopped.wait_us) == ("hard", 2_999_000_000)
    clock[0] = 6_600
    assert (await rates.claim("w1", search("b", break_glass=True))).verdict == "taken"


async def test_the_hour_in_redis_slides_alike(any_redis: str, prefix: str) -> None:
    """Requests of an hour ago are dropped, those of fifty minutes ago count, and the wait is until the first of these is over."""
    rates = redis_rates(any_redis, prefix)
    times = [now_ms() * 1_000 - minutes * 60_000_000 for minutes in (61, 61, *[50] * 11)]
    await rates._redis.rpush(f"{prefix}:requests:{PSEUDONYMS.rated('w1')}", *times)
    assert await verdicts(rates, search("a1"), search("a2")) == ["taken", "hard"]
    assert 590_000_000 < (await rates.claim("w1", search("a2"))).wait_us <= 600_000_000
    await rates.close()


async def test_a_payment_is_given_back_once(rates: Rates) -> None:
    """An attempt gives back what it paid once, and broken glass, which paid nothing, gives nothing back."""
    await verdicts(rates, *(search(f"a{number}") for number in range(3)), search("a3", break_glass=True))
    found = await asyncio.gather(*(rates.give_back("w1", "a1") for _ in range(3)))
    assert sorted(found) == [False, False, True]
    assert not await rates.give_back("w1", "a3")
    assert await verdicts(rates, search("a4"), search("a5")) == ["taken", "refused"]


async def test_an_attempt_that_was_given_back_pays_again(rates: Rates) -> None:
    """An attempt that was given back pays like the first time when it is sent again."""
    await rates.claim("w1", search("a1"))
    await rates.give_back("w1", "a1")
    assert await verdicts(rates, search("a1"), search("a1")) == ["taken", "repeated"]


async def test_a_share_of_the_limits_is_given_in_a_time_of_threat(rates: Rates) -> None:
    """With half of the rates two of three searches are accepted (a half is rounded to even), and a refund equals what was paid."""
    assert await verdicts(rates, *(search(f"a{number}", share=0.5) for number in range(3))) == ["taken"] * 2 + ["refused"]
    assert await rates.give_back("w1", "a0", 0.5)
    assert await verdicts(rates, search("a3", share=0.5), search("a4", share=0.5)) == ["taken", "refused"]


async def test_a_counter_takes_many_at_once(rates: Rates) -> None:
    """A gateway counts a second's events of a shelter in one step: each subject has a total of its own, until its time is over."""
    assert [await rates.add("events", "berk:20000", number, 86_400) for number in (3, 4_000)] == [3, 4_003]
    assert await rates.add("events", "berk:20001", 1, 86_400) == 1


async def test_counters_count_until_they_are_reset(rates: Rates) -> None:
    """Each subject and each kind has a counter of its own, until it is reset."""
    assert [await rates.count(("unheld", "w1")) for _ in range(3)] == [[1], [2], [3]]
    assert await rates.count(("unheld", "w2"), ("given-back", "w1"), ("desk", "w1")) == [1, 1, 1]
    await rates.forget("w1", "unheld")
    assert await rates.count(("unheld", "w1"), ("given-back", "w1")) == [1, 2]


@settings(deadline=None)  # a machine shared with others may take a while over thousands of turns
@given(st.lists(st.floats(0, 30), max_size=60), st.integers(1, 50))
def test_never_more_than_twice_the_rate_in_a_minute(pauses: list[float], per_minute: int) -> None:
    """At any times a minute has at most the burst and one call for each share of the minute that passes."""
    at, taken = 1e9, list[float]()
    watch = MemoryRates(lambda: at, RequestRates({"call": Rate(per_minute)}, 1))

    async def play() -> None:
        nonlocal at
        for pause in pauses:
            at += pause
            for _ in range(per_minute + 1):
                if (await watch.acquire("w1")).verdict == "taken":
                    taken.append(at)

    asyncio.run(play())
    assert all(sum(start <= time < start + 60 for time in taken) <= 2 * per_minute + 1 for start in taken)


@given(st.floats(0, 1e9), st.integers(1, 40), st.integers(1, 1_000_000))
def test_no_rounding_takes_a_turn(uptime: float, at_once: int, per_hour: int) -> None:
    """At any uptime of the machine exactly as many turns are there at once as the limit says, and one that is given back is there again."""
    watch = MemoryRates(lambda: uptime, RequestRates({"search": Rate(at_once, per_hour)}, 1_000))

    async def play() -> None:
        claims = [search(f"a{number}") for number in range(at_once + 2)]
        assert await verdicts(watch, *claims[:-1]) == ["taken"] * at_once + ["refused"]
        assert await watch.give_back("w1", "a0")
        assert await verdicts(watch, claims[-1], claims[0]) == ["taken", "refused"]

    asyncio.run(play())


async def test_two_services_count_together(any_redis: str, prefix: str) -> None:
    """A caller has one limit and an attempt is paid once in however many services, also at the same instant."""
    one, other = redis_rates(any_redis, prefix), redis_rates(any_redis, prefix)
    for number in range(12):
        claim, who = search(f"a{number}"), f"w{number}"
        found = await asyncio.gather(one.claim(who, claim), other.claim(who, claim))
        assert sorted(each.verdict for each in found) == ["repeated", "taken"]
    decided = [await each.claim("w0", search(f"b{number}")) for number, each in enumerate((one, other, one))]
    assert [each.verdict for each in decided] == ["taken", "taken", "refused"]
    assert await other.give_back("w0", "b0")
    assert not await one.give_back("w0", "b0")
    for each in (one, other):
        await each.close()


async def test_no_name_of_a_person_is_in_redis_and_nothing_stays(any_redis: str, prefix: str) -> None:
    """Keys in Redis hold pseudonyms of their own, and each key expires."""
    rates, name = redis_rates(any_redis, prefix), "k.jansen@example.nl"
    await rates.acquire(name)
    await rates.claim(name, refined("a1"))
    await rates.claim(name, search("a2"))
    await rates.count(("unheld", name))
    keys = await rates._redis.keys(f"{prefix}:*")
    who = PSEUDONYMS.rated(name)
    turns = [f"{prefix}:turn:{who}:{kind}" for kind in ("call", "refinement:h1", "search")]
    assert sorted(key.decode() for key in keys) == [
        f"{prefix}:paid:a1", f"{prefix}:paid:a2", f"{prefix}:requests:{who}", *turns, f"{prefix}:unheld:{who}"
    ]  # fmt: skip
    assert all([await rates._redis.ttl(key) > 0 for key in keys])
    await rates.close()


async def test_a_counter_ends_after_its_first(any_redis: str, prefix: str) -> None:
    """What is counted later does not make a counter last longer: else one that is used now and then would never begin anew."""
    rates, key = redis_rates(any_redis, prefix), f"{prefix}:unheld:{PSEUDONYMS.rated('w1')}"
    await rates.count(("unheld", "w1"))
    assert await rates._redis.ttl(key) > 3_000
    await rates._redis.expire(key, 100)
    assert await rates.count(("unheld", "w1")) == [2]
    assert 0 < await rates._redis.ttl(key) <= 100
    await rates.close()


async def test_a_redis_that_hangs_is_tried_once_a_second(own_valkey: Valkey, prefix: str) -> None:
    """A hundred callers do not each wait for a Redis that hangs; when it is back it counts again."""
    rates = redis_rates(own_valkey.url, prefix)
    await own_valkey.kill()
    async with asyncio.timeout(2):
        assert {(await rates.claim(f"w{number}", search(f"a{number}"))).verdict for number in range(100)} == {"taken"}
    await own_valkey.start()
    rates._away_until = 0.0
    await rates.acquire("w1")
    assert await rates._redis.keys(f"{prefix}:turn:*")
    await rates.close()


@pytest.fixture
def identity() -> Callable[[Callers], Authentication]:
    """Make an authentication that counts calls in memory, at a clock that stands still."""

    def make(callers: Callers) -> Authentication:
        metrics = Metrics()
        keys = IssuerKeys(ISSUER, callers.fetch, seconds, metrics)
        return Authentication(keys, ISSUER, AUDIENCE, metrics, MemoryRates(lambda: 0.0, LIMITS), "role", lambda: NOW)

    return make


@pytest.mark.parametrize(("role", "most"), [("worker", 6), ("operator", 600)])
async def test_a_refused_call_has_a_time_to_retry(
    tmp_path: Path, identity: Callable[[Callers], Authentication], role: str, most: int
) -> None:
    """A refused call is 429 with Retry-After and a time; an unlimited route never refuses; an operator may call 100 times as often."""
    callers = Callers(tmp_path)
    known, token = identity(callers), callers.of(role)["Authorization"]
    for _ in range(most):
        await known.caller(token)
    with pytest.raises(ProblemError) as refused:
        await known.caller(token)
    assert (refused.value.kind, refused.value.headers) == ("too-many", {"Retry-After": "10" if role == "worker" else "1"})
    again_at = show((NOW + (10_001 if role == "worker" else 101)) * NS_PER_MS)
    assert (refused.value.members["again_at"], refused.value.members["limit"]) == (again_at, "call")
    assert await known.caller(token, None)


def test_an_alarm_is_within_reach_of_a_caller_within_the_limits() -> None:
    """An alarm that the limits let no caller reach within an hour would never be raised."""
    usual = {name: field.default for name, field in Settings.model_fields.items()}
    assert usual["searches_unheld"] <= usual["searches_at_once"] + usual["searches_per_hour"]
    assert usual["holds_given_back"] <= usual["holds_at_once"]
    assert usual["desk_searches"] <= 5 * usual["searches_at_once"]


def test_the_usual_limits_are_those_of_the_design() -> None:
    """20 searches at once and 30 an hour, 12 refinements of a household, 6 holds at once and 6 an hour, 120 requests an hour."""
    assert (DEFAULT_RATES.of["search"], DEFAULT_RATES.of["refinement"], DEFAULT_RATES.of["hold"], DEFAULT_RATES.per_hour) == (
        Rate(20, 30),
        Rate(12, 12),
        Rate(6, 6),
        120,
    )
