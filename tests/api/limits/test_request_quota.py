"""Rate limits of searches and holds through the API: a worker is never locked out, a double click is charged once, a script is stopped."""

import asyncio
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.adapters.auth.rate_limits import DEFAULT_RATES
from services.api.publishing.request_models import BREAK_GLASS
from services.api.read_model.disclosure_level import Disclosure
from tests.api.conftest import kind
from tests.api.desks import OFTEN, SINGLE, Desks, desks
from tests.waiting import until

NO_ALARM = 1_000_000


def _usual(folder: Path, **more: Any) -> Any:
    """Open an API with the limits of the design."""
    return desks(folder, often={**DEFAULT_RATES.of, "call": OFTEN["call"]}, per_hour=DEFAULT_RATES.per_hour, **more)


async def _left(at: Desks, name: str, who: dict[str, str] | None = None) -> Any:
    answer = await at.call("get", "/v1/me", who or at.callers.worker())
    return next(each["left"] for each in answer.json()["limits"] if each["name"] == name)


async def test_a_night_of_12_households_and_40_searches_is_not_refused(tmp_path: Path) -> None:
    """One person searches for 12 households and 28 times again with a changed need, all within a second, and is not refused."""
    async with _usual(tmp_path, alarm_at=NO_ALARM) as at:
        await at.shelters("berk", "den")
        first = [await at.search(body={"adults": 1 + number}) for number in range(12)]
        for number in range(28):
            household = number % 12
            await at.search(body={"adults": 1 + household}, again_of=first[household]["search"], features=["wheelchair"])
        assert await _left(at, "search") == 8


async def test_a_desk_of_five_never_refuses_one_for_another(tmp_path: Path) -> None:
    """Five colleagues of a desk search 20 times each, all at once, and none is refused."""
    async with _usual(tmp_path, alarm_at=NO_ALARM) as at:
        workers = [at.callers.worker(f"w{number}") for number in range(5)]
        asked = [at.client.post("/v1/searches", headers=who, json=SINGLE) for who in workers for _ in range(20)]
        assert {answer.status_code for answer in await asyncio.gather(*asked)} == {200}


async def test_a_double_click_costs_one_search_and_one_hold(tmp_path: Path) -> None:
    """Both copies of a request at the same instant are answered alike, and one is charged, in twelve of twelve trials."""
    async with _usual(tmp_path, alarm_at=NO_ALARM) as at:
        await at.shelters("berk")
        for number in range(12):
            who = at.callers.worker(f"w{number}")
            found = await asyncio.gather(*(at.call("post", "/v1/searches", who, SINGLE, "k1") for _ in range(2)))
            assert [answer.status_code for answer in found] == [200, 200]
            assert await _left(at, "search", who) == 19
            offer = (await at.search(who))["offers"][0]["offer"]
            held = await asyncio.gather(*(at.hold(offer, who, "k2") for _ in range(2)))
            assert {answer.status_code for answer in held} <= {201, 202}
            assert await _left(at, "hold", who) == 5
            hold = held[0].json()["hold"]
            await at.call("delete", f"/v1/holds/{hold}", who)


async def test_a_refused_search_says_until_when_and_the_ways_on(tmp_path: Path) -> None:
    """A refused search has status 429, a clock time, the wait in seconds, the limit, the reasons that pass it, and where to phone."""
    async with desks(tmp_path, often=OFTEN | {"search": DEFAULT_RATES.of["search"]}, alarm_at=NO_ALARM) as at:
        for _ in range(20):
            await at.search()
        refused = await at.call("post", "/v1/searches", at.callers.worker(), SINGLE)
        assert kind(refused) == (429, "too-many")
        body = refused.json()
        assert body["again_at"].endswith("Z")
        assert 0 < int(refused.headers["Retry-After"]) <= 120
        assert (body["limit"], body["break_glass"], body["duty_list"]) == ("search", list(BREAK_GLASS), "/v1/duty-list")
        assert '"search";q=30;w=3600' in refused.headers["RateLimit-Policy"]
        assert f'"search";r=0;t={refused.headers["Retry-After"]}' in refused.headers["RateLimit"]


async def test_every_answer_says_what_is_left(tmp_path: Path) -> None:
    """Header fields of the IETF draft say what is left: of calls on every answer to a known caller, of searches on that of a search."""
    async with _usual(tmp_path) as at:
        found = await at.call("post", "/v1/searches", at.callers.worker(), SINGLE)
        assert '"search";q=30;w=3600, "request";q=120;w=3600' in found.headers["RateLimit-Policy"]
        assert '"search";r=19;t=120, "request";r=119;t=3600' in found.headers["RateLimit"]
        listed = await at.call("get", "/v1/holds", at.callers.worker())
        assert listed.headers["RateLimit"].startswith('"call";r=')
        assert "search" not in listed.headers["RateLimit"]
        assert "RateLimit" not in (await at.client.get("/v1/holds")).headers


@pytest.mark.parametrize("reason", BREAK_GLASS)
async def test_broken_glass_is_answered_recorded_counted_and_alerted(tmp_path: Path, reason: str) -> None:
    """A refused request with a reason, under the same key, is answered, in the audit log, in the metrics, and in the coordinator's list."""
    async with _usual(tmp_path, alarm_at=NO_ALARM) as at:
        for _ in range(20):
            await at.search()
        assert kind(await at.call("post", "/v1/searches", at.callers.worker(), SINGLE, "k1")) == (429, "too-many")
        answer = await at.call("post", "/v1/searches", at.callers.worker(), SINGLE | {"break_glass": reason}, "k1")
        assert answer.status_code == 200
        recorded = [(each["user"], each["what"]) for each in at.audited.entries if each["event"] == "glass-broken"]
        assert recorded == [(at.audited.pseudonyms.audited("w1"), ["search", reason])]
        assert f'plek_glass_broken_total{{limit="search",reason="{reason}"}} 1.0' in at.metrics.page().decode()
        [alert] = (await at.call("get", "/v1/alarms", at.callers.coordinator("R07"))).json()["alarms"]
        expected = {"what": "glass", "reason": reason, "desk": "crisis-oost", "region": "R07", "count": 1}
        assert {name: alert[name] for name in expected} == expected


async def test_broken_glass_of_a_person_is_one_line_an_hour(tmp_path: Path) -> None:
    """Broken glass of a person is one alert an hour, with its count and last reason; each is in the audit log and the metrics."""
    async with _usual(tmp_path, alarm_at=NO_ALARM) as at:
        at.folded.now -= at.folded.now % 3_600_000
        for name, times in (("w1", 23), ("w2", 21)):
            for number in range(times):
                reason = "other" if number < 22 else "colleague_away"
                await at.search(at.callers.worker(name), SINGLE, break_glass=reason)
        listed = (await at.call("get", "/v1/alarms", at.callers.coordinator("R07"))).json()["alarms"]
        assert sorted((each["count"], each["reason"]) for each in listed) == [(1, "other"), (3, "colleague_away")]
        assert len([each for each in at.audited.entries if each["event"] == "glass-broken"]) == 4
        assert 'plek_alarms_total{what="glass"} 4.0' in at.metrics.page().decode()
        await at.later(3_600_000)
        await at.search(at.callers.worker(), SINGLE, break_glass="other")
        listed = (await at.call("get", "/v1/alarms", at.callers.coordinator("R07"))).json()["alarms"]
        assert [each["count"] for each in listed] in ([1, 1, 3], [1, 3, 1])


async def test_a_reason_within_the_limit_breaks_nothing(tmp_path: Path) -> None:
    """A search with a reason that was not needed is charged like any other, and no entry and no alert is made of it."""
    async with _usual(tmp_path) as at:
        await at.search(break_glass="other")
        assert [each for each in at.audited.entries if each["event"] == "glass-broken"] == []
        assert await _left(at, "search") == 19


async def test_a_reason_that_is_none_of_ours_is_refused(tmp_path: Path) -> None:
    """A reason of free text is invalid."""
    async with _usual(tmp_path) as at:
        answer = await at.call("post", "/v1/searches", at.callers.worker(), SINGLE | {"break_glass": "mrs Jansen is here"})
        assert [error["pointer"] for error in answer.json()["errors"]] == ["/break_glass"]


async def test_a_hold_beyond_the_limit_breaks_the_glass_as_well(tmp_path: Path) -> None:
    """A worker beyond the limit of holds holds the next place with a reason."""
    async with desks(tmp_path, often=OFTEN | {"hold": DEFAULT_RATES.of["hold"]}, alarm_at=NO_ALARM) as at:
        await at.shelters("berk")
        for _ in range(6):
            held = await at.hold((await at.search())["offers"][0]["offer"])
            await at.call("delete", f"/v1/holds/{held.json()['hold']}", at.callers.worker())
        offer = (await at.search())["offers"][0]["offer"]
        refused = await at.hold(offer, key="k1")
        assert (kind(refused), refused.json()["limit"]) == ((429, "too-many"), "hold")
        body = {"offer": offer, "break_glass": "several_needs"}
        assert (await at.call("post", "/v1/holds", at.callers.worker(), body, "k1")).status_code == 201


async def test_a_script_that_goes_on_is_stopped_at_120(tmp_path: Path) -> None:
    """A script with a reason in every request has 120 answers an hour; the next is refused with where to phone."""
    async with _usual(tmp_path, alarm_at=NO_ALARM) as at:
        for number in range(120):
            answer = await at.client.post("/v1/searches", headers=at.callers.worker(), json=SINGLE | {"break_glass": "other"})
            assert answer.status_code == 200, number
        stopped = await at.call("post", "/v1/searches", at.callers.worker(), SINGLE | {"break_glass": "other"})
        assert kind(stopped) == (429, "hard-limit")
        assert (stopped.json()["duty_list"], stopped.json()["limit"]) == ("/v1/duty-list", "request")
        assert 3_500 < int(stopped.headers["Retry-After"]) <= 3_600
        assert (await at.call("post", "/v1/searches", at.callers.worker("w2"), SINGLE)).status_code == 200


async def test_a_fallback_is_logged_beyond_every_limit(tmp_path: Path) -> None:
    """A fallback is logged for a person whose searches are stopped for the hour."""
    async with desks(tmp_path, per_hour=1, alarm_at=NO_ALARM) as at:
        await at.search()
        assert kind(await at.call("post", "/v1/searches", at.callers.worker(), SINGLE)) == (429, "hard-limit")
        hotel = SINGLE | {"accommodation": "hotel", "reason": "nothing_free"}
        assert (await at.call("post", "/v1/fallbacks", at.callers.worker(), hotel)).status_code in {200, 201, 202}


async def test_glass_is_not_broken_without_an_audit_entry(tmp_path: Path) -> None:
    """While the audit log is away such a request is not answered and costs nothing; sent again it breaks the glass."""
    async with desks(tmp_path, often=OFTEN | {"search": DEFAULT_RATES.of["search"]}, alarm_at=NO_ALARM) as at:
        for _ in range(20):
            await at.search()
        at.audited.log.away = True
        body = SINGLE | {"break_glass": "other"}
        refused = await at.call("post", "/v1/searches", at.callers.worker(), body, "k1")
        assert refused.status_code == 503
        at.audited.log.away = False
        await until(lambda: at.audited.writer.ready)
        assert (await at.call("post", "/v1/searches", at.callers.worker(), body, "k1")).status_code == 200
        assert [each["what"] for each in at.audited.entries if each["event"] == "glass-broken"] == [["search", "other"]]


async def test_half_of_the_limits_in_a_time_of_threat(tmp_path: Path) -> None:
    """With a rate share of a half ten searches are answered at once, and the eleventh is refused."""
    async with _usual(tmp_path, alarm_at=NO_ALARM, disclosure=Disclosure(strict_until=date.max - timedelta(days=2))) as at:
        answers = [await at.call("post", "/v1/searches", at.callers.worker(), SINGLE) for _ in range(11)]
        assert [answer.status_code for answer in answers] == [200] * 10 + [429]


async def test_a_call_list_is_paid_as_a_hold(tmp_path: Path) -> None:
    """A call list names shelters, so it is charged as a hold, once a request; beyond the limit it needs a reason."""
    async with desks(tmp_path, often=OFTEN | {"hold": DEFAULT_RATES.of["hold"]}, alarm_at=NO_ALARM) as at:
        await at.shelters("berk")
        await at.later(9 * 3_600_000)
        assert await _left(at, "hold") == 6
        listed = await at.search(call_first=True)
        assert await _left(at, "hold") == (5 if listed["call_first"]["listed"] else 6)
