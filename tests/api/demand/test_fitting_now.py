"""`fitting_now` of a fallback: one last chance to avert a hotel, paid as a search, and never in the way of logging it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from services.adapters.auth.rate_limits import Rate
from services.domain.durations import HOUR_MS
from tests.api.conftest import kind
from tests.api.demand.test_fallbacks import HOTEL, open_ones, post
from tests.api.desks import MOTHER, OFTEN, Desks, desks
from tests.sent import admitted, declared, event, registered

ASK = HOTEL | {"ask_first": True}


@pytest_asyncio.fixture
async def at(tmp_path: Path) -> AsyncIterator[Desks]:
    """Open an API."""
    async with desks(tmp_path) as opened:
        yield opened


async def fitting(at: Desks, body: dict[str, Any] | None = None, **more: Any) -> str:
    """Log a hotel, and return whether something fits."""
    answer = await post(at, "/v1/fallbacks", (body or HOTEL) | more)
    assert answer.status_code in {201, 202}, answer.text
    assert answer.json()["duty_list"] == "/v1/duty-list"
    found: str = answer.json()["fitting_now"]
    return found


async def test_a_place_that_fits_is_said_with_the_hotel(at: Desks) -> None:
    """A free unit for the household is `yes`, outside its excluded regions; too small, taken or excluded it is `no`. No count is told."""
    assert await fitting(at) == "no"
    await at.shelters("berk")
    assert await fitting(at) == "yes"
    assert await fitting(at, exclude_regions=["R07"]) == "no"
    assert await fitting(at, adults=2) == "no"
    await at.say(admitted())
    assert await fitting(at) == "no"
    evidence = [each["evidence"] for each in at.log.said("fallback-started")]
    counts = [(each["fitting_nationally"], each["fitting_excluded_for_safety"]) for each in evidence]
    assert sorted(counts) == [(0, 0), (0, 0), (0, 0), (0, 1), (1, 0)]


async def test_a_shelter_that_must_be_asked_is_call_first(at: Desks) -> None:
    """A shelter that was not heard of for a day, or two units that would do together, are to be called first."""
    await at.shelters("berk")
    await at.later(25 * HOUR_MS)
    assert await fitting(at) == "call_first"
    assert await fitting(at, exclude_regions=["R07"]) == "no"


async def test_two_units_that_would_do_together_are_call_first(at: Desks) -> None:
    """By the criteria of a search: whether two small units can be joined, the shelter must say."""
    await at.say(registered(), *(declared(f"u{number}", max_adults=1, max_children=1) for number in (1, 2)))
    assert await fitting(at, MOTHER | {"adults": 2, "accommodation": "hotel", "reason": "nothing_free"}) == "call_first"


async def test_asked_first_it_is_logged_only_where_nothing_fits(at: Desks) -> None:
    """While something fits nothing is logged; sent again without asking it is; where nothing fits it is logged at once."""
    await at.shelters("berk")
    first = await post(at, "/v1/fallbacks", ASK, "k1")
    assert (first.status_code, first.json()) == (
        200,
        {"status": "not_logged", "fitting_now": "yes", "duty_list": "/v1/duty-list"},
    )
    assert await open_ones(at) == []
    assert at.audited.told[-2:-1] == [("fitting-shown", "success", [])]
    assert (await post(at, "/v1/fallbacks", HOTEL, "k1")).json()["status"] == "logged"
    assert len(await open_ones(at)) == 1
    await at.say(admitted())
    nothing = await post(at, "/v1/fallbacks", ASK, "k2")
    assert (nothing.status_code, nothing.json()["fitting_now"], nothing.json()["status"]) == (201, "no", "logged")


async def test_asking_again_and_again_raises_an_alarm(at: Desks) -> None:
    """Who asks first and never logs or holds is seen as who searches without a hold."""
    await at.shelters("berk")
    for _ in range(4):
        assert (await post(at, "/v1/fallbacks", ASK)).json()["status"] == "not_logged"
    assert [each["what"] for each in at.audited.entries if each["event"] == "alarm-raised"] == [["searches"]]


async def test_asked_again_after_it_was_logged_it_stays_logged(at: Desks) -> None:
    """A client that lost the answer to a logged hotel, and asks first with the same key, is told that it is logged."""
    logged = await post(at, "/v1/fallbacks", ASK, "k1")
    await at.shelters("berk")
    again = await post(at, "/v1/fallbacks", ASK, "k1")
    assert (again.status_code, again.json()["fallback"], again.json()["fitting_now"]) == (201, logged.json()["fallback"], "yes")


def few(tmp_path: Path, searches: int, refinements: int) -> AbstractAsyncContextManager[Desks]:
    """Open an API with few searches and refinements an hour."""
    return desks(tmp_path, often=OFTEN | {"search": Rate(searches, 1), "refinement": Rate(refinements, 1)})


async def test_beyond_the_limit_it_is_logged_and_not_told(tmp_path: Path) -> None:
    """Each look costs a turn, the same request again none; without a turn the hotel is logged all the same, also when asked first."""
    async with few(tmp_path, 2, 1) as at:
        await at.shelters("berk")
        for _ in range(3):
            assert (await post(at, "/v1/fallbacks", HOTEL, "k1")).json()["fitting_now"] == "yes"
        assert await fitting(at) == "yes"
        assert await fitting(at) == "not_told"
        last = await post(at, "/v1/fallbacks", ASK)
        assert (last.status_code, last.json()["fitting_now"]) == (201, "not_told")
        assert len(at.log.said("fallback-started")) == 6
        assert "ratelimit" in last.headers


async def test_after_a_search_for_the_same_household_it_is_a_refinement(tmp_path: Path) -> None:
    """With the search of the same household it costs a refinement; of another household, or another's search, a turn."""
    async with few(tmp_path, 2, 2) as at:
        await at.shelters("berk")
        search = (await at.search())["search"]
        assert (await at.search(again_of=search))["search"]
        assert await fitting(at, again_of=search) == "yes"
        assert await fitting(at, again_of=search, children=0, oldest_son_age=None) == "yes"
        assert await fitting(at, again_of=search) == "not_told"


async def test_a_search_that_is_over_refuses_no_hotel(at: Desks) -> None:
    """A sealed search of another worker, one of yesterday, or none at all counts as no search; the hotel is logged."""
    await at.shelters("berk")
    others = (await at.search(who=at.callers.worker("w2")))["search"]
    assert await fitting(at, again_of=others) == "yes"
    assert await fitting(at, again_of="x") == "yes"
    assert kind(await post(at, "/v1/fallbacks", HOTEL | {"again_of": "?"})) == (400, "invalid")


@pytest.mark.parametrize("away", ["redis", "kafka", "audit", "old"])
async def test_what_is_not_known_is_not_told_and_logged(at: Desks, away: str) -> None:
    """Redis, Kafka or the audit log away, or a view that is half a minute old: logged or queued, `not_told`, also when asked first."""
    await at.shelters("berk")
    if away == "redis":
        at.folded.view.away = at.folded.demand.away = at.log.stalled = True
    elif away == "kafka":
        at.log.away = True
    elif away == "audit":
        at.audited.log.away = True
    else:
        at.folded.now += 30_000
    for body in (HOTEL, ASK):
        answer = await post(at, "/v1/fallbacks", body)
        assert (answer.status_code, answer.json()["fitting_now"]) == (202 if away == "kafka" else 201, "not_told"), answer.text


async def test_evidence_is_not_made_of_an_old_view(at: Desks) -> None:
    """From a minute on what was free is unavailable, and never a number of the past."""
    await at.shelters("berk")
    at.folded.now += 61_000
    answer = await post(at, "/v1/fallbacks", HOTEL)
    assert (answer.status_code, answer.json()["evidence"], answer.json()["fitting_now"]) == (201, "unavailable", "not_told")


async def test_a_view_that_does_not_answer_holds_nothing_up(at: Desks) -> None:
    """A Redis that takes the question and never answers costs a second, and no more."""
    await at.shelters("berk")

    async def never() -> Any:
        await asyncio.Event().wait()

    at.folded.view.positions = never  # type: ignore[method-assign]
    async with asyncio.timeout(3):
        assert await fitting(at) == "not_told"


async def test_many_at_once_are_each_told_and_logged(at: Desks) -> None:
    """Twenty hotels at one instant are twenty fallbacks, each with its own answer."""
    await at.shelters("berk")
    answers: list[httpx.Response] = await asyncio.gather(*(post(at, "/v1/fallbacks", HOTEL) for _ in range(20)))
    assert {(each.status_code, each.json()["fitting_now"]) for each in answers} == {(201, "yes")}
    assert len({each.json()["fallback"] for each in answers}) == 20


async def test_a_paused_shelter_does_not_fit(at: Desks) -> None:
    """Where intake is paused nothing fits, as in a search."""
    await at.shelters("berk")
    await at.say(event("intake-paused", reason="staffing"))
    assert await fitting(at) == "no"
