"""Calls without an envelope: three members make an event, once, by the same rules as `POST /v1/events`."""

import asyncio
from typing import Any, Final

import orjson
import pytest

from services.adapters.auth.authentication import Caller
from services.adapters.clock import now_ms
from services.adapters.http.sealed_positions import SealedPositions
from services.adapters.kafka.topics import partition_of
from services.adapters.rfc3339 import show
from services.gateway.shelters.shelter_access import source_of
from tests.gateway.conftest import Desk
from tests.sent import admitted, asked, declared, id_of, registered, uuid
from tests.waiting import until

STAY: Final = uuid(9)
AT: Final = "2026-03-02T10:00:00Z"
ROWS: Final[list[tuple[str, dict[str, Any], str]]] = [
    ("admissions", {"unit": "u1", "adults": 1, "children": 2}, "admission"),
    ("admissions", {"unit": "u1", "stay": uuid(3), "adults": 1, "children": 2, "hold": uuid(4), "occurred_at": AT}, "admission"),
    ("discharges", {"stay": STAY, "destination": "home"}, "discharge"),
    ("discharges", {"stay": STAY, "destination": "home", "unit_ready": False, "occurred_at": AT}, "discharge"),
    ("transfers", {"stay": STAY, "to_unit": "u1"}, "transfer"),
    ("stay-changes", {"stay": STAY, "adults": 1, "children": 3}, "stay-changed"),
    ("planned-discharges", {"stay": STAY, "expected_at": AT}, "discharge-planned"),
    ("closures", {"unit": "u1", "reason": "cleaning", "expected_until": AT}, "unit-closed"),
    ("reopenings", {"unit": "u1"}, "unit-reopened"),
    ("counts", {}, "count-confirmed"),
    ("counts", {"free": 1}, "count-confirmed"),
    ("pauses", {"reason": "staffing"}, "intake-paused"),
    ("resumptions", {}, "intake-resumed"),
]


async def _shelter(desk: Desk, *more: dict[str, Any]) -> dict[str, str]:
    """Register berk with two units, the second one occupied; return the headers of its staff."""
    await desk.folded.fold(registered(), declared(), declared("u2"), admitted("u2", stay=9), *more)
    await until(lambda: desk.tracker.up)
    return desk.callers.shelter("berk")


def _logged(desk: Desk) -> list[dict[str, Any]]:
    return [orjson.loads(value) for _, value in desk.records]


@pytest.mark.parametrize(("path", "body", "name"), ROWS)
async def test_a_call_makes_one_event(desk: Desk, path: str, body: dict[str, Any], name: str) -> None:
    """The log has an event of the type, with what was sent, as what the shelter's own desk says now; the ids are random."""
    staff = await _shelter(desk)
    answer = await desk.call(staff, f"berk/{path}", body)
    found = answer.json()
    assert (answer.status_code, found["type"]) == (201, name)
    [logged] = _logged(desk)
    stay = {"stay": found["stay"]} if "stay" in found else {}
    envelope = {"type": f"nl.plek.{name}.v1", "source": "urn:plek:shelter:berk:desk", "subject": "berk", "specversion": "1.0"}
    assert envelope.items() <= logged.items()
    assert logged["data"] == {"shelter": "berk", **body, **stay}
    place = SealedPositions(desk.pseudonyms).read(found["at_least"], numbers=False)
    assert place == (partition_of(b"berk", 12), 0)
    assert ("undo" in found) == (name != "count-confirmed")
    assert desk.audited.told == [("events-sent", "success", ["berk"])]


async def test_a_household_moves_in_and_out_by_its_unit(desk: Desk) -> None:
    """Three members admit, and two discharge: the stay is made by the one call and found by the other."""
    staff = await _shelter(desk)
    entered = (await desk.call(staff, "berk/admissions", {"unit": "u1", "adults": 1, "children": 2})).json()
    await desk.fold_log()
    left = (await desk.call(staff, "berk/discharges", {"unit": "u1", "destination": "own_home"})).json()
    assert (left["stay"], left["warnings"], entered["warnings"]) == (entered["stay"], [], [])


@pytest.mark.parametrize("at_once", [True, False])
async def test_a_key_makes_one_event(desk: Desk, at_once: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Sent twice with one key, at once or after the first one is shown, a request makes one event and gets one answer."""
    staff = await _shelter(desk)
    body = {"unit": "u1", "adults": 1, "children": 2}
    if at_once:
        first, again = await asyncio.gather(*(desk.call(staff, "berk/admissions", body, key="k") for _ in range(2)))
    else:
        first = await desk.call(staff, "berk/admissions", body, key="k")
        await desk.fold_log()
        again = await desk.call(staff, "berk/admissions", body, key="k")
    shared = ("event", "stay", "type", "warnings", "undo")
    assert [first.json()[name] for name in shared] == [again.json()[name] for name in shared]
    assert len({(each["source"], each["id"]) for each in _logged(desk)}) == 1
    await desk.fold_log()
    snapshot = await desk.folded.view.read_partition(partition_of(b"berk", 12))
    assert len(snapshot.shelters["berk"].units["u1"].stays) == 1


async def test_a_retry_by_unit_discharges_nobody_else(desk: Desk) -> None:
    """A discharge by unit that is sent again names the stay that it named first, though another household is in the unit by then."""
    staff = await _shelter(desk)
    body = {"unit": "u2", "destination": "home"}
    first = await desk.call(staff, "berk/discharges", body, key="k")
    await desk.fold_log()
    await desk.folded.fold(admitted("u2", stay=10))
    again = await desk.call(staff, "berk/discharges", body, key="k")
    assert (first.json()["stay"], again.json()["stay"], again.json()["warnings"]) == (STAY, STAY, [])


async def test_a_key_with_another_body_is_refused(desk: Desk) -> None:
    """The same key with another body is 409, and makes no event; a body that was refused as invalid uses up no key."""
    staff = await _shelter(desk)
    later = {"unit": "u1", "occurred_at": show((now_ms() + 3_600_000) * 1_000_000)}
    assert (await desk.call(staff, "berk/reopenings", later, key="k")).status_code == 400
    assert (await desk.call(staff, "berk/reopenings", {"unit": "u1"}, key="k")).status_code == 201
    refused = await desk.call(staff, "berk/reopenings", {"unit": "u2"}, key="k")
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:plek:problem:key-reused")
    assert len(desk.records) == 1


async def test_a_unit_names_a_stay_only_when_one_is_in_it(desk: Desk) -> None:
    """An empty unit and one with two households are answered with 409 and the choices; the choice sent as `stay` goes through."""
    staff = await _shelter(desk, admitted("u2", stay=10))
    empty = await desk.call(staff, "berk/transfers", {"unit": "u1", "to_unit": "u2"})
    assert (empty.status_code, empty.json()["type"], empty.json()["stays"]) == (409, "urn:plek:problem:which-stay", [])
    double = await desk.call(staff, "berk/discharges", {"unit": "u2", "destination": "home"}, key="k")
    stays = double.json()["stays"]
    assert [(each["stay"], each["adults"], each["children"]) for each in stays] == [(STAY, 1, 1), (uuid(10), 1, 1)]
    chosen = await desk.call(staff, "berk/discharges", {"stay": stays[1]["stay"], "destination": "home"}, key="k")
    assert (chosen.status_code, chosen.json()["stay"]) == (201, uuid(10))


@pytest.mark.parametrize(("given", "status"), [({"hold": uuid(1)}, "fulfilled"), ({"hold": None}, "overtaken")])
async def test_d6_a_held_unit_is_asked_about_first(desk: Desk, given: dict[str, Any], status: str) -> None:
    """D6: a unit held for a household of this size is 409 first; then the hold is fulfilled, or lost to another household, as was said."""
    staff = await _shelter(desk, asked("a" * 32))
    body = {"unit": "u1", "adults": 1, "children": 1}
    held = await desk.call(staff, "berk/admissions", body, key="k")
    assert (held.status_code, held.json()["type"]) == (409, "urn:plek:problem:held")
    [hold] = held.json()["holds"]
    assert (hold["hold"], hold["adults"], hold["children"], set(hold)) == (uuid(1), 1, 1, {"hold", "adults", "children", "until"})
    answer = await desk.call(staff, "berk/admissions", body | given, key="k")
    assert [each["code"] for each in answer.json()["warnings"]] == ([] if given["hold"] else ["unit-held"])
    await desk.fold_log()
    found = await desk.folded.view.hold(partition_of(b"berk", 12), "berk", uuid(1))
    assert found
    assert found.status == status


async def test_a_household_of_another_size_takes_a_held_unit_with_a_warning(desk: Desk) -> None:
    """Only a household of the size that the unit is held for is asked about."""
    staff = await _shelter(desk, asked("a" * 32))
    answer = await desk.call(staff, "berk/admissions", {"unit": "u1", "adults": 1, "children": 0})
    assert [each["code"] for each in answer.json()["warnings"]] == ["unit-held"]


async def test_without_the_view_a_fact_is_accepted_where_its_stay_is_known(desk: Desk) -> None:
    """Without the view a fact goes through as not checked; one that names a unit in place of a stay is 503, and nothing is done."""
    staff = await _shelter(desk)
    desk.folded.view.away = True
    await until(lambda: not desk.tracker.up)
    for path, body in (("admissions", {"unit": "u1", "adults": 1, "children": 1}), ("discharges", {"stay": STAY, "destination": "home"})):
        answer = await desk.call(staff, f"berk/{path}", body)
        assert (answer.status_code, [each["code"] for each in answer.json()["warnings"]]) == (201, ["not-checked"])
    answer = await desk.call(staff, "berk/discharges", {"unit": "u2", "destination": "home"})
    assert (answer.status_code, answer.json()["type"], len(desk.records)) == (503, "urn:plek:problem:view-away", 2)


async def test_anothers_shelter_and_none_are_one_answer(desk: Desk) -> None:
    """A shelter that is another's, does not exist or can't exist is 403 alike, and nothing of it is read."""
    staff = await _shelter(desk)
    answers = [await desk.call(staff, f"{name}/counts", {}) for name in ("den", "nowhere", "N%21")]
    assert {(answer.status_code, answer.content) for answer in answers} == {(403, answers[0].content)}
    assert (await desk.call(desk.callers.operator, "N%21/counts", {})).status_code == 403
    assert desk.records == []


async def test_an_operator_makes_no_shelter_heard_of(desk: Desk) -> None:
    """R9: what an operator sends for a shelter has a source of its own, so the shelter has not spoken."""
    await _shelter(desk)
    answer = await desk.call(desk.callers.operator, "berk/counts", {})
    assert (answer.status_code, _logged(desk)[0]["source"]) == (201, "urn:plek:operator")
    assert answer.json()["at_least"] == f"{partition_of(b'berk', 12)}:0"


@pytest.mark.parametrize(
    ("desk_of_token", "source"),
    [
        ("nacht", "urn:plek:shelter:berk:nacht"),
        (None, "urn:plek:shelter:berk:desk"),
        ("0612345678", "urn:plek:shelter:berk:desk"),
    ],
)
def test_the_source_names_the_desk_of_the_token(desk_of_token: str | None, source: str) -> None:
    """The desk of the token is the last part of the source, unless it looks personal or makes the source too long."""
    assert source_of(Caller("s1", "shelter", frozenset({"berk"}), desk=desk_of_token), "berk") == source
    long = "x" * 40
    assert source_of(Caller("s1", "shelter", desk=long), long) == f"urn:plek:shelter:{long}:desk"


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("admissions", {"unit": "u1", "adults": 0, "children": 0}, {("", "no_household")}),
        ("admissions", {"unit": "1980-01-02", "adults": 1, "children": 0}, {("/unit", "personal_data")}),
        ("admissions", {"unit": "U1", "adults": 21}, {("/unit", "bad_format"), ("/adults", "out_of_range"), ("/children", "missing")}),
        ("closures", {"unit": "u1", "reason": "fire"}, {("/reason", "not_in_list")}),
        ("closures", {"unit": "u1", "reason": "other", "Fatima": 1}, {("", "unknown_member")}),
        ("discharges", {"destination": "home"}, {("", "not_exactly_one_key")}),
        ("discharges", {"unit": "u2", "stay": STAY, "destination": "home"}, {("", "not_exactly_one_key")}),
        ("stay-changes", {"adults": 0, "children": 0}, {("", "not_exactly_one_key"), ("", "no_household")}),
    ],
)
async def test_all_that_is_wrong_is_answered_at_once(desk: Desk, path: str, body: dict[str, Any], expected: set[tuple[str, str]]) -> None:
    """A body that breaks rules is 400 with every problem, at its place in the body, and makes no event."""
    answer = await desk.call(await _shelter(desk), f"berk/{path}", body)
    assert answer.status_code == 400
    assert {(each["pointer"], each["code"]) for each in answer.json()["errors"]} == expected
    assert desk.records == []


async def test_calls_and_envelopes_give_the_same_log(desk: Desk) -> None:
    """Every call says what an envelope would: sent both ways, the events differ in their ids, times and nothing else."""
    staff = await _shelter(desk)
    for path, body, _ in ROWS:
        await desk.call(staff, f"berk/{path}", body)
    by_call = _logged(desk)
    envelopes = [{**each, "id": id_of("again", number), "time": show(now_ms() * 1_000_000)} for number, each in enumerate(by_call)]
    assert (await desk.send(staff, *envelopes)).status_code == 200
    kept = ("type", "subject", "source", "data", "specversion", "datacontenttype")
    assert [[each[name] for name in kept] for each in _logged(desk)[len(by_call) :]] == [[each[name] for name in kept] for each in by_call]


async def test_without_kafka_nothing_is_promised(desk: Desk) -> None:
    """Without Kafka a call is 503, and with the same key it goes through afterwards."""
    staff = await _shelter(desk)
    desk.log.away = True
    assert (await desk.call(staff, "berk/counts", {"free": 1}, key="k")).status_code == 503
    desk.log.away = False
    assert (await desk.call(staff, "berk/counts", {"free": 1}, key="k")).status_code == 201
