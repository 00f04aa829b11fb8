"""What was sent is recorded in the audit log: sender, types, objects; and a decision that can't be recorded is not made."""

import pytest

from services.adapters.clock import now_ms
from tests.gateway.conftest import Desk
from tests.sent import admitted, declared, event, registered, uuid


async def test_what_was_sent_is_recorded_by_type_and_object(desk: Desk) -> None:
    """A request is one record, with each kind, each shelter, each hold and each proposal once."""
    answer = event("hold-accepted", hold=uuid(1))
    await desk.send(desk.callers.shelter("berk"), registered(), declared("u1"), declared("u2"), admitted("u1"), answer)
    [entry] = desk.audited.entries
    assert entry["what"] == ["admission", "hold-accepted", "shelter-registered", "unit-declared"]
    assert [(thing["type"], thing["id"]) for thing in entry["objects"]] == [
        ("hold", f"berk/{uuid(1)}"),
        ("proposal", desk.proposals.log.table.open_of("berk", now_ms())[0].proposal.proposal),
        ("shelter", "berk"),
    ]
    assert (entry["event"], entry["action"], entry["outcome"], entry["role"]) == ("events-sent", "C", "success", "shelter")


async def test_demand_is_recorded_by_its_key(desk: Desk) -> None:
    """An event of demand is recorded by the id of its search, fallback or entry, never by its region or need."""
    ended = event("search-ended", source="urn:plek:worker", search=uuid(1), outcome="held") | {"subject": "R07"}
    del ended["data"]["shelter"]
    assert (await desk.send(desk.callers.operator, ended)).status_code == 200
    assert desk.audited.told == [("events-sent", "success", [uuid(1)])]


@pytest.mark.parametrize("role", ["operator", "shelter"])
async def test_a_decision_that_can_not_be_recorded_is_not_made(desk: Desk, role: str) -> None:
    """Without the audit log no decision comes into the log, and the answer is `kafka-away`."""
    desk.audited.log.away = True
    sent = {
        "operator": (desk.callers.operator, admitted()),
        "shelter": (desk.callers.shelter("berk"), event("hold-declined", hold=uuid(1), reason="full")),
    }
    answer = await desk.send(*sent[role])
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:plek:problem:kafka-away")
    assert desk.records == []


async def test_a_fact_that_can_not_be_recorded_is_not_promised(desk: Desk) -> None:
    """A fact may be in the log although its entry failed; sent again it counts once (R1), and is recorded."""
    desk.audited.log.away = True
    assert (await desk.send(desk.callers.shelter("berk"), admitted())).json()["type"] == "urn:plek:problem:kafka-away"
    desk.audited.log.away = False
    assert (await desk.send(desk.callers.shelter("berk"), admitted())).status_code == 200
    assert desk.audited.told == [("events-sent", "success", ["berk"])]


@pytest.mark.parametrize("role", ["operator", "shelter"])
async def test_what_did_not_come_into_the_log_is_recorded_as_failed(desk: Desk, role: str) -> None:
    """A decision or a fact that the log did not take leaves two records: that it was to be sent, and that it could not."""
    desk.log.away = True
    who = desk.callers.operator if role == "operator" else desk.callers.shelter("berk")
    assert (await desk.send(who, admitted())).status_code == 503
    assert [outcome for _, outcome, _ in desk.audited.told] == ["success", "failed"]


async def test_a_refusal_is_recorded_without_what_was_sent(desk: Desk) -> None:
    """The entry of a refused request names no object: what was sent could be anything."""
    await desk.send(desk.callers.shelter("berk"), admitted(shelter="den"))
    await desk.client.post("/v1/events", headers=desk.callers.of("analyst"))
    assert desk.audited.told == [("events-sent", "refused", [])] * 2
