"""The same request for a hold, sent again or twice at once: one hold, one event, one charge."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest
import pytest_asyncio

from services.adapters.auth.rate_limits import Rate
from tests.api.conftest import kind
from tests.api.desks import OFTEN, Desks, desks
from tests.sent import admitted
from tests.waiting import until

MINUTE = 60_000


@pytest_asyncio.fixture
async def at(tmp_path: Path) -> AsyncIterator[Desks]:
    """Open an API."""
    async with desks(tmp_path) as opened:
        yield opened


@pytest_asyncio.fixture
async def rare(tmp_path: Path) -> AsyncIterator[Desks]:
    """Open an API at which a person has one hold in an hour."""
    async with desks(tmp_path, often=OFTEN | {"hold": Rate(1)}) as opened:
        yield opened


@pytest_asyncio.fixture
async def hasty(tmp_path: Path) -> AsyncIterator[Desks]:
    """Open an API at which a person has one hold in an hour, and that does not wait long for a decision."""
    async with desks(tmp_path, patience_s=0.05, often=OFTEN | {"hold": Rate(1)}) as opened:
        yield opened


async def _offer(at: Desks, who: dict[str, str] | None = None) -> str:
    offer: str = (await at.search(who))["offers"][0]["offer"]
    return offer


@pytest.mark.parametrize("key", ["k1", None])
@pytest.mark.parametrize("attempt", range(6))
async def test_a_double_click_is_one_hold_and_costs_one(rare: Desks, attempt: int, key: str | None) -> None:
    """Two copies at the same instant, with a key or without: one hold, one event of the log, and nothing left for another."""
    await rare.shelters("berk", "den")
    one, other = [await _offer(rare), await _offer(rare)]
    await rare.later(0)  # on a slow machine its view is else taken for dead, and a decision for one that does not come
    answers = await asyncio.gather(*(rare.hold(one, key=key) for _ in range(2)))
    assert [answer.status_code for answer in answers] == [201, 201], attempt
    assert answers[0].json()["hold"] == answers[1].json()["hold"]
    assert len({said["hold"] for said in rare.log.said("hold-requested")}) == 1
    assert kind(await rare.hold(other)) == (429, "too-many")


async def test_a_double_click_that_comes_too_late_costs_one(rare: Desks) -> None:
    """Both copies are answered that the place is taken, and one hold was charged."""
    await rare.shelters("berk")
    offer = await _offer(rare)
    await rare.say(admitted())
    answers = await asyncio.gather(*(rare.hold(offer) for _ in range(2)))
    assert [kind(answer) for answer in answers] == [(409, "taken")] * 2
    assert answers[0].json()["hold"] == answers[1].json()["hold"]


async def test_a_double_click_is_not_given_up(hasty: Desks) -> None:
    """A copy that was answered with a hold keeps it, also when the decision of the other copy was never read."""
    await hasty.shelters("berk")
    offer = await _offer(hasty)
    hasty.log.stalled = True
    late = await hasty.hold(offer)
    hasty.log.stalled = False
    await hasty.log.catch_up()
    assert (late.status_code, (await hasty.hold(offer)).status_code) == (202, 201)
    await hasty.later(2 * MINUTE)
    await hasty.holds.abandoned.release()
    assert hasty.log.said("hold-released") == []


async def test_an_offer_makes_one_hold(at: Desks) -> None:
    """Without a key the id is a keyed hash of worker and offer, in the form of section 1; once released, the offer is used up."""
    await at.shelters("berk")
    offer = await _offer(at)
    hold = (await at.hold(offer)).json()["hold"]
    assert (UUID(hold).version, str(UUID(hold))) == (4, hold)
    assert (await at.hold(offer)).json()["hold"] == hold
    assert (await at.call("delete", f"/v1/holds/{hold}", at.callers.worker())).status_code == 200
    again = await at.hold(offer)
    assert (kind(again), again.json()["hold_status"]) == ((409, "hold-over"), "released")
    assert (await at.hold(await _offer(at))).status_code == 201


async def test_a_reason_to_pass_the_limit_is_the_same_request(rare: Desks) -> None:
    """A request that the limit refused is held when it is sent again with the same key and a reason: its key is not reused."""
    await rare.shelters("berk", "den")
    one, other = [await _offer(rare), await _offer(rare)]
    assert (await rare.hold(one)).status_code == 201
    assert kind(await rare.hold(other, key="k2")) == (429, "too-many")
    body = {"offer": other, "break_glass": "several_needs"}
    assert (await rare.call("post", "/v1/holds", rare.callers.worker(), body, "k2")).status_code in {201, 409}
    assert kind(await rare.call("post", "/v1/holds", rare.callers.worker(), {"offer": one}, "k2")) == (409, "key-reused")


async def test_a_request_sent_again_holds_once(at: Desks) -> None:
    """The same key is the same hold, also when the offer is over by then and the memory of keys was emptied."""
    await at.shelters("berk", "den")
    offer = await _offer(at)
    first = await at.hold(offer, key="k1")
    at.sending.retries._known.clear()  # type: ignore[attr-defined]  # as an emptied Redis
    await at.later(10 * MINUTE)
    again = await at.hold(offer, key="k1")
    assert (first.status_code, again.status_code, first.json()["hold"]) == (201, 201, again.json()["hold"])
    assert len((await at.call("get", "/v1/holds", at.callers.worker())).json()["holds"]) == 1


async def test_a_refused_request_sent_again_is_refused_again(at: Desks) -> None:
    """A request that came too late stays so with the same key: the log decided it once."""
    await at.shelters("berk")
    offer = await _offer(at)
    await at.say(admitted())
    for _ in range(2):
        assert kind(await at.hold(offer, key="k1")) == (409, "taken")


async def test_the_same_request_costs_one_hold(rare: Desks) -> None:
    """A granted request that is sent again costs nothing; another one of a worker with one left is refused."""
    await rare.shelters("berk", "den")
    one, other = [await _offer(rare), await _offer(rare)]
    assert {(await rare.hold(one, key="k1")).status_code for _ in range(3)} == {201}
    waits = await rare.hold(other, key="k2")
    assert (kind(waits), "retry-after" in waits.headers) == ((429, "too-many"), True)
    assert len(rare.log.said("hold-requested")) == 1


async def test_a_request_that_waits_costs_nothing_again(hasty: Desks) -> None:
    """An undecided request that is sent again is not charged again."""
    await hasty.shelters("berk")
    offer = await _offer(hasty)
    hasty.log.stalled = True
    assert {(await hasty.hold(offer, key="k1")).status_code for _ in range(3)} == {202}
    hasty.log.stalled = False
    await hasty.log.catch_up()
    assert (await hasty.hold(offer, key="k1")).status_code == 201


async def test_a_request_that_could_not_be_made_costs_nothing(rare: Desks) -> None:
    """A 503, because the audit log or the log was away, names no shelter; what is held afterwards is charged."""
    await rare.shelters("berk", "den")
    one, other = [await _offer(rare), await _offer(rare)]
    rare.audited.log.away = True
    assert kind(await rare.hold(one)) == (503, "data-unavailable")
    rare.audited.log.away = False
    await until(lambda: rare.audited.writer.ready)
    rare.log.away = True
    for offer, key in ((one, "k1"), (one, "k1"), (other, None)):
        assert kind(await rare.hold(offer, key=key)) == (503, "kafka-away")
    rare.log.away = False
    await rare.later(0)
    assert (await rare.hold(one, key="k1")).status_code == 201
    assert kind(await rare.hold(other)) == (429, "too-many")


async def test_what_was_granted_after_all_is_charged(rare: Desks) -> None:
    """A request that the log had although its answer was 503 names a shelter when it is sent again, as any hold does."""
    await rare.shelters("berk", "den")
    one, other = [await _offer(rare), await _offer(rare)]
    hold = (await rare.hold(one, key="k1")).json()["hold"]
    pending = rare.holds.holds.pending
    request = await pending.get(hold)
    assert request is not None
    await pending.mark_refunded(request)
    await rare.quota.give_back_hold(request.asked_by, hold)
    assert (await rare.hold(one, key="k1")).status_code == 201
    assert kind(await rare.hold(other)) == (429, "too-many")


@pytest.mark.parametrize(("path", "said"), [("accept", None), ("decline", {"reason": "full"})])
async def test_an_answer_of_the_shelter_gives_back_what_the_hold_cost(rare: Desks, path: str, said: dict[str, str] | None) -> None:
    """Accepted or declined, a hold costs nothing, once however often the shelter answers."""
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


async def test_fresh_offers_of_a_request_sent_again_count_as_searches(rare: Desks) -> None:
    """A request that came too late and is sent again costs nothing, and is an answer like that of a search: the fourth raises an alert."""
    await rare.shelters("berk")
    offer = await _offer(rare)
    await rare.say(admitted())
    for _ in range(4):
        assert kind(await rare.hold(offer, key="k1")) == (409, "taken")
    assert 'plek_alarms_total{what="searches"} 1.0' in rare.metrics.page().decode()
