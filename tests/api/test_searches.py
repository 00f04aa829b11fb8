"""POST /v1/searches: at most three offers, none of which tells where, and a log that says what was asked and found."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from services.adapters.rates import Rate
from services.adapters.topics import partition_of
from services.domain.crowd import Least
from tests.api.conftest import kind
from tests.api.desks import MOTHER, OFTEN, REGIONS, SINGLE, Desks, desks
from tests.sent import admitted, declared, event, registered, uuid

HOUR = 3_600_000


@pytest_asyncio.fixture
async def at(tmp_path: Path) -> AsyncIterator[Desks]:
    """Open an API."""
    async with desks(tmp_path) as opened:
        yield opened


async def test_at_most_three_places_are_offered(at: Desks) -> None:
    """And how many more there are is told roughly."""
    for number, more in ((1, "none"), (3, "none"), (4, "1-2"), (5, "1-2"), (6, "3+")):
        await at.shelters(*(f"s{each}" for each in range(number)))
        found = await at.search()
        assert (len(found["offers"]), found["more"]) == (min(number, 3), more)


async def test_nothing_in_an_answer_names_a_shelter_or_its_region(at: Desks) -> None:
    """Not its id, alias, phone, region or unit: an area, a kind, a fit and an age in hours. The rest is sealed."""
    await at.say(registered("berkenhof", "R07"), declared("u9", "berkenhof"))
    found = await at.search()
    [offer] = found["offers"]
    assert set(offer) == {"offer", "area", "provinces", "kind", "fit", "freshness", "age_hours"}
    assert len(offer["provinces"]) == len({row.province for row in REGIONS.values()})  # one shelter: the whole country is its area
    told = str(found).replace(offer["offer"], "").replace(found["search"], "")
    assert not re.search(r"berken|Locatie|0800|R[0-9]{2}|u9", told)


async def test_an_offer_tells_how_it_fits_and_how_old_it_is(at: Desks) -> None:
    """Exact, close, roomy; fresh, or ageing since so many hours."""
    await at.say(registered("exact"), declared("u1", "exact", max_children=2), registered("roomy"), declared("u1", "roomy", max_children=9))
    await at.later(8 * HOUR)
    await at.say(event("count-confirmed", "roomy"))
    offers = (await at.search())["offers"]
    assert [(offer["fit"], offer["freshness"], offer["age_hours"]) for offer in offers] == [("exact", "ageing", 8), ("roomy", "fresh", 0)]


async def test_the_log_says_what_was_asked_and_what_was_found(at: Desks) -> None:
    """The household in numbers, the need, the units that fit, the offers, and where the view stood."""
    await at.shelters(*"abcde")
    again = await at.search()
    need: dict[str, Any] = {"kinds": ["crisis"], "features": [], "languages": ["nl"], "services": [], "security": "open"}
    await at.search(**need, exclude_regions=["R01"], again_of=again["search"], near="R03")
    first, second = at.log.said("search-made")
    assert (second["adults"], second["children"], second["fitting_units"], second["offers"]) == (1, 2, 5, 3)
    assert second["need"] == {"men": 0, "oldest_son_age": 3} | need
    assert (second["region"], second["exclude_regions"], second["again_of"]) == ("R07", ["R01"], first["search"])
    assert second["view"][str(partition_of(b"a", 12))] == at.folded.positions[partition_of(b"a", 12)].offset


async def test_who_is_unsafe_somewhere_is_not_offered_it(at: Desks) -> None:
    """Nor is what is paused, unknown, too small, or for others."""
    await at.shelters("unsafe", region="R01")
    await at.shelters("small", max_children=1)
    await at.shelters("paused")
    await at.say(event("intake-paused", "paused", reason="staffing"))
    await at.say(registered("unknown", source="urn:plek:coordinator"), declared("u1", "unknown", source="urn:plek:coordinator"))
    found = await at.search(exclude_regions=["R01"])
    assert (found["offers"], found["more"]) == ([], "none")
    assert found["call_first"] == {"shelters": "1-2"}


async def test_what_nearly_fits_is_told_with_the_one_condition(at: Desks) -> None:
    """Where nothing fits; where something does, nobody needs to know."""
    await at.shelters("small", max_children=1)
    await at.shelters("paused")
    await at.say(event("intake-paused", "paused", reason="staffing"))
    found = await at.search()
    assert [miss["condition"] for miss in found["misses"]] == ["children", "paused"]
    assert set(found["misses"][0]) == {"condition", "area", "provinces", "kind"}
    assert (await at.search(body=SINGLE))["misses"] == []


async def test_where_few_could_take_her_no_place_is_told_of(tmp_path: Path) -> None:
    """Full or not they are to be called, on asking, noted; a place of theirs can be held when they say yes."""
    async with desks(tmp_path, least=Least(5, 5)) as at:
        await at.shelters(*"abcd")
        empty, full = await at.search(call_first=True), at.callers.worker("w2")
        for name in "abcd":
            await at.say(admitted("u1", name))
        for found in (empty, await at.search(full, call_first=True)):
            assert (found["narrow"], found["offers"], found["misses"], found["more"]) == (True, [], [], "unknown")
            assert (found["call_first"]["shelters"], len(found["call_first"]["listed"])) == ("3+", 3)
        assert at.audited.entries[-1]["what"] == ["call-first"]
        assert (await at.hold(empty["call_first"]["listed"][0]["offer"])).status_code == 409
        await at.shelters("e")
        assert (await at.search())["narrow"] is False


async def test_a_rare_kind_is_not_told_of(tmp_path: Path) -> None:
    """One shelter alone has it where the others have another: which it is does not show; that there is room does."""
    async with desks(tmp_path, least=Least(5, 5)) as at:
        await at.shelters("rare", kind="emergency")
        for name in "abcde":
            await at.shelters(name)
            await at.say(admitted("u1", name))
        [offer] = (await at.search())["offers"]
        assert (offer["kind"], offer["fit"]) == (None, "exact")


async def test_whom_to_call_first_is_told_on_asking_only(at: Desks) -> None:
    """With region and phone; written down and counted before. The offer can be held when they say yes."""
    await at.say(registered("unknown", source="urn:plek:coordinator"), declared("u1", "unknown", source="urn:plek:coordinator"))
    assert "listed" not in (await at.search())["call_first"]
    assert "unknown" not in str(at.audited.told)
    [call] = (await at.search(call_first=True))["call_first"]["listed"]
    assert (call["region"], call["intake_phone"], call["age_hours"]) == ("R07", "0800-000001", None)
    [made] = at.log.said("search-made")[1:]
    assert at.audited.told[-1] == ("search-made", "success", [made["search"], "unknown"])
    assert at.audited.entries[-1]["what"] == ["call-first"]
    assert "plek_call_first_total 1.0" in at.metrics.page().decode()
    assert (await at.hold(call["offer"])).status_code == 201


async def test_a_shelter_with_two_units_is_called(at: Desks) -> None:
    """There is nothing to hold: a hold is of one."""
    await at.say(registered("both"), declared("u1", "both"), declared("u2", "both"))
    large = MOTHER | {"children": [{"age": age, "boy": False} for age in range(4)]}
    found = await at.search(body=large, call_first=True)
    assert found["misses"][0]["condition"] == "two_units"
    assert [call["offer"] for call in found["call_first"]["listed"]] == [None]


async def test_a_desk_asks_for_its_own_region(at: Desks) -> None:
    """The only one it has, or one of those it has."""
    two = at.callers.worker(regions=("R07", "R08"))
    assert kind(await at.call("post", "/v1/searches", two, SINGLE)) == (400, "invalid")
    await at.search(two, SINGLE, region="R08")
    assert at.log.said("search-made")[0]["region"] == "R08"
    assert kind(await at.call("post", "/v1/searches", two, SINGLE | {"region": "R01"})) == (403, "not-yours")


@pytest.mark.parametrize("role", ["shelter", "coordinator", "analyst", "auditor", "operator"])
async def test_only_workers_search(at: Desks, role: str) -> None:
    """Nobody else has a household beside her."""
    who = (
        at.callers.shelter("berk") if role == "shelter" else at.callers.coordinator("R07") if role == "coordinator" else at.callers.of(role)
    )
    assert kind(await at.call("post", "/v1/searches", who, SINGLE)) == (403, "not-yours")


async def test_all_that_is_wrong_is_told_at_once(at: Desks) -> None:
    """Each where it is, and no value is repeated."""
    body = {"women": 21, "children": [{"age": 19, "boy": "Jan"}, {}], "kinds": ["palace"], "near": "R99", "name": "Jane Doe"}
    answer = await at.call("post", "/v1/searches", at.callers.worker(), body)
    errors = {(error["pointer"], error["code"]) for error in answer.json()["errors"]}
    assert errors == {
        ("/women", "out_of_range"),
        ("/children/0/age", "out_of_range"),
        ("/children/0/boy", "wrong_type"),
        ("/children/1/age", "missing"),
        ("/children/1/boy", "missing"),
        ("/kinds/0", "not_in_list"),
        ("/near", "unknown_region"),
        ("", "unknown_member"),
    }
    assert not re.search("palace|R99|Jan|21", answer.text)


@pytest.mark.parametrize(("body", "pointer"), [({"women": 0}, ""), ({"women": 12, "men": 9}, "/men")])
async def test_a_household_is_of_one_to_twenty_adults(at: Desks, body: Any, pointer: str) -> None:
    """As the contract has it."""
    answer = await at.call("post", "/v1/searches", at.callers.worker(), body)
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_without_the_log_nothing_is_offered(at: Desks) -> None:
    """A search that is not logged is a need that nobody counts."""
    at.log.away = True
    assert kind(await at.call("post", "/v1/searches", at.callers.worker(), SINGLE)) == (503, "kafka-away")


async def test_without_the_audit_log_nothing_is_offered(at: Desks) -> None:
    """Who is told where to go is written down, or she is not told."""
    at.audited.log.away = True
    assert kind(await at.call("post", "/v1/searches", at.callers.worker(), SINGLE)) == (503, "phone")


async def test_a_search_that_was_not_made_takes_no_turn(tmp_path: Path) -> None:
    """Wrong, or not to be logged: she learned nothing, and searches again."""
    async with desks(tmp_path, often=OFTEN | {"search": Rate(1)}) as at:
        await at.shelters("berk")
        assert kind(await at.call("post", "/v1/searches", at.callers.worker(), {}))[0] == 400
        at.log.away = True
        assert kind(await at.call("post", "/v1/searches", at.callers.worker(), SINGLE)) == (503, "kafka-away")
        at.log.away = False
        assert (await at.call("post", "/v1/searches", at.callers.worker(), SINGLE)).status_code == 200
        assert kind(await at.call("post", "/v1/searches", at.callers.worker(), SINGLE)) == (429, "too-many")


async def test_who_searches_and_never_holds_raises_an_alarm(at: Desks) -> None:
    """Once, at the fourth here; a hold begins the count anew."""
    await at.shelters("berk")
    for searches in range(3):
        assert 'plek_alarms_total{what="searches"} 0.0' in at.metrics.page().decode(), searches
        found = await at.search()
    await at.hold(found["offers"][0]["offer"])
    for _ in range(5):
        await at.search()
    assert 'plek_alarms_total{what="searches"} 1.0' in at.metrics.page().decode()
    raised = [each for each in at.audited.entries if each["event"] == "alarm-raised"]
    assert [(each["role"], each["user"], each["what"]) for each in raised] == [
        ("worker", at.audited.pseudonyms.audited("w1"), ["searches"])
    ]


async def test_without_the_view_she_is_told_to_phone(at: Desks) -> None:
    """Never an answer from what was known a moment ago."""
    await at.search()
    at.folded.view.away = True
    assert kind(await at.call("post", "/v1/searches", at.callers.worker(), SINGLE)) == (503, "phone")


async def test_what_a_read_shows_a_search_shows(at: Desks) -> None:
    """From one event to the next, without waiting."""
    await at.shelters("berk")
    for occupied in (True, False):
        assert len((await at.search())["offers"]) == 1
        if occupied:
            await at.say(admitted(shelter="berk"))
            assert (await at.search())["offers"] == []
            await at.say(event("discharge", "berk", stay=uuid(1), destination="home"))


async def test_a_search_is_ended_once_and_by_her_alone(at: Desks) -> None:
    """Whatever is said later, the first end is the one that counts and is told; after a day it is no longer hers to end."""
    found = await at.search()
    path = f"/v1/searches/{found['search']}/end"
    assert kind(await at.call("post", path, at.callers.worker("w2"), {"outcome": "withdrawn"})) == (403, "not-yours")
    answers = [(await at.call("post", path, at.callers.worker(), {"outcome": said})).json() for said in ("elsewhere", "withdrawn")]
    assert answers == [{"status": status, "outcome": "elsewhere"} for status in ("logged", "unchanged")]
    assert [end["outcome"] for end in at.log.said("search-ended")] == ["elsewhere"]
    assert kind(await at.call("post", path[:-5] + "x/end", at.callers.worker(), {"outcome": "elsewhere"})) == (403, "not-yours")
    await at.later(24 * HOUR)
    assert kind(await at.call("post", path, at.callers.worker(), {"outcome": "withdrawn"})) == (403, "not-yours")


async def test_a_search_sent_again_is_one_search(at: Desks) -> None:
    """The same event; the offers are of now."""
    for _ in range(2):
        await at.call("post", "/v1/searches", at.callers.worker(), SINGLE, "k1")
    first, again = at.log.said("search-made")
    assert first["search"] == again["search"]
    assert kind(await at.call("post", "/v1/searches", at.callers.worker(), MOTHER, "k1")) == (409, "key-reused")
