"""How long a hold is kept, and how many: extended once and late, two that wait for an answer."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from services.api.read_model.data_age import format_ms
from tests.api.conftest import kind
from tests.api.desks import Desks, desks
from tests.waiting import until

MINUTE = 60_000
HOUR = 60 * MINUTE


@pytest_asyncio.fixture
async def at(tmp_path: Path) -> AsyncIterator[Desks]:
    """Open an API."""
    async with desks(tmp_path) as opened:
        yield opened


async def _offer(at: Desks, who: dict[str, str] | None = None) -> str:
    offer: str = (await at.search(who))["offers"][0]["offer"]
    return offer


async def _held(at: Desks, *shelters: str) -> str:
    await at.shelters(*shelters)
    answer = await at.hold(await _offer(at))
    assert answer.status_code == 201, answer.text
    hold: str = answer.json()["hold"]
    return hold


async def _extend(at: Desks, hold: str) -> httpx.Response:
    return await at.call("post", f"/v1/holds/{hold}/extend", at.callers.worker())


async def test_a_hold_is_extended_once_in_its_last_ten_minutes(at: Desks) -> None:
    """It is kept for half an hour from then; a second time is refused, and says how long it is kept."""
    hold = await _held(at, "berk")
    await at.later(20 * MINUTE)
    extended = await _extend(at, hold)
    until = format_ms(at.folded.now + 30 * MINUTE)
    assert (extended.json()["until"], extended.json()["extended"], extended.json()["extendable_from"]) == (until, True, None)
    again = await _extend(at, hold)
    assert (kind(again), again.json()["until"]) == ((409, "extended-already"), until)


@pytest.mark.parametrize("after_ms", [0, 5_000, 20 * MINUTE - 1])
async def test_extending_early_is_refused_and_costs_nothing(at: Desks, after_ms: int) -> None:
    """D5: before its last ten minutes a hold is not extended; the answer says from when it can be, and then it is."""
    hold = await _held(at, "berk")
    opens = at.folded.now + 20 * MINUTE
    await at.later(after_ms)
    early = await _extend(at, hold)
    assert (kind(early), early.json()["from"]) == ((409, "extend-early"), format_ms(opens))
    assert (await at.call("get", f"/v1/holds/{hold}", at.callers.worker())).json()["extendable_from"] == format_ms(opens)
    assert at.log.said("hold-extended") == []
    await at.later(opens - at.folded.now)
    assert (await _extend(at, hold)).json()["until"] == format_ms(at.folded.now + 30 * MINUTE)


async def test_an_accepted_hold_is_extended_at_its_end(at: Desks) -> None:
    """Accepted it is kept for twelve hours: it can be extended in the last ten minutes of these."""
    hold = await _held(at, "berk")
    await at.call("post", f"/v1/holds/{hold}/accept", at.callers.shelter("berk"))
    accepted = at.folded.now
    early = await _extend(at, hold)
    assert (kind(early), early.json()["from"]) == ((409, "extend-early"), format_ms(accepted + 12 * HOUR - 10 * MINUTE))
    await at.later(12 * HOUR - 5 * MINUTE)
    assert (await _extend(at, hold)).json()["until"] == format_ms(accepted + 12 * HOUR + 25 * MINUTE)


async def test_two_holds_wait_for_an_answer(at: Desks) -> None:
    """A third is refused before it is asked for and costs nothing; another worker's are not counted."""
    await at.shelters("berk", "den", "els", "eik")
    assert [(await at.hold(await _offer(at))).status_code for _ in range(2)] == [201, 201]
    third = await at.hold(await _offer(at))
    assert (kind(third), third.json()["most"]) == ((409, "too-many-holds"), 2)
    assert len(at.log.said("hold-requested")) == 2
    assert (await at.hold(await _offer(at, at.callers.worker("w2")), at.callers.worker("w2"))).status_code == 201


async def test_accepted_holds_do_not_count(at: Desks) -> None:
    """A night of four households: as soon as a shelter accepts one, the next can be asked for."""
    await at.shelters("berk", "den", "els", "eik", "beuk", "abeel")
    for number in range(4):
        answer = await at.hold(await _offer(at))
        assert answer.status_code == 201, number
        hold = answer.json()["hold"]
        shelter = next(said["shelter"] for said in at.log.said("hold-requested") if said["hold"] == hold)
        accepted = await at.call("post", f"/v1/holds/{hold}/accept", at.callers.shelter(shelter))
        assert accepted.status_code == 200
    assert [(await at.hold(await _offer(at))).status_code for _ in range(2)] == [201, 201]


async def test_four_requests_at_once_make_two_holds(at: Desks) -> None:
    """Each sees the requests that began before it, also before any is decided: the third and fourth are refused and cost nothing."""
    await at.shelters("berk", "den", "els", "eik", "beuk", "abeel")
    offers = [await _offer(at) for _ in range(4)]
    at.log.stalled = True
    asked = [asyncio.create_task(at.hold(offer)) for offer in offers]
    await until(lambda: sum(task.done() for task in asked) == 2)
    assert [kind(task.result()) for task in asked if task.done()] == [(409, "too-many-holds")] * 2
    at.log.stalled = False
    await at.log.catch_up()
    answers = [answer for answer in await asyncio.gather(*asked) if answer.status_code != 409]
    assert len(at.log.said("hold-requested")) == 2
    listed = (await at.call("get", "/v1/holds", at.callers.worker())).json()["holds"]
    assert {hold["hold"] for hold in listed if hold["status"] == "granted"} == {answer.json()["hold"] for answer in answers}


async def test_a_request_that_was_refused_makes_room(at: Desks) -> None:
    """What was asked for and not granted, or could not be logged, does not count for the next one."""
    await at.shelters("berk", "den", "els")
    offers = [await _offer(at) for _ in range(3)]
    at.log.away = True
    assert [kind(await at.hold(offer)) for offer in offers] == [(503, "kafka-away")] * 3
    at.log.away = False
    assert {(await at.hold(await _offer(at))).status_code for _ in range(2)} == {201}


async def test_one_too_many_can_be_asked_for_again(at: Desks) -> None:
    """A request that was refused at the instant of others is held by the same offer, once one of those is released."""
    await at.shelters("berk", "den", "els", "eik", "beuk", "abeel")
    offers = [await _offer(at) for _ in range(3)]
    at.log.stalled = True
    asked = [asyncio.create_task(at.hold(offer)) for offer in offers]
    await until(lambda: any(task.done() for task in asked))
    [late] = [number for number, task in enumerate(asked) if task.done()]
    at.log.stalled = False
    await at.log.catch_up()
    answers = await asyncio.gather(*asked)
    assert kind(answers[late]) == (409, "too-many-holds")
    held = next(answer for answer in answers if answer.status_code == 201)
    await at.call("delete", f"/v1/holds/{held.json()['hold']}", at.callers.worker())
    again = await at.hold(offers[late])
    assert again.status_code == 201 or kind(again) == (409, "taken")
