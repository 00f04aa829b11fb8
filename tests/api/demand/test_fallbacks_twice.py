"""The same household in a hotel twice, and an end that was sent twice: logged, and said (journeys, D28)."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio

from services.adapters.rfc3339 import show
from tests.api.demand.test_fallbacks import HOTEL, WAITS, post, started
from tests.api.desks import Desks, desks
from tests.waiting import until


@pytest_asyncio.fixture
async def at(tmp_path: Path) -> AsyncIterator[Desks]:
    """Open an API."""
    async with desks(tmp_path) as opened:
        yield opened


async def warned(at: Desks, who: dict[str, str] | None = None, key: str | None = None, **more: Any) -> list[str]:
    """Log a hotel, and return which fallbacks it looks like."""
    answer = await post(at, "/v1/fallbacks", HOTEL | more, key, who)
    assert answer.status_code == 201, answer.text
    warnings = answer.json().get("warnings", [])
    assert all(each["code"] == "looks_double" and each["nl"] and each["en"] for each in warnings)
    return [each["fallback"] for each in warnings]


async def test_the_same_household_twice_is_logged_and_said(at: Desks) -> None:
    """The second names the first, in Dutch and in English; both are logged."""
    first = await started(at)
    assert await warned(at) == [first]
    assert len(at.log.said("fallback-started")) == 2


async def test_a_colleague_of_the_desk_is_warned_and_another_desk_is_not(at: Desks) -> None:
    """By the same person or the same desk; what another desk logs says nothing."""
    first = await started(at)
    assert await warned(at, at.callers.worker("w2")) == [first]
    assert await warned(at, at.callers.worker("w3", "crisis-west")) == []
    assert await warned(at, at.callers.worker("w1", "crisis-zuid")) == [first]


async def test_another_household_is_none(at: Desks) -> None:
    """Another number of persons, men among the adults, another age of the oldest son, or another region of the desk."""
    worker = at.callers.worker(regions=("R07", "R01"))
    assert await warned(at, worker, region="R07") == []
    assert await warned(at, worker, region="R07", adults=2) == []
    assert await warned(at, worker, region="R07", men=1) == []
    assert await warned(at, worker, region="R07", children=2, oldest_son_age=4) == []
    assert await warned(at, worker, region="R07", children=2, oldest_son_age=None) == []
    assert await warned(at, worker, region="R01") == []


async def test_a_request_sent_again_is_no_second_household(at: Desks) -> None:
    """With its key it is the same fallback, and no warning; with another key it is another one, and is said."""
    assert await warned(at, key="k1") == []
    assert await warned(at, key="k1") == []
    assert len(await warned(at, key="k2")) == 1


async def test_two_at_once_are_one_warning(at: Desks) -> None:
    """A double click without a key logs two, and one of both answers says so."""
    assert sorted(map(len, await asyncio.gather(warned(at), warned(at)))) == [0, 1]


async def test_what_was_taken_back_or_never_taken_warns_of_nothing(at: Desks, tmp_path: Path) -> None:
    """A start that was taken back, or that neither log nor disk took, is no first."""
    first = await started(at)
    undone = await post(at, f"/v1/fallbacks/{first}/correct", {"undo": "start", "reason": "mistake"})
    assert undone.status_code == 200
    assert await warned(at) == []
    at.log.away = True
    await until((tmp_path / "outbox" / "outbox.sqlite").exists)
    shutil.rmtree(tmp_path / "outbox")
    (tmp_path / "outbox").write_text("in the way")
    assert (await post(at, "/v1/fallbacks", HOTEL | {"adults": 2})).status_code == 503
    at.log.away = False
    assert await warned(at, adults=2) == []


async def test_asked_first_and_then_logged_is_once(at: Desks) -> None:
    """What was not logged warns of nothing."""
    await at.shelters("berk")
    assert (await post(at, "/v1/fallbacks", HOTEL | {"ask_first": True})).json()["status"] == "not_logged"
    assert await warned(at) == []


async def test_an_end_sent_a_second_time_says_what_stands(at: Desks) -> None:
    """With another outcome nothing changes, and the answer has the outcome and the time that count."""
    fallback, when = await started(at), show((at.folded.now - 1_000) * 1_000_000)
    path = f"/v1/fallbacks/{fallback}/end"
    assert (await post(at, path, {"outcome": "placed", "occurred_at": when})).json()["status"] == "logged"
    second = (await post(at, path, {"outcome": "home"})).json()
    assert (second["status"], second["outcome"], second["occurred_at"]) == ("unchanged", "placed", when)
    entry = (await post(at, "/v1/waiting-list", WAITS)).json()["entry"]
    await post(at, f"/v1/waiting-list/{entry}/leave", {"outcome": "placed", "occurred_at": when})
    left = (await post(at, f"/v1/waiting-list/{entry}/leave", {"outcome": "withdrawn"})).json()
    assert (left["status"], left["outcome"], left["occurred_at"]) == ("unchanged", "placed", when)


async def test_many_fallbacks_of_a_person_are_flagged_and_none_is_refused(at: Desks) -> None:
    """The 61st within an hour raises an alarm, once; every one of 65 is logged."""
    for number in range(65):
        assert (await post(at, "/v1/fallbacks", HOTEL | {"adults": 1 + number % 20})).status_code == 201
    alarms = [each for each in at.audited.entries if each["event"] == "alarm-raised"]
    assert [each["what"] for each in alarms] == [["fallbacks"]]
    assert b'plek_alarms_total{what="fallbacks"} 1.0' in at.metrics.page()
