"""Alerts through the API: what raises one, and who reads it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.api.conftest import kind
from tests.api.desks import SINGLE, Desks, desks

_TTL_MS = 1_800_000


@pytest_asyncio.fixture
async def at(tmp_path: Path) -> AsyncIterator[Desks]:
    """Open an API that raises an alert at the fourth of anything, of a desk at the fifth."""
    async with desks(tmp_path, desk_alarm_at=5) as opened:
        yield opened


async def _listed(at: Desks, who: dict[str, str]) -> list[Any]:
    answer = await at.call("get", "/v1/alarms", who)
    alerts: list[Any] = answer.json()["alarms"]
    return [(each["what"], each["desk"], each["region"], each["count"]) for each in alerts]


async def test_a_coordinator_reads_the_alerts_of_own_regions_and_an_operator_all(at: Desks) -> None:
    """Alerts are listed the newest first and without a name, and an audit entry is written."""
    for who in (at.callers.worker("w1"), at.callers.worker("w2", "crisis-west", ("R01",))):
        for _ in range(4):
            await at.call("post", "/v1/searches", who, SINGLE)
    assert await _listed(at, at.callers.coordinator("R07")) == [("searches", "crisis-oost", "R07", 4)]
    assert await _listed(at, at.callers.coordinator("R02")) == []
    assert await _listed(at, at.callers.operator) == [("searches", "crisis-west", "R01", 4), ("searches", "crisis-oost", "R07", 4)]
    assert "w1" not in (await at.call("get", "/v1/alarms", at.callers.operator)).text
    assert [each for each in at.audited.told if each[0] == "alarms-shown"] == [("alarms-shown", "success", [])] * 4


async def test_a_desk_has_an_alert_and_no_limit(at: Desks) -> None:
    """The fifth search of colleagues of one desk raises one alert, and no search is refused."""
    for number in range(7):
        answer = await at.call("post", "/v1/searches", at.callers.worker(f"w{number % 3}"), SINGLE)
        assert answer.status_code == 200
    assert await _listed(at, at.callers.coordinator("R07")) == [("desk", "crisis-oost", "R07", 5)]


async def test_a_hold_asked_for_again_silences_no_alert(at: Desks) -> None:
    """Only a new hold resets the count of searches: the same request sent repeatedly is no household that found a place."""
    await at.shelters("berk", "spar")
    offer = (await at.search())["offers"][0]["offer"]
    for _ in range(4):
        assert (await at.hold(offer)).status_code == 201
        await at.search()
    assert ("searches", "crisis-oost", "R07", 4) in await _listed(at, at.callers.coordinator("R07"))


async def test_holds_given_back_unanswered_raise_an_alert(at: Desks) -> None:
    """The fourth hold that is given back before a shelter answered raises an alert: each showed a telephone number."""
    await at.shelters("berk")
    for _ in range(4):
        offer = (await at.search())["offers"][0]["offer"]
        hold = (await at.hold(offer)).json()["hold"]
        await at.call("delete", f"/v1/holds/{hold}", at.callers.worker())
    assert ("holds", "crisis-oost", "R07", 4) in await _listed(at, at.callers.coordinator("R07"))


async def test_holds_that_expire_unanswered_count_as_given_back(at: Desks) -> None:
    """A worker who lets holds expire instead of releasing them does not evade the alert, and each hold counts once."""
    await at.shelters("berk")
    held = []
    for number in range(4):
        offer = (await at.search())["offers"][0]["offer"]
        held.append((await at.hold(offer)).json()["hold"])
        if number < 2:
            await at.call("delete", f"/v1/holds/{held[-1]}", at.callers.worker())
        else:
            await at.later(_TTL_MS)
        for _ in range(2):
            await at.holds.expired.count()
    assert ("holds", "crisis-oost", "R07", 4) in await _listed(at, at.callers.coordinator("R07"))
    await at.later(_TTL_MS)
    await at.holds.expired.count()
    assert [each[0] for each in await _listed(at, at.callers.coordinator("R07"))].count("holds") == 1


async def test_a_hold_that_a_shelter_accepted_is_not_given_back_when_it_expires(at: Desks) -> None:
    """A household that was accepted and never came is no number that was read for nothing."""
    for name in ("berk", "els", "den", "spar"):
        await at.shelters(name)
        hold = (await at.hold((await at.search())["offers"][0]["offer"])).json()["hold"]
        assert (await at.call("post", f"/v1/holds/{hold}/accept", at.callers.shelter("berk", "els", "den", "spar"))).status_code == 200
    await at.later(13 * 60 * 60_000)
    await at.holds.expired.count()
    assert "holds" not in [each[0] for each in await _listed(at, at.callers.coordinator("R07"))]


async def test_many_call_lists_raise_an_alert(at: Desks) -> None:
    """The fourth answer that names shelters to call raises an alert: each shows telephone numbers. One without names counts as none."""
    await at.shelters("berk")
    await at.later(25 * 60 * 60_000)
    for number in range(1, 5):
        assert (await at.search(call_first=True))["call_first"]["listed"]
        assert "listed" not in (await at.search())["call_first"]
        kinds = [each[0] for each in await _listed(at, at.callers.coordinator("R07"))]
        assert ("call_lists" in kinds) == (number == 4)


async def test_many_take_overs_raise_an_alert(at: Desks) -> None:
    """The fourth hold of a colleague that a person takes over raises an alert; taking over an own one again counts as none."""
    taker = at.callers.worker("w0")
    for number in range(1, 5):
        await at.shelters(f"s{number}")
        holder = at.callers.worker(f"w{number}")
        hold = (await at.hold((await at.search(holder))["offers"][0]["offer"], holder)).json()["hold"]
        for _ in range(2):
            assert (await at.call("post", f"/v1/holds/{hold}/take-over", taker)).status_code == 200
        assert (("take_overs", "crisis-oost", "R07", 4) in await _listed(at, at.callers.coordinator("R07"))) == (number == 4)


@pytest.mark.parametrize("role", ["worker", "shelter", "analyst", "auditor"])
async def test_no_other_role_reads_alerts(at: Desks, role: str) -> None:
    """Alerts are for those who can act on them."""
    who = at.callers.worker() if role == "worker" else at.callers.shelter("berk") if role == "shelter" else at.callers.of(role)
    assert kind(await at.call("get", "/v1/alarms", who)) == (403, "forbidden")
