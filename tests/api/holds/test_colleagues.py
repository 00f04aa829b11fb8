"""Colleagues of a desk see its live holds and take one over; to all others a hold does not exist."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from services.adapters.rfc3339 import show
from services.api.holds.owner_store import MemoryHoldOwners
from tests.api.conftest import kind
from tests.api.desks import Desks, desks
from tests.api.live.test_live import Ear
from tests.sent import admitted, asked, event, uuid
from tests.waiting import until

MINUTE = 60_000


@pytest_asyncio.fixture
async def at(tmp_path: Path) -> AsyncIterator[Desks]:
    """Open an API at which giving back twice raises an alert."""
    async with desks(tmp_path, alarm_at=2) as opened:
        yield opened


async def _held(at: Desks, *, shelter: str = "berk", who: dict[str, str] | None = None) -> str:
    """Hold a unit of a new shelter, as the first worker unless another is given."""
    await at.shelters(shelter)
    answer = await at.hold((await at.search(who))["offers"][0]["offer"], who)
    assert answer.status_code == 201, answer.text
    hold: str = answer.json()["hold"]
    return hold


async def _listed(at: Desks, who: dict[str, str]) -> dict[str, dict[str, Any]]:
    answer = await at.call("get", "/v1/holds", who)
    return {hold["hold"]: hold for hold in answer.json()["holds"]}


async def _take_over(at: Desks, hold: str, who: dict[str, str]) -> httpx.Response:
    return await at.call("post", f"/v1/holds/{hold}/take-over", who)


async def test_a_colleague_sees_a_live_hold_and_whom_to_phone(at: Desks) -> None:
    """A colleague reads a live hold in the list and by its id, with the phone and `mine` false, and nothing to go on searching with."""
    hold, colleague = await _held(at), at.callers.worker("w2")
    found = (await _listed(at, colleague))[hold]
    assert (found["mine"], found["status"], found["region"], found["intake_phone"]) == (False, "granted", "R07", "0800-000001")
    assert at.audited.told[-1] == ("holds-shown", "success", ["berk", hold])
    assert (await at.call("get", f"/v1/holds/{hold}", colleague)).json() == found
    assert {"search", "offer"}.isdisjoint(found)
    assert (await _listed(at, at.callers.worker()))[hold]["mine"] is True


@pytest.mark.parametrize(("desk", "regions"), [("crisis-west", ("R07",)), ("crisis-oost", ("R01",)), ("crisis-oost", ())])
async def test_a_worker_of_another_desk_or_region_sees_nothing(at: Desks, desk: str, regions: tuple[str, ...]) -> None:
    """For a worker of another desk or region a hold does not exist, and can't be taken over."""
    hold, stranger = await _held(at), at.callers.worker("w2", desk, regions)
    assert await _listed(at, stranger) == {}
    assert kind(await at.call("get", f"/v1/holds/{hold}", stranger)) == (403, "forbidden")
    assert kind(await _take_over(at, hold, stranger)) == (403, "forbidden")
    assert at.audited.told[-1] == ("hold-taken-over", "refused", [])


async def test_a_hold_that_is_over_is_no_colleagues(at: Desks) -> None:
    """A hold that is over is shown to the worker who had it, and not to colleagues."""
    hold, colleague = await _held(at), at.callers.worker("w2")
    await at.later(30 * MINUTE)
    assert await _listed(at, colleague) == {}
    assert kind(await at.call("get", f"/v1/holds/{hold}", colleague)) == (403, "forbidden")
    assert kind(await _take_over(at, hold, colleague)) == (403, "forbidden")
    assert kind(await _take_over(at, hold, at.callers.worker())) == (409, "hold-over")


async def test_a_hold_is_taken_over(at: Desks) -> None:
    """A hold that was taken over is extended and released by its new worker; the first worker sees it as a colleague's."""
    hold, first, colleague = await _held(at), at.callers.worker(), at.callers.worker("w2")
    taken = await _take_over(at, hold, colleague)
    assert (taken.status_code, taken.json()["mine"], taken.json()["intake_phone"]) == (200, True, "0800-000001")
    assert at.audited.told[-1] == ("hold-taken-over", "success", ["berk", hold])
    assert (await _take_over(at, hold, colleague)).status_code == 200
    assert ((await _listed(at, colleague))[hold]["mine"], (await _listed(at, first))[hold]["mine"]) == (True, False)
    await at.later(20 * MINUTE)
    assert (await at.call("post", f"/v1/holds/{hold}/extend", colleague)).json()["extended"] is True
    assert (await at.call("delete", f"/v1/holds/{hold}", colleague)).json()["mine"] is True
    assert (await _listed(at, colleague))[hold]["why_en"] == "Released"
    assert ((await _listed(at, first))[hold]["mine"], (await _listed(at, first))[hold]["why"]) == (False, "released")
    assert (await at.call("get", f"/v1/holds/{hold}", first)).json()["status"] == "released"


async def test_the_first_worker_sees_for_a_day_what_became_of_a_hold_taken_over(at: Desks) -> None:
    """An accepted hold that was taken over stays listed when its household is admitted, and is nothing to a third colleague."""
    hold, first, colleague = await _held(at), at.callers.worker(), at.callers.worker("w2")
    await _take_over(at, hold, colleague)
    await at.say(event("hold-accepted", hold=hold))
    assert (await _listed(at, first))[hold]["accepted"] is True
    began = show(at.folded.now * 1_000_000)
    await at.say(admitted() | {"data": admitted()["data"] | {"adults": 1, "children": 2, "occurred_at": began, "hold": hold}})
    for who, mine in ((first, False), (colleague, True)):
        found = (await _listed(at, who))[hold]
        assert (found["mine"], found["why"]) == (mine, "fulfilled")
    assert await _listed(at, at.callers.worker("w3")) == {}
    await at.later(36 * 60 * MINUTE)
    assert await _listed(at, first) == {}


async def test_a_colleagues_hold_is_not_changed(at: Desks) -> None:
    """A colleague's hold must be taken over before it is extended or released, also by the worker who requested it."""
    hold, first, colleague = await _held(at), at.callers.worker(), at.callers.worker("w2")
    for method, path in (("post", f"/v1/holds/{hold}/extend"), ("delete", f"/v1/holds/{hold}")):
        assert kind(await at.call(method, path, colleague)) == (409, "colleague-has-it")
    await _take_over(at, hold, colleague)
    assert kind(await at.call("delete", f"/v1/holds/{hold}", first)) == (409, "colleague-has-it")
    assert (await _take_over(at, hold, first)).status_code == 200
    assert (await at.call("delete", f"/v1/holds/{hold}", first)).status_code == 200


async def test_of_two_who_take_over_at_once_one_has_it(at: Desks) -> None:
    """Of two colleagues who take a hold over at once one has it afterwards."""
    hold, others = await _held(at), [at.callers.worker(name) for name in ("w2", "w3")]
    answers = await asyncio.gather(*(_take_over(at, hold, who) for who in others))
    assert {answer.status_code for answer in answers} <= {200, 409}
    mine = [(await _listed(at, who))[hold]["mine"] for who in others]
    assert sorted(mine) == [False, True]


async def test_a_hold_that_waits_counts_for_both(at: Desks) -> None:
    """Two holds that wait count for the worker who requested them and for the one who took them over: taking turns gives no more."""
    holds = [await _held(at, shelter=name) for name in ("berk", "den")]
    colleague = at.callers.worker("w2")
    for hold in holds:
        assert (await _take_over(at, hold, colleague)).status_code == 200
    await at.shelters("els")
    for who in (at.callers.worker(), colleague):
        full = await at.hold((await at.search(who))["offers"][0]["offer"], who)
        assert (kind(full), full.json()["most"]) == ((409, "too-many-holds"), 2)
    await at.call("post", f"/v1/holds/{holds[0]}/accept", at.callers.shelter("berk"))
    assert (await at.hold((await at.search(colleague))["offers"][0]["offer"], colleague)).status_code == 201


async def test_releasing_what_was_taken_over_is_counted(at: Desks) -> None:
    """A hold given back before a shelter accepted it counts for the worker who gives it back, also when a colleague requested it."""
    for name in ("berk", "den"):
        hold = await _held(at, shelter=name)
        await _take_over(at, hold, at.callers.worker("w2"))
        assert (await at.call("delete", f"/v1/holds/{hold}", at.callers.worker("w2"))).status_code == 200
    assert [each["what"] for each in at.audited.entries if each["event"] == "alarm-raised"] == [["holds"]]


async def test_both_hear_of_a_hold_that_was_taken_over(at: Desks) -> None:
    """Both workers are notified of a take-over and of the shelter's answer, also after a stream was away; a third colleague is not."""
    hold, first, colleague = await _held(at), at.callers.worker(), at.callers.worker("w2")
    async with Ear(at.app, first) as one, Ear(at.app, colleague) as other, Ear(at.app, at.callers.worker("w3")) as third:
        before = one.last
        await _take_over(at, hold, colleague)
        await until(lambda: len(one.of("hold")) == len(other.of("hold")) == 1)
        await at.say(event("hold-accepted", hold=hold))
        await until(lambda: all(ear.of("hold")[-1]["accepted"] for ear in (one, other)))
        assert third.of("hold") == []
    async with Ear(at.app, first | {"Last-Event-ID": before}) as again:
        assert {news["hold"] for news in again.of("hold")} == {hold}


async def test_without_stored_owners_a_hold_is_its_first_workers(at: Desks) -> None:
    """Where owners were emptied, a hold is that of the worker whom the log names, and colleagues do not see it (ADR 36)."""
    hold, colleague = await _held(at), at.callers.worker("w2")
    await _take_over(at, hold, colleague)
    owners = at.holds.holds.ownership.owners
    assert isinstance(owners, MemoryHoldOwners)
    owners._owners.clear()
    assert (await _listed(at, at.callers.worker()))[hold]["mine"] is True
    assert await _listed(at, colleague) == {}


async def test_a_hold_that_was_logged_without_the_api_has_no_colleagues(at: Desks) -> None:
    """A hold without a stored owner has no regions, so no colleague sees it."""
    await at.shelters("berk")
    await at.say(asked(at.sending.pseudonyms.asked_by("w1")))
    assert set(await _listed(at, at.callers.worker())) == {uuid(1)}
    assert await _listed(at, at.callers.worker("w2")) == {}


async def _undecided(at: Desks) -> str:
    """Request a hold that is decided only after the worker was answered that it is pending."""
    await at.shelters("berk")
    offer = (await at.search())["offers"][0]["offer"]
    at.log.stalled = True
    hold: str = (await at.hold(offer)).json()["hold"]
    at.log.stalled = False
    await at.log.catch_up()
    return hold


async def _after_a_minute(at: Desks) -> None:
    await at.later(61_000)
    await at.holds.abandoned.release()


async def test_a_hold_taken_over_before_its_first_worker_read_it_is_not_given_up(tmp_path: Path) -> None:
    """A granted hold that is taken over is kept for its half hour, also where the first worker never read that it was granted."""
    async with desks(tmp_path, patience_s=0.1) as at:
        hold, colleague = await _undecided(at), at.callers.worker("w2")
        assert (await _take_over(at, hold, colleague)).status_code == 200
        assert (await at.call("get", f"/v1/holds/{hold}", at.callers.worker())).json()["mine"] is False
        await _after_a_minute(at)
        found = (await at.call("get", f"/v1/holds/{hold}", colleague)).json()
        assert (found["mine"], found["status"]) == (True, "granted")


async def test_a_hold_that_was_given_up_is_not_taken_over(tmp_path: Path) -> None:
    """A hold that is released in a moment can't be taken over."""
    async with desks(tmp_path, patience_s=0.1) as at:
        hold, colleague = await _undecided(at), at.callers.worker("w2")
        await at.later(59_000)
        assert kind(await _take_over(at, hold, colleague)) == (409, "hold-undecided")


async def test_a_hold_that_its_worker_saw_in_the_list_is_not_given_up(tmp_path: Path) -> None:
    """A hold that its worker read in the list, with phone and end, is confirmed and not given up."""
    async with desks(tmp_path, patience_s=0.1) as at:
        hold = await _undecided(at)
        assert (await _listed(at, at.callers.worker()))[hold]["status"] == "granted"
        await _after_a_minute(at)
        assert (await _listed(at, at.callers.worker()))[hold]["status"] == "granted"


async def test_a_hold_that_only_a_colleague_saw_in_the_list_is_given_up(tmp_path: Path) -> None:
    """A colleague who reads the list does not confirm a hold: it is given up after a minute."""
    async with desks(tmp_path, patience_s=0.1) as at:
        hold = await _undecided(at)
        assert hold in await _listed(at, at.callers.worker("w2"))
        await _after_a_minute(at)
        assert (await _listed(at, at.callers.worker()))[hold]["status"] == "released"
