"""What was sent is written to the audit log: by whom, what kinds, about what; and a decision that can't be noted is not taken."""

import pytest

from tests.gateway.conftest import Desk
from tests.sent import admitted, asked, declared, event, registered, uuid


async def test_what_was_sent_is_noted_by_kind_and_by_what_it_is_about(desk: Desk) -> None:
    """A request is one record, with each kind, each shelter and each hold once."""
    answer = event("hold-accepted", hold=uuid(1))
    await desk.send(desk.callers.shelter("berk"), registered(), declared("u1"), declared("u2"), admitted("u1"), answer)
    [entry] = desk.audited.entries
    assert entry["what"] == ["admission", "hold-accepted", "shelter-registered", "unit-declared"]
    assert [(thing["type"], thing["id"]) for thing in entry["objects"]] == [("hold", f"berk/{uuid(1)}"), ("shelter", "berk")]
    assert (entry["event"], entry["action"], entry["outcome"], entry["role"]) == ("events-sent", "C", "success", "shelter")


async def test_demand_is_noted_by_its_key(desk: Desk) -> None:
    """A search, a fallback or an entry; never the region or the need beside it."""
    ended = event("search-ended", source="urn:plek:worker", search=uuid(1), outcome="held") | {"subject": "R07"}
    del ended["data"]["shelter"]
    assert (await desk.send(desk.callers.worker(), ended)).status_code == 200
    assert desk.audited.told == [("events-sent", "success", [uuid(1)])]


@pytest.mark.parametrize("role", ["worker", "operator", "shelter"])
async def test_a_decision_that_can_not_be_noted_is_not_taken(desk: Desk, role: str) -> None:
    """Nothing is in the log then, and the caller is told that nothing is promised."""
    desk.audited.log.away = True
    sent = {
        "worker": (desk.callers.worker(), asked(desk.pseudonyms.asked_by("w1"))),
        "operator": (desk.callers.operator, admitted()),
        "shelter": (desk.callers.shelter("berk"), event("hold-declined", hold=uuid(1), reason="full")),
    }
    answer = await desk.send(*sent[role])
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:plek:problem:kafka-away")
    assert desk.kept == []


async def test_a_fact_that_can_not_be_noted_is_not_promised(desk: Desk) -> None:
    """It may stand in the log, as after any trouble with Kafka: sent again it counts once, and is noted then."""
    desk.audited.log.away = True
    assert (await desk.send(desk.callers.shelter("berk"), admitted())).json()["type"] == "urn:plek:problem:kafka-away"
    desk.audited.log.away = False
    assert (await desk.send(desk.callers.shelter("berk"), admitted())).status_code == 200
    assert desk.audited.told == [("events-sent", "success", ["berk"])]


async def test_a_decision_that_did_not_come_into_the_log_is_noted_as_failed(desk: Desk) -> None:
    """Two records: that it was to be sent, and that it could not."""
    desk.log.away = True
    assert (await desk.send(desk.callers.operator, admitted())).status_code == 503
    assert [outcome for _, outcome, _ in desk.audited.told] == ["success", "failed"]


async def test_who_may_not_send_is_noted_without_what_she_sent(desk: Desk) -> None:
    """What was refused names nothing: it could be anything."""
    await desk.send(desk.callers.shelter("berk"), admitted(shelter="den"))
    await desk.client.post("/v1/events", headers=desk.callers.of("analyst"))
    assert desk.audited.told == [("events-sent", "refused", [])] * 2
