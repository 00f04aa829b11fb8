"""POST /v1/searches: at most three offers that say where, and a log that says what was asked and found."""

import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from services.adapters.auth.rate_limits import Rate
from services.adapters.kafka.topics import partition_of
from tests.api.conftest import kind
from tests.api.desks import MOTHER, OFTEN, REGIONS, SINGLE, Desks, desks
from tests.sent import admitted, declared, event, registered, uuid
from tests.tampering import tampered
from tests.waiting import until

HOUR = 3_600_000
_OF_AGE = ("freshness", "age_hours")


@pytest_asyncio.fixture
async def at(tmp_path: Path) -> AsyncIterator[Desks]:
    """Open an API."""
    async with desks(tmp_path) as opened:
        yield opened


async def test_at_most_three_places_are_offered(at: Desks) -> None:
    """And how many more there are is answered roughly; those that are alike in every word are one offer."""
    for number, more in ((1, "none"), (3, "none"), (4, "1-2"), (5, "1-2"), (6, "3+")):
        await at.shelters(*(f"s{each}" for each in range(number)))
        found = await at.search()
        assert (len(found["offers"]), found["more"]) == (1, more)
        assert (found["offers"][0]["same"], found["offers_left"]) == (min(number, 3), 9 - min(number, 3))


async def test_an_offer_says_where_and_names_no_shelter(at: Desks) -> None:
    """Not its id, alias, phone or unit: the regions of its area by name, how far, kind, size, fit, age. The rest is sealed."""
    await at.say(registered("berkenhof", "R07"), declared("u9", "berkenhof"))
    found = await at.search()
    [offer] = found["offers"]
    assert set(offer) == {*("offer", "area", "regions", "distance_km", "kind", "size", "fit", "has", "lacks"), *_OF_AGE, "same"}
    assert len(offer["regions"]) == len(REGIONS)  # one shelter: the whole country is its area
    assert offer["regions"][6] == {"code": "R07", "name": "Breda"}
    assert offer["distance_km"] == {"from": 0, "to": 220}
    disclosed = str(found).replace(offer["offer"], "").replace(found["search"], "")
    assert not re.search(r"berken|Locatie|0800|u9", disclosed)


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
    assert (found["offers"], found["why_none"], found["more"]) == ([], "nothing_fits", "none")
    assert found["call_first"] == {"shelters": "1-2"}


async def test_with_nothing_new_an_answer_says_so(at: Desks) -> None:
    """The next offers of two places are none, though the chain has seven left; the same search again shows both."""
    await at.shelters("s1", "s2")
    first = await at.search()
    more = await at.search(again_of=first["search"], more=True)
    assert (more["offers"], more["why_none"], more["offers_left"], more["more"]) == ([], "nothing_new", 7, "none")
    again = await at.search(again_of=first["search"])
    assert (again["offers"][0]["same"], again["why_none"]) == (2, None)


async def test_what_nearly_fits_is_told_with_the_one_condition(at: Desks) -> None:
    """Where nothing fits; where something does, nobody needs to know."""
    await at.shelters("small", max_children=1)
    await at.shelters("paused")
    await at.say(event("intake-paused", "paused", reason="staffing"))
    found = await at.search()
    assert [miss["condition"] for miss in found["misses"]] == ["children", "paused"]
    assert set(found["misses"][0]) == {"condition", "area", "regions", "distance_km", "kind", "size", "lacks"}
    assert (await at.search(body=SINGLE))["misses"] == []


async def test_a_household_that_one_shelter_could_take_is_answered(at: Desks) -> None:
    """However few could take it in: kind and fit are said all the same."""
    await at.shelters("rare", kind="emergency")
    for name in "abcde":
        await at.shelters(name)
        await at.say(admitted("u1", name))
    [offer] = (await at.search())["offers"]
    assert (offer["kind"], offer["fit"], offer["size"]) == ("emergency", "exact", "3-4")


async def test_whom_to_call_first_is_told_on_asking_only(at: Desks) -> None:
    """With region and phone; written down and counted before. The offer can be held when they say yes."""
    await at.say(registered("unknown", source="urn:plek:coordinator"), declared("u1", "unknown", source="urn:plek:coordinator"))
    assert "listed" not in (await at.search())["call_first"]
    assert "unknown" not in str(at.audited.told)
    [call] = (await at.search(call_first=True))["call_first"]["listed"]
    assert (call["region"]["name"], call["intake_phone"], call["age_hours"]) == ("Breda", "0800-000001", None)
    [made] = at.log.said("search-made")[1:]
    assert at.audited.told[-1] == ("search-made", "success", [made["search"], "unknown"])
    assert at.audited.entries[-1]["what"] == ["call-first"]
    assert "plek_call_first_total 1.0" in at.metrics.page().decode()
    assert (await at.hold(call["offer"])).status_code == 201


async def test_a_call_list_sent_for_again_names_no_other_shelter(at: Desks) -> None:
    """It is paid once: a script that sends it again must not read the telephone of all who are to be called first."""
    for number in range(9):
        unknown = registered(f"s{number}", source="urn:plek:coordinator")
        unknown["data"]["intake_phone"] = f"0800-00000{number}"
        await at.say(unknown, declared("u1", f"s{number}", source="urn:plek:coordinator"))
    told = set[str]()
    for _ in range(6):
        answer = await at.call("post", "/v1/searches", at.callers.worker(), MOTHER | {"call_first": True}, "k1")
        told |= {call["intake_phone"] for call in answer.json()["call_first"]["listed"]}
    assert len(told) == 3


async def test_a_shelter_with_two_units_is_called(at: Desks) -> None:
    """There is nothing to hold: a hold is of one."""
    await at.say(registered("both"), declared("u1", "both"), declared("u2", "both"))
    large = MOTHER | {"children": 4, "oldest_son_age": None}
    found = await at.search(body=large, call_first=True)
    assert found["misses"][0]["condition"] == "two_units"
    assert [call["offer"] for call in found["call_first"]["listed"]] == [None]


async def test_a_desk_asks_for_its_own_region(at: Desks) -> None:
    """The only one it has, or one of those it has."""
    two = at.callers.worker(regions=("R07", "R08"))
    assert kind(await at.call("post", "/v1/searches", two, SINGLE)) == (400, "invalid")
    await at.search(two, SINGLE, region="R08")
    assert at.log.said("search-made")[0]["region"] == "R08"
    assert kind(await at.call("post", "/v1/searches", two, SINGLE | {"region": "R01"})) == (403, "forbidden")


@pytest.mark.parametrize("role", ["shelter", "coordinator", "analyst", "auditor", "operator"])
async def test_only_workers_search(at: Desks, role: str) -> None:
    """Nobody else has a household beside her."""
    who = (
        at.callers.shelter("berk") if role == "shelter" else at.callers.coordinator("R07") if role == "coordinator" else at.callers.of(role)
    )
    assert kind(await at.call("post", "/v1/searches", who, SINGLE)) == (403, "forbidden")


async def test_all_that_is_wrong_is_told_at_once(at: Desks) -> None:
    """Each where it is, and no value is repeated."""
    body = {"adults": 21, "children": [{"age": 19}], "oldest_son_age": "Jan", "kinds": ["palace"], "near": "R99", "name": "Jane Doe"}
    answer = await at.call("post", "/v1/searches", at.callers.worker(), body)
    errors = {(error["pointer"], error["code"]) for error in answer.json()["errors"]}
    assert errors == {
        ("/adults", "out_of_range"),
        ("/children", "wrong_type"),
        ("/oldest_son_age", "wrong_type"),
        ("/kinds/0", "not_in_list"),
        ("/near", "unknown_region"),
        ("", "unknown_member"),
    }
    assert not re.search("palace|R99|Jan|21", answer.text)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"adults": 0}, ""),
        ({"adults": 2, "men": 3}, "/men"),
        ({"adults": 1, "oldest_son_age": 3}, "/oldest_son_age"),
        ({"adults": 0, "men": 21}, "/men"),
    ],
)
async def test_men_are_adults_and_a_son_is_a_child(at: Desks, body: Any, pointer: str) -> None:
    """A household has a person, no more men than adults, and no son without children; the answer says which member is wrong."""
    answer = await at.call("post", "/v1/searches", at.callers.worker(), body)
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_without_the_log_a_search_is_answered_and_queued(at: Desks) -> None:
    """A search without Kafka says that nothing can be held, and is in the log when Kafka is back."""
    await at.shelters("berk")
    at.log.away = True
    found = await at.search()
    assert (len(found["offers"]), found["degraded"], found["can_hold"], found["duty_list"]) == (1, True, False, "/v1/duty-list")
    assert at.log.said("search-made") == []
    at.log.away = False
    await until(lambda: not at.outbox.waiting)
    assert len(at.log.said("search-made")) == 1
    assert (await at.search())["can_hold"]


async def test_with_neither_the_log_nor_a_disk_nothing_is_offered(at: Desks, tmp_path: Path) -> None:
    """A search that is kept nowhere is a need that nobody counts: it is not answered."""
    at.log.away = True
    await until((tmp_path / "outbox" / "outbox.sqlite").exists)
    shutil.rmtree(tmp_path / "outbox")
    (tmp_path / "outbox").write_text("in the way")
    assert kind(await at.call("post", "/v1/searches", at.callers.worker(), SINGLE)) == (503, "not-accepted")


async def test_without_the_audit_log_nothing_is_offered(at: Desks) -> None:
    """Who is told where to go is written down, or she is not told."""
    at.audited.log.away = True
    assert kind(await at.call("post", "/v1/searches", at.callers.worker(), SINGLE)) == (503, "data-unavailable")


async def test_a_search_that_was_not_made_takes_no_turn(tmp_path: Path) -> None:
    """Wrong, or not to be logged: she learned nothing, and searches again."""
    async with desks(tmp_path, often=OFTEN | {"search": Rate(1)}) as at:
        await at.shelters("berk")
        assert kind(await at.call("post", "/v1/searches", at.callers.worker(), {}))[0] == 400
        at.audited.log.away = True
        assert kind(await at.call("post", "/v1/searches", at.callers.worker(), SINGLE))[0] == 503
        at.audited.log.away = False
        await until(lambda: at.audited.writer.ready)
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
    assert kind(await at.call("post", "/v1/searches", at.callers.worker(), SINGLE)) == (503, "data-unavailable")


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
    assert kind(await at.call("post", path, at.callers.worker("w2"), {"outcome": "withdrawn"})) == (403, "forbidden")
    answers = [(await at.call("post", path, at.callers.worker(), {"outcome": said})).json() for said in ("elsewhere", "withdrawn")]
    assert answers == [{"status": status, "outcome": "elsewhere"} for status in ("logged", "unchanged")]
    assert [end["outcome"] for end in at.log.said("search-ended")] == ["elsewhere"]
    another = f"/v1/searches/{tampered(found['search'])}/end"
    assert kind(await at.call("post", another, at.callers.worker(), {"outcome": "elsewhere"})) == (403, "forbidden")
    await at.later(24 * HOUR)
    assert kind(await at.call("post", path, at.callers.worker(), {"outcome": "withdrawn"})) == (403, "forbidden")


async def test_a_search_sent_again_is_one_search(at: Desks) -> None:
    """The same event; the offers are of now."""
    for _ in range(2):
        await at.call("post", "/v1/searches", at.callers.worker(), SINGLE, "k1")
    first, again = at.log.said("search-made")
    assert first["search"] == again["search"]
    assert kind(await at.call("post", "/v1/searches", at.callers.worker(), MOTHER, "k1")) == (409, "key-reused")
