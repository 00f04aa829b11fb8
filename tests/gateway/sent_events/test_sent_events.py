"""What was sent about a shelter, and how it is undone, over HTTP."""

import asyncio
from typing import Any, Final

import orjson
import pytest

from services.gateway.sent_events.models import sent_by
from services.gateway.shelters.event_handles import NamedEvent
from tests.gateway.conftest import Desk
from tests.sent import admitted, asked, declared, event, registered, uuid
from tests.waiting import until

STAY: Final = uuid(9)


async def _shelter(desk: Desk) -> dict[str, str]:
    """Register berk with two units, the second one occupied, through the log; return the headers of its staff."""
    await desk.send(desk.callers.operator, registered(), declared(), declared("u2"), admitted("u2", stay=9))
    await desk.fold_log()
    await until(lambda: desk.tracker.up)
    return desk.callers.shelter("berk")


async def _events(desk: Desk, headers: dict[str, str]) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = (await desk.listed(headers)).json()["events"]
    return listed


async def test_what_was_sent_is_listed_the_newest_first(desk: Desk) -> None:
    """Each event has its handle, type, times, sender and codes; what an answer named an event by, the list does too."""
    staff = await _shelter(desk)
    body = {"unit": "u1", "adults": 1, "children": 2, "occurred_at": "2026-03-02T10:00:00Z"}
    answer = (await desk.call(staff, "berk/admissions", body)).json()
    first, *others = await _events(desk, staff)
    assert {name: first[name] for name in ("event", "type", "by", "undone", "undo", "occurred_at", "data")} == {
        "event": answer["event"],
        "type": "admission",
        "by": "desk",
        "undone": False,
        "undo": answer["undo"],
        "occurred_at": "2026-03-02T10:00:00Z",
        "data": {"unit": "u1", "stay": answer["stay"], "adults": 1, "children": 2},
    }
    assert [each["type"] for each in others] == ["admission", "unit-declared", "unit-declared", "shelter-registered"]
    assert "0800" not in orjson.dumps(others).decode()
    assert desk.audited.told[-1] == ("shelters-shown", "success", ["berk"])


async def test_nothing_of_a_worker_is_listed(desk: Desk) -> None:
    """A request for a hold is not the shelter's: neither it, nor its desk, nor the pseudonym of the worker is listed."""
    staff = await _shelter(desk)
    answered = event("hold-accepted", hold=uuid(1))
    await desk.send(desk.callers.operator, asked("a" * 32), answered)
    answer = await desk.listed(staff)
    assert [each["type"] for each in answer.json()["events"]][:2] == ["hold-accepted", "admission"]
    assert "undo" not in answer.json()["events"][0]
    assert not any(word in answer.text for word in ("crisis-oost", "a" * 32, "hold-requested"))


async def test_a_coordinator_sees_no_households(desk: Desk) -> None:
    """A coordinator of the region reads the list without stays and sizes, an operator with them; one of another region is refused."""
    await _shelter(desk)
    admission = (await _events(desk, desk.callers.coordinator("R07")))[0]
    assert admission["data"] == {"unit": "u2"}
    assert (await _events(desk, desk.callers.operator))[0]["data"]["adults"] == 1
    refused = [await desk.listed(desk.callers.coordinator("R01")), await desk.listed(desk.callers.shelter("den"))]
    refused.append(await desk.listed(desk.callers.coordinator("R07"), "nowhere"))
    assert {(each.status_code, each.content) for each in refused} == {(403, refused[0].content)}


async def test_an_event_is_undone_by_its_handle(desk: Desk) -> None:
    """The correction names the event, the list shows both, the view shows it as never sent; the answer says what that leads to."""
    staff = await _shelter(desk)
    listed = (await _events(desk, staff))[0]
    answer = await desk.call(staff, listed["undo"].removeprefix("/v1/shelters/"), {"reason": "wrong_unit"})
    found = answer.json()
    assert (answer.status_code, found["type"], [each["code"] for each in found["warnings"]]) == (201, "correction", ["stay-removed"])
    assert "undo" not in found
    correction, undone, *_ = await _events(desk, staff)
    assert (correction["event"], correction["corrects"], correction["data"]) == (found["event"], listed["event"], {"reason": "wrong_unit"})
    assert (undone["event"], undone["undone"], "undo" in undone) == (listed["event"], True, False)
    await desk.fold_log()
    snapshot = await desk.folded.view.read_partition(8)
    assert snapshot.shelters["berk"].units["u2"].stays == ()


async def test_what_can_not_be_undone_is_one_refusal(desk: Desk) -> None:
    """A correction, a count, an answer to a hold and what was undone before are 409 alike, and nothing is sent."""
    staff = await _shelter(desk)
    undo = (await _events(desk, staff))[0]["undo"].removeprefix("/v1/shelters/")
    await desk.call(staff, undo, {})
    await desk.call(staff, "berk/counts", {})
    await desk.send(staff, event("hold-accepted", hold=uuid(1)))
    before = len(desk.records)
    handles = [each["event"] for each in await _events(desk, staff) if "undo" not in each]
    handles = [handle for handle in handles if desk.handles.read(handle).type not in {"unit-declared", "shelter-registered"}]  # type: ignore[union-attr]
    assert len(handles) == 4
    for handle in handles:
        answer = await desk.call(staff, f"berk/events/{handle}/undo", {})
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:plek:problem:not-undoable")
    assert len(desk.records) == before


@pytest.mark.parametrize("at_once", [True, False])
async def test_an_undoing_with_a_key_is_one(desk: Desk, at_once: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Sent twice with one key, at once or not, an undoing is one correction; with another body the key is refused."""
    staff = await _shelter(desk)
    undo = (await _events(desk, staff))[0]["undo"].removeprefix("/v1/shelters/")
    if at_once:
        answers = await asyncio.gather(*(desk.call(staff, undo, {}, key="k") for _ in range(2)))
    else:
        answers = [await desk.call(staff, undo, {}, key="k") for _ in range(2)]
    assert ([each.status_code for each in answers], len({each.json()["event"] for each in answers})) == ([201, 201], 1)
    assert [each["type"] for each in await _events(desk, staff)].count("correction") == 1
    reused = await desk.call(staff, undo, {"reason": "duplicate"}, key="k")
    assert (reused.status_code, reused.json()["type"]) == (409, "urn:plek:problem:key-reused")


async def test_undoing_a_discharge_warns_where_the_unit_is_taken(desk: Desk) -> None:
    """The household comes back; when another one is in its unit by now, the answer says so."""
    staff = await _shelter(desk)
    left = (await desk.call(staff, "berk/discharges", {"stay": STAY, "destination": "home"})).json()
    await desk.fold_log()
    await desk.call(staff, "berk/admissions", {"unit": "u2", "adults": 1, "children": 0})
    await desk.fold_log()
    found = (await desk.call(staff, left["undo"].removeprefix("/v1/shelters/"), {})).json()
    assert [each["code"] for each in found["warnings"]] == ["stay-returns", "unit-occupied"]


async def test_a_handle_is_bound_to_its_shelter(desk: Desk) -> None:
    """A handle of another shelter, one that was made up and another's shelter are one answer; nothing is sent."""
    staff = await _shelter(desk)
    own = (await _events(desk, staff))[0]["event"]
    others = desk.handles.write(NamedEvent("den", "urn:plek:shelter:den:d", "e1", "admission"))
    before = len(desk.records)
    paths = (f"berk/events/{others}/undo", "berk/events/made-up/undo", f"den/events/{own}/undo", f"den/events/{others}/undo")
    answers = [await desk.call(staff, path, {}) for path in paths]
    assert {(each.status_code, each.content) for each in answers} == {(403, answers[0].content)}
    assert len(desk.records) == before


async def test_a_coordinator_undoes_what_was_sent_in_the_own_region(desk: Desk) -> None:
    """A correction of a coordinator has the coordinator's source, and the list says so; of another region it is refused."""
    await _shelter(desk)
    coordinator = desk.callers.coordinator("R07")
    undo = (await _events(desk, coordinator))[0]["undo"].removeprefix("/v1/shelters/")
    assert (await desk.call(desk.callers.coordinator("R01"), undo, {})).status_code == 403
    assert (await desk.call(coordinator, undo, {})).status_code == 201
    assert (await _events(desk, coordinator))[0]["by"] == "coordinator"


async def test_without_kafka_there_is_no_list(desk: Desk) -> None:
    """While the log is away the list is 503, never empty."""
    staff = await _shelter(desk)
    desk.log.away = True
    assert (await desk.listed(staff)).status_code == 503


@pytest.mark.parametrize(
    ("source", "by"),
    [
        ("urn:plek:shelter:berk:desk-1", "desk-1"),
        ("urn:plek:shelter:berk:api", "api"),
        ("urn:plek:import", "import"),
        ("urn:plek:import:x", "import"),
        ("urn:plek:coordinator", "coordinator"),
        ("urn:plek:operator", "operator"),
        ("urn:plek:worker", "system"),
        ("urn:plek:shelter:den:d", "system"),
        ("urn:plek:crisis-oost", "system"),
    ],
)
def test_who_sent_an_event(source: str, by: str) -> None:
    """A desk of the shelter is named; of every other sender no more than its kind."""
    assert sent_by(source, "berk") == by


@pytest.mark.parametrize(
    ("name", "roles"),
    [
        ("admission", {"shelter", "coordinator", "operator"}),
        ("unit-declared", {"coordinator", "operator"}),
        ("shelter-registered", {"operator"}),
    ],
)
async def test_f2_no_one_person_undoes_a_registration(desk: Desk, name: str, roles: set[str]) -> None:
    """F2: an undone registration could move the shelter, so an operator undoes it; a unit also a coordinator. The list offers no more."""
    staff = await _shelter(desk)
    callers = {"shelter": staff, "coordinator": desk.callers.coordinator("R07"), "operator": desk.callers.operator}
    for role, headers in callers.items():
        listed = next(each for each in await _events(desk, headers) if each["type"] == name and not each["undone"])
        if role not in roles:
            answer = await desk.call(headers, f"berk/events/{listed['event']}/undo", {})
            assert (answer.status_code, answer.json()["because"]) == (403, "role")
        assert ("undo" in listed) == (role in roles)
