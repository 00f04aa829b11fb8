"""`/v1/holds`: a worker is answered with what the log decided, once."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from services.adapters.auth.rate_limits import Rate
from services.api.read_model.data_age import format_ms
from tests.api.conftest import kind
from tests.api.desks import OFTEN, Desks, desks
from tests.sent import asked, declared, event, registered, uuid
from tests.waiting import until

MINUTE = 60_000
HOUR = 60 * MINUTE


@pytest_asyncio.fixture
async def at(tmp_path: Path) -> AsyncIterator[Desks]:
    """Open an API."""
    async with desks(tmp_path) as opened:
        yield opened


@pytest_asyncio.fixture
async def hasty(tmp_path: Path) -> AsyncIterator[Desks]:
    """Open an API that does not wait long for a decision."""
    async with desks(tmp_path, patience_s=0.05) as opened:
        yield opened


@pytest_asyncio.fixture
async def rare(tmp_path: Path) -> AsyncIterator[Desks]:
    """Open an API with a limit of one hold an hour."""
    async with desks(tmp_path, patience_s=0.05, often=OFTEN | {"hold": Rate(1)}) as opened:
        yield opened


async def _offer(at: Desks, who: dict[str, str] | None = None) -> str:
    offer: str = (await at.search(who))["offers"][0]["offer"]
    return offer


async def _held(at: Desks) -> str:
    """Hold the unit of a new shelter that has one."""
    await at.shelters("berk")
    answer = await at.hold(await _offer(at))
    assert answer.status_code == 201, answer.text
    hold: str = answer.json()["hold"]
    return hold


async def _hold(at: Desks, hold: str, who: dict[str, str] | None = None) -> httpx.Response:
    return await at.call("get", f"/v1/holds/{hold}", who or at.callers.worker())


async def test_a_granted_hold_shows_where_to_call(at: Desks) -> None:
    """A granted hold shows region, intake phone, kind and end, never the shelter or its unit; its audit entry is written before."""
    await at.shelters("berkenhof")
    answer = await at.hold(await _offer(at))
    found = answer.json()
    assert (answer.status_code, found["status"], found["region"], found["intake_phone"]) == (201, "granted", "R07", "0800-000001")
    assert (found["kind"], found["until"]) == ("crisis", format_ms(at.folded.now + 30 * MINUTE))
    assert at.audited.told[-1] == ("hold-asked", "success", ["berkenhof", found["hold"]])
    assert not re.search("berken|u1", answer.text)


async def test_a_hold_says_up_to_when_it_is_known_to_be_so(at: Desks) -> None:
    """Read while nothing is written to the view, a hold has the time of the view, and not that of the question."""
    hold = await _held(at)
    fresh = (await _hold(at, hold)).json()["as_of"]
    assert fresh == format_ms(at.folded.now)
    at.folded.now += 20_000
    assert (await _hold(at, hold)).json()["as_of"] == fresh


async def test_the_request_in_the_log_holds_no_more_than_it_must(at: Desks) -> None:
    """A request in the log has the household in numbers, its needs, the desk to call back, and a pseudonym, and nothing of the search."""
    await at.shelters("berk")
    found = await at.search(kinds=["crisis"])
    await at.hold(found["offers"][0]["offer"])
    [asked] = at.log.said("hold-requested")
    assert (asked["adults"], asked["children"], asked["kinds"], asked["ttl_seconds"]) == (1, 2, ["crisis"], 1_800)
    assert (asked["desk"], asked["asked_by"]) == ("crisis-oost", at.sending.pseudonyms.asked_by("w1"))
    [made] = at.log.said("search-made")
    assert made["search"] not in str(asked)


async def test_a_search_that_was_held_has_ended(at: Desks) -> None:
    """When an offer is held, the end of its search is logged once."""
    await _held(at)
    await until(lambda: [end["outcome"] for end in at.log.said("search-ended")] == ["held"])


async def test_a_request_that_is_too_late_has_the_reason_and_fresh_offers(at: Desks) -> None:
    """A request for a place that was taken is answered with the reason and with fresh offers of the same search."""
    await at.shelters("berk")
    one, other = await _offer(at), await _offer(at, at.callers.worker("w2"))
    await at.shelters("den")
    assert (await at.hold(one)).status_code == 201
    taken = await at.hold(other, at.callers.worker("w2"))
    assert (kind(taken), taken.json()["reason"]) == ((409, "taken"), "no_free_unit")
    found = (await _hold(at, taken.json()["hold"], at.callers.worker("w2"))).json()
    assert (found["status"], found["reason"]) == ("refused", "no_free_unit")
    [fresh] = taken.json()["offers"]
    assert (await at.hold(fresh["offer"], at.callers.worker("w2"))).status_code == 201


async def test_a_shelter_that_paused_its_intake_meanwhile_refuses(at: Desks) -> None:
    """A refusal has the reason `intake_paused`; where nothing else fits, its near misses are shown."""
    await at.shelters("berk")
    offer = await _offer(at)
    await at.say(event("intake-paused", reason="staffing"))
    refused = (await at.hold(offer)).json()
    assert (refused["reason"], refused["offers"], refused["misses"][0]["condition"]) == ("intake_paused", [], "paused")


@pytest.mark.parametrize("token", ["x", "A" * 40, "A" * 2_000])
async def test_what_is_no_offer_of_the_caller_is_over(at: Desks, token: str) -> None:
    """An offer that is made up, of another caller, a search, or older than ten minutes has one answer: `offer-over`."""
    await at.shelters("berk")
    assert kind(await at.hold(token)) == (410, "offer-over")
    offer = await _offer(at)
    assert kind(await at.hold(offer, at.callers.worker("w2"))) == (410, "offer-over")
    assert kind(await at.hold((await at.search())["search"])) == (410, "offer-over")
    await at.later(10 * MINUTE)
    assert kind(await at.hold(offer)) == (410, "offer-over")


async def test_a_search_has_one_live_hold(at: Desks) -> None:
    """A search has one live hold; another offer of it can be held when the first hold is given back."""
    await at.shelters("berk")
    await at.shelters("den", kind="emergency")
    one, other = (offer["offer"] for offer in (await at.search())["offers"])
    hold = (await at.hold(one)).json()["hold"]
    assert kind(await at.hold(other)) == (409, "search-held")
    assert (await at.call("delete", f"/v1/holds/{hold}", at.callers.worker())).status_code == 200
    assert (await at.hold(other)).status_code == 201


async def test_two_requests_at_once_after_a_hold_was_given_back_are_one_hold(at: Desks) -> None:
    """Of two requests that read that the search's first hold is over one takes its place; the other is refused and not charged."""
    await at.shelters("berk", "den")
    await at.shelters("els", kind="emergency")
    one, two, *_ = [offer["offer"] for offer in (await at.search())["offers"]]
    hold = (await at.hold(one)).json()["hold"]
    await at.call("delete", f"/v1/holds/{hold}", at.callers.worker())
    found = await asyncio.gather(at.hold(one, key="k1"), at.hold(two, key="k2"))
    assert sorted(answer.status_code for answer in found) == [201, 409], [answer.text for answer in found]
    assert len(at.log.said("hold-requested")) == 2


async def test_a_worker_without_a_desk_requests_no_hold(at: Desks) -> None:
    """A worker without a desk is refused with `no-desk`: no shelter could call back, and the log would not take it."""
    await at.shelters("berk")
    who = at.callers.signed(sub="w3", role="worker", regions=["R07"])
    assert kind(await at.hold(await _offer(at, who), who)) == (403, "no-desk")


async def _undecided(at: Desks) -> str:
    await at.shelters("berk")
    offer = await _offer(at)
    at.log.stalled = True
    answer = await at.hold(offer)
    assert (answer.status_code, answer.json()["status"]) == (202, "pending")
    assert answer.headers["location"] == f"/v1/holds/{answer.json()['hold']}"
    hold: str = answer.json()["hold"]
    return hold


async def test_without_a_decision_the_answer_is_pending(hasty: Desks) -> None:
    """A request without a decision is pending, also when it is read, and does not exist for another worker."""
    hold = await _undecided(hasty)
    assert (await _hold(hasty, hold)).status_code == 202
    assert kind(await _hold(hasty, hold, hasty.callers.worker("w2"))) == (403, "forbidden")
    hasty.log.stalled = False
    await hasty.log.catch_up()
    found = await _hold(hasty, hold)
    assert (found.status_code, found.json()["status"], found.json()["region"]) == (200, "granted", "R07")
    await hasty.later(2 * MINUTE)
    await hasty.holds.abandoned.release()
    assert (await _hold(hasty, hold)).json()["status"] == "granted"


async def test_a_request_that_is_not_read_for_a_minute_is_given_up(hasty: Desks) -> None:
    """The release is behind the request in the log, so that the hold can't outlive it; a request that is read goes on waiting."""
    hold = await _undecided(hasty)
    await hasty.later(59_000 - 2_000)
    assert (await _hold(hasty, hold)).status_code == 202
    await hasty.later(59_000)
    await hasty.holds.abandoned.release()
    assert hasty.log.said("hold-released") == []
    await hasty.later(1_000)
    assert (await _hold(hasty, hold)).status_code == 202  # so close to the end nothing is promised
    await hasty.holds.abandoned.release()
    assert [said["hold"] for said in hasty.log.said("hold-released")] == [hold]
    hasty.log.stalled = False
    await hasty.log.catch_up()
    found = (await _hold(hasty, hold)).json()
    assert (found["status"], found["why_en"]) == ("released", "Released: not asked after for a minute")
    assert (await hasty.search())["offers"] != []


async def test_an_undecided_request_can_be_neither_extended_nor_released(hasty: Desks) -> None:
    """An undecided request is refused with `hold-undecided` when it is released or extended."""
    hold = await _undecided(hasty)
    for method, path in (("delete", f"/v1/holds/{hold}"), ("post", f"/v1/holds/{hold}/extend")):
        assert kind(await hasty.call(method, path, hasty.callers.worker())) == (409, "hold-undecided")


async def test_a_search_with_an_undecided_hold_gets_no_other(hasty: Desks) -> None:
    """While one request of a search is undecided, another one is refused with `search-held`."""
    await hasty.shelters("berk")
    await hasty.shelters("den", kind="emergency")
    one, other = (offer["offer"] for offer in (await hasty.search())["offers"])
    hasty.log.stalled = True
    assert (await hasty.hold(one)).status_code == 202
    assert kind(await hasty.hold(other)) == (409, "search-held")


async def test_a_hold_given_back_stays_so(at: Desks) -> None:
    """A release that is sent again has the same answer, and a released hold can't be extended."""
    hold = await _held(at)
    for _ in range(2):
        released = await at.call("delete", f"/v1/holds/{hold}", at.callers.worker())
        assert (released.status_code, released.json()["status"]) == (200, "released")
    assert len(at.log.said("hold-released")) == 1
    over = await at.call("post", f"/v1/holds/{hold}/extend", at.callers.worker())
    assert (kind(over), over.json()["hold_status"]) == ((409, "hold-over"), "released")


async def test_giving_holds_back_raises_an_alert(at: Desks) -> None:
    """The fourth hold that is given back raises one alert: each showed a telephone number. One that a shelter accepted does not count."""
    await at.shelters("berk")
    for number in range(6):
        hold = (await at.hold(await _offer(at))).json()["hold"]
        if number == 0:
            await at.call("post", f"/v1/holds/{hold}/accept", at.callers.shelter("berk"))
        for _ in range(2):
            await at.call("delete", f"/v1/holds/{hold}", at.callers.worker())
        raised = [(each["role"], each["what"]) for each in at.audited.entries if each["event"] == "alarm-raised"]
        assert raised == ([("worker", ["holds"])] if number >= 4 else [])
    assert 'plek_alarms_total{what="holds"} 1.0' in at.metrics.page().decode()


@pytest.mark.parametrize("hold", ["nothing", "00000000-0000-4000-8000-000000000000"])
async def test_forbidden_and_not_there_are_one_answer(at: Desks, hold: str) -> None:
    """A worker of another desk gets the same bytes for both: to read, release, extend and take over."""
    existing, stranger = await _held(at), at.callers.worker("w2", "crisis-west")
    for method, path in (("get", ""), ("delete", ""), ("post", "/extend"), ("post", "/take-over")):
        forbidden, missing = [
            await at.call(method, f"/v1/holds/{each}{path}", stranger) for each in (existing, hold)
        ]  # fmt: skip
        assert kind(forbidden) == (403, "forbidden")
        assert forbidden.content == missing.content


async def test_the_log_away_is_no_hold(at: Desks) -> None:
    """While the log is away a request is refused with 503; sent again later it makes its hold."""
    await at.shelters("berk")
    offer = await _offer(at)
    at.log.away = True
    assert kind(await at.hold(offer, key="k1")) == (503, "kafka-away")
    at.log.away = False
    assert (await at.hold(offer, key="k1")).status_code == 201


async def test_a_shelter_accepts(at: Desks) -> None:
    """An accepted household has twelve hours to come, the worker reads that, and accepting twice changes nothing."""
    hold = await _held(at)
    for _ in range(2):
        accepted = await at.call("post", f"/v1/holds/{hold}/accept", at.callers.shelter("berk"))
        assert (accepted.status_code, accepted.json()["accepted"]) == (200, True)
        assert (accepted.json()["desk"], accepted.json()["children"]) == ("crisis-oost", 2)
    assert len(at.log.said("hold-accepted")) == 2  # one event: its id is the same
    found = (await _hold(at, hold)).json()
    assert (found["accepted"], found["until"]) == (True, format_ms(at.folded.now + 12 * HOUR))


async def test_a_shelter_declines_with_a_code(at: Desks) -> None:
    """A declined hold is over: accepting it is refused, and declining it again changes nothing."""
    hold = await _held(at)
    for _ in range(2):
        declined = await at.call("post", f"/v1/holds/{hold}/decline", at.callers.shelter("berk"), {"reason": "safety"})
        assert (declined.status_code, declined.json()["status"]) == (200, "declined")
    assert "close_unit" not in declined.json()
    over = await at.call("post", f"/v1/holds/{hold}/accept", at.callers.shelter("berk"))
    assert (kind(over), over.json()["hold_status"]) == ((409, "hold-over"), "declined")


async def test_a_hold_that_was_over_before_it_was_read_is_shown(at: Desks) -> None:
    """A hold that was granted and declined between two reads of the view is shown to its worker, and its shelter may decline it again."""
    await at.shelters("berk")
    await at.search()
    hold, person = uuid(1), at.sending.pseudonyms.asked_by("w1")
    await at.say(asked(person), event("hold-declined", hold=hold, reason="safety"))
    found = await _hold(at, hold)
    assert (found.status_code, found.json()["status"], found.json()["declined_because"]) == (200, "declined", "safety")
    [listed] = (await at.call("get", "/v1/holds", at.callers.worker())).json()["holds"]
    assert (listed["hold"], listed["status"]) == (hold, "declined")
    again = await at.call("post", f"/v1/holds/{hold}/decline", at.callers.shelter("berk"), {"reason": "safety"})
    assert (again.status_code, again.json()["status"]) == (200, "declined")
    assert kind(await at.call("post", f"/v1/holds/{hold}/accept", at.callers.shelter("berk"))) == (409, "hold-over")


async def test_an_unfit_unit_can_be_closed_with_the_answer(at: Desks) -> None:
    """A decline of an unfit unit proposes to close it, or closes it; the hold is declined then, and not overtaken by the closing."""
    hold = await _held(at)
    shelter, path = at.callers.shelter("berk"), f"/v1/holds/{hold}/decline"
    asked = await at.call("post", path, shelter, {"reason": "unit_unfit"})
    assert (asked.json()["status"], asked.json()["close_unit"]["unit"]) == ("declined", "u1")
    second = (await at.hold(await _offer(at))).json()["hold"]
    closed = await at.call("post", f"/v1/holds/{second}/decline", shelter, {"reason": "unit_unfit", "close_unit": "maintenance"})
    assert closed.json()["status"] == "declined"
    assert (await at.search())["misses"][0]["condition"] == "closed"
    assert kind(await at.call("post", path, shelter, {"reason": "full", "close_unit": "maintenance"})) == (400, "invalid")


@pytest.mark.parametrize("path", ["accept", "decline"])
async def test_only_its_shelter_answers(at: Desks, path: str) -> None:
    """Another shelter, and a worker, can't answer a hold."""
    hold = await _held(at)
    for who in (at.callers.shelter("den"), at.callers.worker(), at.callers.coordinator("R07")):
        assert kind(await at.call("post", f"/v1/holds/{hold}/{path}", who, {"reason": "full"})) == (403, "forbidden")


async def test_without_an_audit_entry_nothing_is_answered(at: Desks) -> None:
    """While the audit log is away no hold is requested or shown; when it is back they are."""
    await at.shelters("berk")
    offer = await _offer(at)
    at.audited.log.away = True
    assert kind(await at.hold(offer, key="k1")) == (503, "data-unavailable")
    assert at.log.said("hold-requested") == []
    at.audited.log.away = False
    await until(lambda: at.audited.writer.ready)
    hold = (await at.hold(offer, key="k1")).json()["hold"]
    at.audited.log.away = True
    assert kind(await _hold(at, hold)) == (503, "data-unavailable")


async def test_two_units_are_two_winners(at: Desks) -> None:
    """Of twenty requests at once for two places two are granted, and eighteen are answered that the place is taken."""
    await at.say(registered(), declared("u1"), declared("u2"))
    workers = [at.callers.worker(f"w{number}") for number in range(20)]
    offers = [await _offer(at, who) for who in workers]
    answers = await asyncio.gather(*(at.hold(offer, who) for offer, who in zip(offers, workers, strict=True)))
    assert sorted(answer.status_code for answer in answers) == [201] * 2 + [409] * 18
