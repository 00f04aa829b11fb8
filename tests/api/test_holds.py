"""/v1/holds: what the log decides is what is told, once, to the one who asked."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from services.adapters.rates import Rate
from services.api.standing import shown
from tests.api.conftest import kind
from tests.api.desks import OFTEN, Desks, desks
from tests.sent import admitted, asked, declared, event, registered, uuid
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
    """Open an API that names a shelter to nobody twice."""
    async with desks(tmp_path, patience_s=0.05, often=OFTEN | {"name": Rate(1)}) as opened:
        yield opened


async def _offer(at: Desks, who: dict[str, str] | None = None) -> str:
    offer: str = (await at.search(who))["offers"][0]["offer"]
    return offer


async def _held(at: Desks) -> str:
    """Have one shelter with one unit held."""
    await at.shelters("berk")
    answer = await at.hold(await _offer(at))
    assert answer.status_code == 201, answer.text
    hold: str = answer.json()["hold"]
    return hold


async def _hold(at: Desks, hold: str, who: dict[str, str] | None = None) -> httpx.Response:
    return await at.call("get", f"/v1/holds/{hold}", who or at.callers.worker())


async def test_a_granted_hold_tells_where_to_call(at: Desks) -> None:
    """Region, intake phone, kind and how long; written down before it is told. Never the shelter or its unit."""
    await at.shelters("berkenhof")
    answer = await at.hold(await _offer(at))
    found = answer.json()
    assert (answer.status_code, found["status"], found["region"], found["intake_phone"]) == (201, "granted", "R07", "0800-000001")
    assert (found["kind"], found["until"]) == ("crisis", shown(at.folded.now + 30 * MINUTE))
    assert at.audited.told[-1] == ("hold-asked", "success", ["berkenhof", found["hold"]])
    assert not re.search("berken|u1", answer.text)


async def test_the_request_in_the_log_says_no_more_than_it_must(at: Desks) -> None:
    """The household in numbers, what it needs of a unit, the desk to call back, a pseudonym; and nothing of the search."""
    await at.shelters("berk")
    found = await at.search(kinds=["crisis"])
    await at.hold(found["offers"][0]["offer"])
    [asked] = at.log.said("hold-requested")
    assert (asked["adults"], asked["children"], asked["kinds"], asked["ttl_seconds"]) == (1, 2, ["crisis"], 1_800)
    assert (asked["desk"], asked["asked_by"]) == ("crisis-oost", at.holding.sending.pseudonyms.asked_by("w1"))
    [made] = at.log.said("search-made")
    assert made["search"] not in str(asked)


async def test_a_search_that_was_held_has_ended(at: Desks) -> None:
    """Logged beside the answer, once."""
    await _held(at)
    await asyncio.sleep(0)
    assert [end["outcome"] for end in at.log.said("search-ended")] == ["held"]


async def test_who_is_too_late_gets_the_reason_and_fresh_offers(at: Desks) -> None:
    """In the same answer, of the same search."""
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


async def test_a_shelter_that_takes_nobody_in_meanwhile_refuses(at: Desks) -> None:
    """With its reason; nothing else fits, so what nearly fits is told."""
    await at.shelters("berk")
    offer = await _offer(at)
    await at.say(event("intake-paused", reason="staffing"))
    refused = (await at.hold(offer)).json()
    assert (refused["reason"], refused["offers"], refused["misses"][0]["condition"]) == ("intake_paused", [], "paused")


@pytest.mark.parametrize("token", ["x", "A" * 40, "A" * 2_000])
async def test_what_is_no_offer_of_hers_is_over(at: Desks, token: str) -> None:
    """Made up, another's, a search, or older than ten minutes: one answer."""
    await at.shelters("berk")
    assert kind(await at.hold(token)) == (410, "offer-over")
    offer = await _offer(at)
    assert kind(await at.hold(offer, at.callers.worker("w2"))) == (410, "offer-over")
    assert kind(await at.hold((await at.search())["search"])) == (410, "offer-over")
    await at.later(10 * MINUTE)
    assert kind(await at.hold(offer)) == (410, "offer-over")


async def test_a_request_sent_again_holds_once(at: Desks) -> None:
    """Also when the offer is over by then, and when what remembers keys has been emptied."""
    await at.shelters("berk", "den")
    offer = await _offer(at)
    first = await at.hold(offer, key="k1")
    at.holding.sending.retries._known.clear()  # type: ignore[attr-defined]  # as an emptied Redis
    await at.later(10 * MINUTE)
    again = await at.hold(offer, key="k1")
    assert (first.status_code, again.status_code, first.json()["hold"]) == (201, 201, again.json()["hold"])
    assert len((await at.call("get", "/v1/holds", at.callers.worker())).json()["holds"]) == 1


async def test_a_refused_request_sent_again_is_refused_again(at: Desks) -> None:
    """The log has decided it once."""
    await at.shelters("berk")
    offer = await _offer(at)
    await at.say(admitted())
    for _ in range(2):
        assert kind(await at.hold(offer, key="k1")) == (409, "taken")


async def test_the_same_request_takes_one_turn(rare: Desks) -> None:
    """Granted, it names the same again; not decided yet, it names nothing. Another hold of hers must wait."""
    await rare.shelters("berk", "den")
    one, other = [await _offer(rare), await _offer(rare)]
    assert {(await rare.hold(one, key="k1")).status_code for _ in range(3)} == {201}
    waits = await rare.hold(other, key="k2")
    assert (kind(waits), "retry-after" in waits.headers) == ((429, "too-many"), True)
    assert len(rare.log.said("hold-requested")) == 1


async def test_a_request_that_waits_takes_no_other_turn(rare: Desks) -> None:
    """Nobody has decided: asked again it is still the one that had its turn."""
    await rare.shelters("berk")
    offer = await _offer(rare)
    rare.log.stalled = True
    assert {(await rare.hold(offer, key="k1")).status_code for _ in range(3)} == {202}
    rare.log.stalled = False
    await rare.log.catch_up()
    assert (await rare.hold(offer, key="k1")).status_code == 201


async def test_a_request_that_could_not_be_made_takes_no_turn(rare: Desks) -> None:
    """Not written down, or not logged: 503 named nothing, with a key or without; what is held then takes the turn."""
    await rare.shelters("berk", "den")
    one, other = [await _offer(rare), await _offer(rare)]
    rare.audited.log.away = True
    assert kind(await rare.hold(one)) == (503, "phone")
    rare.audited.log.away = False
    await until(lambda: rare.audited.writer.ready)
    rare.log.away = True
    for offer, key in ((one, "k1"), (one, "k1"), (other, None)):
        assert kind(await rare.hold(offer, key=key)) == (503, "kafka-away")
    rare.log.away = False
    assert (await rare.hold(one, key="k1")).status_code == 201
    assert kind(await rare.hold(other)) == (429, "too-many")


async def test_what_was_granted_after_all_takes_the_turn_that_was_given_back(rare: Desks) -> None:
    """The log had it although nobody could tell: asked for again it names a shelter, as any hold."""
    await rare.shelters("berk", "den")
    one, other = [await _offer(rare), await _offer(rare)]
    hold = (await rare.hold(one, key="k1")).json()["hold"]
    note = await rare.holding.notes.was(hold)
    assert note is not None
    await rare.holding.notes.amend(replace(note, paid=False))
    assert kind(await rare.hold(one, key="k1")) == (429, "too-many")
    assert kind(await rare.hold(other)) == (429, "too-many")


@pytest.mark.parametrize(("path", "said"), [("accept", None), ("decline", {"reason": "full"})])
async def test_an_answer_of_the_shelter_gives_the_turn_back(rare: Desks, path: str, said: dict[str, str] | None) -> None:
    """Once, however often it answers: who holds for a household never waits, who only reads telephone numbers does."""
    await rare.shelters("berk", "den")
    offers = [await _offer(rare) for _ in range(3)]
    held = await rare.hold(offers[0])
    shelter = rare.log.said("hold-requested")[0]["shelter"]
    for _ in range(2):
        answer = await rare.call("post", f"/v1/holds/{held.json()['hold']}/{path}", rare.callers.shelter(shelter), said)
        assert answer.status_code == 200
    await rare.call("delete", f"/v1/holds/{held.json()['hold']}", rare.callers.worker())
    assert (await rare.hold(offers[1])).status_code in {201, 409}
    assert kind(await rare.hold(offers[2])) == (429, "too-many")


async def test_fresh_offers_take_a_turn_each_time(rare: Desks) -> None:
    """Who was too late is told what else there is: the same request again would be a search that no rate counts."""
    await rare.shelters("berk")
    offer = await _offer(rare)
    await rare.say(admitted())
    assert kind(await rare.hold(offer, key="k1")) == (409, "taken")
    assert kind(await rare.hold(offer, key="k1")) == (429, "too-many")


async def test_a_search_has_one_live_hold(at: Desks) -> None:
    """Another one of the same search after the first is given back."""
    await at.shelters("berk", "den")
    one, other = (offer["offer"] for offer in (await at.search())["offers"])
    hold = (await at.hold(one)).json()["hold"]
    assert kind(await at.hold(other)) == (409, "search-held")
    assert (await at.call("delete", f"/v1/holds/{hold}", at.callers.worker())).status_code == 200
    assert (await at.hold(other)).status_code == 201


async def test_a_worker_has_two_live_holds(at: Desks) -> None:
    """A third is refused before it is asked for; another worker's are not counted."""
    await at.shelters("berk", "den", "els", "eik")
    offers = [await _offer(at) for _ in range(2)]
    first = await at.hold(offers[0])
    second = await at.hold(await _offer(at))
    assert (first.status_code, second.status_code) == (201, 201)
    third = await at.hold(await _offer(at))
    assert (kind(third), third.json()["most"]) == ((409, "too-many-holds"), 2)
    assert len(at.log.said("hold-requested")) == 2
    assert (await at.hold(await _offer(at, at.callers.worker("w2")), at.callers.worker("w2"))).status_code == 201


async def test_three_requests_at_once_make_two_holds(at: Desks) -> None:
    """None of them sees the others before it asks: the last is given back when they are decided."""
    await at.shelters("berk", "den", "els", "eik", "beuk", "abeel")
    offers = [await _offer(at) for _ in range(3)]
    at.log.stalled = True
    asked = [asyncio.create_task(at.hold(offer)) for offer in offers]
    while len(at.log.said("hold-requested")) < 3:  # noqa: ASYNC110 - until all three stand in the log
        await asyncio.sleep(0.01)
    at.log.stalled = False
    await at.log.catch_up()
    answers = await asyncio.gather(*asked)
    for answer in answers:  # an offer of the same shelter may have been taken by her other hold
        assert answer.status_code == 201 or kind(answer)[1] in ("too-many-holds", "taken")
    listed = (await at.call("get", "/v1/holds", at.callers.worker())).json()["holds"]
    granted = [hold for hold in listed if hold["status"] == "granted"]
    assert len(granted) == sum(answer.status_code == 201 for answer in answers) <= 2


async def test_a_worker_without_a_desk_asks_for_nothing(at: Desks) -> None:
    """No shelter could call her back, and the log would not take it."""
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


async def test_without_a_decision_she_is_told_where_to_look(hasty: Desks) -> None:
    """Pending there too, until it is decided; for nobody else does it exist."""
    hold = await _undecided(hasty)
    assert (await _hold(hasty, hold)).status_code == 202
    assert kind(await _hold(hasty, hold, hasty.callers.worker("w2"))) == (403, "not-yours")
    hasty.log.stalled = False
    await hasty.log.catch_up()
    found = await _hold(hasty, hold)
    assert (found.status_code, found.json()["status"], found.json()["region"]) == (200, "granted", "R07")
    await hasty.later(2 * MINUTE)
    await hasty.holding.give_up()
    assert (await _hold(hasty, hold)).json()["status"] == "granted"


async def test_what_nobody_asks_after_for_a_minute_is_given_up(hasty: Desks) -> None:
    """Its release stands behind it in the log, so that it can't outlive that; who asks goes on waiting."""
    hold = await _undecided(hasty)
    await hasty.later(59_000 - 2_000)
    assert (await _hold(hasty, hold)).status_code == 202
    await hasty.later(59_000)
    await hasty.holding.give_up()
    assert hasty.log.said("hold-released") == []
    await hasty.later(1_000)
    assert (await _hold(hasty, hold)).status_code == 202  # so close to the end nothing is promised
    await hasty.holding.give_up()
    assert [said["hold"] for said in hasty.log.said("hold-released")] == [hold]
    hasty.log.stalled = False
    await hasty.log.catch_up()
    assert (await _hold(hasty, hold)).json()["status"] == "released"
    assert (await hasty.search())["offers"] != []


async def test_an_undecided_request_can_be_neither_extended_nor_released(hasty: Desks) -> None:
    """Ask again: in a moment it is decided."""
    hold = await _undecided(hasty)
    for method, path in (("delete", f"/v1/holds/{hold}"), ("post", f"/v1/holds/{hold}/extend")):
        assert kind(await hasty.call(method, path, hasty.callers.worker())) == (409, "hold-undecided")


async def test_a_search_with_an_undecided_hold_gets_no_other(hasty: Desks) -> None:
    """It may be hers any moment."""
    await hasty.shelters("berk", "den")
    one, other = (offer["offer"] for offer in (await hasty.search())["offers"])
    hasty.log.stalled = True
    assert (await hasty.hold(one)).status_code == 202
    assert kind(await hasty.hold(other)) == (409, "search-held")


async def test_a_hold_is_extended_once(at: Desks) -> None:
    """For half an hour from then; a second time is refused, and says how long it is kept."""
    hold = await _held(at)
    await at.later(20 * MINUTE)
    extended = await at.call("post", f"/v1/holds/{hold}/extend", at.callers.worker())
    until = shown(at.folded.now + 30 * MINUTE)
    assert (extended.json()["until"], extended.json()["extended"]) == (until, True)
    again = await at.call("post", f"/v1/holds/{hold}/extend", at.callers.worker())
    assert (kind(again), again.json()["until"]) == ((409, "extended-already"), until)


async def test_a_hold_given_back_stays_so(at: Desks) -> None:
    """Sent again it is the same; extended it can no longer be."""
    hold = await _held(at)
    for _ in range(2):
        released = await at.call("delete", f"/v1/holds/{hold}", at.callers.worker())
        assert (released.status_code, released.json()["status"]) == (200, "released")
    assert len(at.log.said("hold-released")) == 1
    over = await at.call("post", f"/v1/holds/{hold}/extend", at.callers.worker())
    assert (kind(over), over.json()["hold_status"]) == ((409, "hold-over"), "released")


async def test_who_gives_holds_back_raises_an_alarm(at: Desks) -> None:
    """Once, at the fourth here: each has read a telephone number. One that a shelter accepted is not counted."""
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


async def test_what_became_of_a_hold_is_seen_for_a_day(at: Desks) -> None:
    """Declined and why, overtaken, expired; where to call is told of the live ones alone."""
    hold = await _held(at)
    await at.say(event("hold-declined", hold=hold, reason="no_staff"))
    await at.hold(await _offer(at))
    await at.say(admitted())
    await at.shelters("den")
    await at.hold(await _offer(at))
    await at.later(30 * MINUTE)
    listed = (await at.call("get", "/v1/holds", at.callers.worker())).json()["holds"]
    assert {found["status"] for found in listed} == {"declined", "overtaken", "expired"}
    assert {found["declined_because"] for found in listed} == {"no_staff", None}
    assert all("region" not in found and "intake_phone" not in found for found in listed)
    await at.later(24 * HOUR)
    assert (await at.call("get", "/v1/holds", at.callers.worker())).json()["holds"] == []


@pytest.mark.parametrize("hold", ["nothing", "00000000-0000-4000-8000-000000000000"])
async def test_not_hers_and_not_there_are_one_answer(at: Desks, hold: str) -> None:
    """The same bytes, for looking, releasing and extending."""
    hers = await _held(at)
    for method, path in (("get", ""), ("delete", ""), ("post", "/extend")):
        another, nobody = [
            await at.call(method, f"/v1/holds/{each}{path}", at.callers.worker("w2")) for each in (hers, hold)
        ]  # fmt: skip
        assert kind(another) == (403, "not-yours")
        assert another.content == nobody.content


async def test_the_log_away_is_no_hold(at: Desks) -> None:
    """503: the same request again is the same hold."""
    await at.shelters("berk")
    offer = await _offer(at)
    at.log.away = True
    assert kind(await at.hold(offer, key="k1")) == (503, "kafka-away")
    at.log.away = False
    assert (await at.hold(offer, key="k1")).status_code == 201


async def test_a_shelter_accepts(at: Desks) -> None:
    """The household has twelve hours to come; said again it is the same. The worker sees it."""
    hold = await _held(at)
    for _ in range(2):
        accepted = await at.call("post", f"/v1/holds/{hold}/accept", at.callers.shelter("berk"))
        assert (accepted.status_code, accepted.json()["accepted"]) == (200, True)
        assert (accepted.json()["desk"], accepted.json()["children"]) == ("crisis-oost", 2)
    assert len(at.log.said("hold-accepted")) == 2  # one event: its id is the same
    found = (await _hold(at, hold)).json()
    assert (found["accepted"], found["until"]) == (True, shown(at.folded.now + 12 * HOUR))


async def test_a_shelter_declines_with_a_code(at: Desks) -> None:
    """Over for good: to accept it then is refused."""
    hold = await _held(at)
    for _ in range(2):
        declined = await at.call("post", f"/v1/holds/{hold}/decline", at.callers.shelter("berk"), {"reason": "safety"})
        assert (declined.status_code, declined.json()["status"]) == (200, "declined")
    assert "close_unit" not in declined.json()
    over = await at.call("post", f"/v1/holds/{hold}/accept", at.callers.shelter("berk"))
    assert (kind(over), over.json()["hold_status"]) == ((409, "hold-over"), "declined")


async def test_a_hold_that_was_over_before_anybody_looked_is_still_theirs(at: Desks) -> None:
    """Granted and declined while this API was not asked anything: the worker sees what became of it, and the shelter may say it again."""
    await at.shelters("berk")
    await at.search()
    hold, person = uuid(1), at.holding.sending.pseudonyms.asked_by("w1")
    await at.say(asked(person), event("hold-declined", hold=hold, reason="safety"))
    found = await _hold(at, hold)
    assert (found.status_code, found.json()["status"], found.json()["declined_because"]) == (200, "declined", "safety")
    [listed] = (await at.call("get", "/v1/holds", at.callers.worker())).json()["holds"]
    assert (listed["hold"], listed["status"]) == (hold, "declined")
    again = await at.call("post", f"/v1/holds/{hold}/decline", at.callers.shelter("berk"), {"reason": "safety"})
    assert (again.status_code, again.json()["status"]) == (200, "declined")
    assert kind(await at.call("post", f"/v1/holds/{hold}/accept", at.callers.shelter("berk"))) == (409, "hold-over")


async def test_an_unfit_unit_can_be_closed_with_the_answer(at: Desks) -> None:
    """Else it is offered to be closed, or it would be offered again. Declined, not overtaken by the closing."""
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
    """For another shelter there is no such hold, and a worker is none."""
    hold = await _held(at)
    for who in (at.callers.shelter("den"), at.callers.worker(), at.callers.coordinator("R07")):
        assert kind(await at.call("post", f"/v1/holds/{hold}/{path}", who, {"reason": "full"})) == (403, "not-yours")


async def test_what_can_not_be_written_down_is_not_told(at: Desks) -> None:
    """Nor asked for; what she holds she is told again when it can be written."""
    await at.shelters("berk")
    offer = await _offer(at)
    at.audited.log.away = True
    assert kind(await at.hold(offer, key="k1")) == (503, "phone")
    assert at.log.said("hold-requested") == []
    at.audited.log.away = False
    await until(lambda: at.audited.writer.ready)
    hold = (await at.hold(offer, key="k1")).json()["hold"]
    at.audited.log.away = True
    assert kind(await _hold(at, hold)) == (503, "phone")


async def test_two_units_are_two_winners(at: Desks) -> None:
    """Twenty ask at once for two places: two have them, and eighteen are told so."""
    await at.say(registered(), declared("u1"), declared("u2"))
    workers = [at.callers.worker(f"w{number}") for number in range(20)]
    offers = [await _offer(at, who) for who in workers]
    answers = await asyncio.gather(*(at.hold(offer, who) for offer, who in zip(offers, workers, strict=True)))
    assert sorted(answer.status_code for answer in answers) == [201] * 2 + [409] * 18
