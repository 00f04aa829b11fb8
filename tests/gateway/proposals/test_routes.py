"""Proposals over HTTP: what is in force at once, what waits for whom, and what becomes of it."""

import asyncio
from pathlib import Path
from typing import Any

import orjson
import pytest

from services.adapters.clock import now_ms
from services.adapters.kafka.ports import LogRecord
from services.adapters.proposals.proposal_records import EventsAppended, Proposal, ProposalDecision, encode_record, key_of
from services.domain.durations import DAY_MS
from tests.gateway.conftest import Desk, opened
from tests.sent import declared, event, registered

BERK: dict[str, Any] = registered()["data"]
UNIT: dict[str, Any] = {"unit": "u1", "kind": "crisis", "max_adults": 1, "max_children": 2, "beds": 3}
CONFIRM, REJECT, WITHDRAW = (f"/v1/proposals/{{proposal}}/{verb}" for verb in ("confirm", "reject", "withdraw"))
CHANGE, UNITS = "/v1/shelters/{shelter}/registration", "/v1/shelters/{shelter}/units"
_OUTCOME = tuple[int, str]


async def _register(desk: Desk, headers: dict[str, str], **members: Any) -> dict[str, Any]:
    answer = await desk.request("POST", "/v1/shelters", headers, BERK | members)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def _decide(desk: Desk, route: str, headers: dict[str, str], proposal: str, **body: str) -> _OUTCOME:
    answer = await desk.request("POST", route, headers, body or None, proposal=proposal)
    found = answer.json()
    return answer.status_code, found.get("status") if answer.status_code == 200 else found["type"].rpartition(":")[2]


def _beds(desk: Desk) -> list[dict[str, Any]]:
    return [orjson.loads(value) for topic, value in desk.records if topic == "plek.bed-events"]


async def test_a_new_shelter_is_registered_by_two_coordinators(desk: Desk) -> None:
    """One proposes, and can't confirm it in whichever role; a second one of the region confirms, and the event is in the log."""
    made = await _register(desk, desk.callers.coordinator("R07"))
    assert (made["status"], made["what"], made["needs"]) == ("proposed", "new-shelter", "a second coordinator of R07, or an operator")
    operator_of_the_same_person = desk.callers.signed(sub="c1", role="operator")
    for own in (desk.callers.coordinator("R07"), operator_of_the_same_person):
        assert await _decide(desk, CONFIRM, own, made["proposal"]) == (403, "own-proposal")
    assert await _decide(desk, CONFIRM, desk.callers.coordinator("R01", sub="c3"), made["proposal"]) == (403, "forbidden")
    assert _beds(desk) == []
    assert await _decide(desk, CONFIRM, desk.callers.coordinator("R07", sub="c2"), made["proposal"]) == (200, "in-force")
    assert [(each["type"], each["data"]) for each in _beds(desk)] == [("nl.plek.shelter-registered.v1", BERK)]


async def test_what_was_decided_is_in_the_audit_log(desk: Desk) -> None:
    """Proposing, listing and confirming are records with the proposal and the shelter; so is a refusal."""
    made = await _register(desk, desk.callers.coordinator("R07"))
    await desk.request("GET", "/v1/proposals", desk.callers.coordinator("R07"))
    await _decide(desk, CONFIRM, desk.callers.coordinator("R07"), made["proposal"])
    await _decide(desk, CONFIRM, desk.callers.operator, made["proposal"])
    objects = [made["proposal"], "berk"]
    assert desk.audited.told == [
        ("proposal-made", "success", objects),
        ("proposals-shown", "success", objects),
        ("proposal-decided", "refused", objects[:1]),
        ("proposal-decided", "success", objects),
    ]


async def test_an_operator_registers_alone(desk: Desk) -> None:
    """What an operator registers is in force at once, with a record as if it had been confirmed."""
    made = await _register(desk, desk.callers.operator)
    assert (made["status"], len(_beds(desk))) == ("in-force", 1)
    tracked = desk.proposals.log.table.get(made["proposal"])
    assert tracked is not None
    assert tracked.status(now_ms()) == "in-force"


async def test_an_identical_registration_writes_nothing(desk: Desk) -> None:
    """What says what is shown already is answered `unchanged`, whoever sends it and whichever way: else it would be the last statement."""
    await desk.folded.fold(registered())
    for headers in (desk.callers.shelter("berk"), desk.callers.coordinator("R07"), desk.callers.operator):
        assert (await _register(desk, headers))["status"] == "unchanged"
    sent = await desk.send(desk.callers.shelter("berk"), registered(number=9))
    assert (sent.json()["events"][0], desk.records) == ({"index": 0, "status": "unchanged"}, [])


@pytest.mark.parametrize(
    ("member", "value", "status"),
    [
        ("name", "Anders", "in-force"),
        ("languages", ["nl", "en"], "in-force"),
        ("services", ["addiction"], "in-force"),
        ("max_son_age", 12, "in-force"),
        ("intake_phone", "0800-2", "proposed"),
        ("security", "secure", "proposed"),
        ("audience", ["men"], "proposed"),
        ("organisation", "org-2", "proposed"),
        ("region", "R01", "proposed"),
    ],
)
async def test_what_moves_households_needs_a_second_person(desk: Desk, member: str, value: Any, status: str) -> None:
    """Name, languages, services and the age of sons are changed directly, by a shelter and by a coordinator; the other members wait."""
    await desk.folded.fold(registered())
    for headers in (desk.callers.shelter("berk"), desk.callers.coordinator("R07")):
        answer = await desk.request("PATCH", CHANGE, headers, {member: value}, shelter="berk")
        assert (answer.status_code, answer.json()["status"], answer.json()["changes"]) == (201, status, [member])


async def test_a_move_concerns_both_regions(desk: Desk) -> None:
    """A shelter that its own coordinator moves is confirmed by one of the new region; moved by itself, by one of both or an operator."""
    await desk.folded.fold(registered())
    by_coordinator = await desk.request("PATCH", CHANGE, desk.callers.coordinator("R07"), {"region": "R01"}, shelter="berk")
    by_itself = await desk.request("PATCH", CHANGE, desk.callers.shelter("berk"), {"region": "R01"}, shelter="berk")
    new, old = desk.callers.coordinator("R01", sub="c2"), desk.callers.coordinator("R07", sub="c3")
    assert await _decide(desk, CONFIRM, old, by_coordinator.json()["proposal"]) == (403, "forbidden")
    assert await _decide(desk, CONFIRM, new, by_itself.json()["proposal"]) == (403, "forbidden")
    assert await _decide(desk, CONFIRM, new, by_coordinator.json()["proposal"]) == (200, "in-force")


async def test_units_of_a_shelter_are_confirmed_by_one_coordinator(desk: Desk) -> None:
    """Six units that a shelter sends are one proposal; a coordinator's own are in force at once, and so is what an operator sends."""
    await desk.folded.fold(registered())
    six = {"units": [UNIT | {"unit": f"u{number}"} for number in range(6)]}
    made = (await desk.request("POST", UNITS, desk.callers.shelter("berk"), six, shelter="berk")).json()
    assert (made["status"], made["what"], made["changes"]) == ("proposed", "units", ["units"])
    assert await _decide(desk, CONFIRM, desk.callers.coordinator("R07"), made["proposal"]) == (200, "in-force")
    assert [each["data"]["unit"] for each in _beds(desk)] == [f"u{number}" for number in range(6)]
    for headers in (desk.callers.coordinator("R07"), desk.callers.operator):
        direct = await desk.request("POST", UNITS, headers, UNIT | {"unit": "u9"}, shelter="berk")
        assert (direct.json()["status"], direct.json()["what"]) == ("in-force", "units")


async def test_a_unit_is_withdrawn_the_same_way(desk: Desk) -> None:
    """A shelter proposes it, a coordinator does it; a unit that is not declared is unchanged."""
    await desk.folded.fold(registered(), declared())
    route = "/v1/shelters/{shelter}/units/{unit}/withdrawal"
    found = [
        (await desk.request("POST", route, headers, shelter="berk", unit=unit)).json()["status"]
        for headers, unit in (
            (desk.callers.shelter("berk"), "u1"),
            (desk.callers.shelter("berk"), "u7"),
            (desk.callers.coordinator("R07"), "u1"),
        )
    ]
    assert found == ["proposed", "unchanged", "in-force"]


async def test_a_shelter_and_its_units_are_one_proposal(desk: Desk) -> None:
    """What a coordinator sends of a new shelter in one request is confirmed at once, in the order of the contract."""
    source = {"source": "urn:plek:coordinator"}
    sent = await desk.send(desk.callers.coordinator("R07"), registered(**source), declared("u1", **source), declared("u2", **source))
    found = sent.json()["events"]
    assert [each["status"] for each in found] == ["proposed"] * 3
    [proposal] = {each["proposal"] for each in found}
    await _decide(desk, CONFIRM, desk.callers.operator, proposal)
    assert [each["type"] for each in _beds(desk)] == ["nl.plek.shelter-registered.v1", *["nl.plek.unit-declared.v1"] * 2]


async def test_units_wait_for_the_registration_of_their_shelter(desk: Desk) -> None:
    """Units of a shelter that is still proposed are confirmed after it; without any registration they are refused."""
    orphan = await desk.request("POST", UNITS, desk.callers.shelter("berk"), UNIT, shelter="berk")
    assert (orphan.status_code, orphan.json()["errors"][0]["code"]) == (400, "no_registration")
    made = await _register(desk, desk.callers.shelter("berk"))
    units = (await desk.request("POST", UNITS, desk.callers.shelter("berk"), UNIT, shelter="berk")).json()["proposal"]
    coordinator = desk.callers.coordinator("R07")
    assert await _decide(desk, CONFIRM, coordinator, units) == (409, "proposal-outdated")
    await _decide(desk, CONFIRM, coordinator, made["proposal"])
    await desk.fold_log()
    assert await _decide(desk, CONFIRM, coordinator, units) == (200, "in-force")


async def test_a_shelter_that_is_proposed_already_sends_facts(desk: Desk) -> None:
    """Its desk sends facts, which are accepted and counted in no region (R7)."""
    await _register(desk, desk.callers.shelter("berk"))
    answer = await desk.send(desk.callers.shelter("berk"), event("count-confirmed"))
    assert answer.json()["events"][0]["status"] == "accepted"
    await desk.fold_log()
    shown, _ = await desk.states.lookup().state("berk")
    assert shown is not None
    assert shown.region is None


async def test_what_has_changed_meanwhile_is_not_overwritten(desk: Desk) -> None:
    """A proposal to change what is no longer as it was is answered 409 with what has changed, and stays open."""
    await desk.folded.fold(registered())
    made = (await desk.request("PATCH", CHANGE, desk.callers.shelter("berk"), {"intake_phone": "0800-2"}, shelter="berk")).json()
    renamed = registered(number=2)
    await desk.folded.fold(renamed | {"data": renamed["data"] | {"name": "Anders", "intake_phone": "0800-3"}})
    answer = await desk.request("POST", CONFIRM, desk.callers.operator, proposal=made["proposal"])
    assert (answer.status_code, answer.json()["changed"]) == (409, ["name", "intake_phone"])


async def test_a_rejection_has_a_coded_reason(desk: Desk) -> None:
    """A coordinator rejects with a reason that the proposer reads; then nothing more is decided on it."""
    made = await _register(desk, desk.callers.shelter("berk"))
    coordinator = desk.callers.coordinator("R07")
    assert await _decide(desk, REJECT, coordinator, made["proposal"], reason="because") == (400, "invalid")
    assert await _decide(desk, REJECT, coordinator, made["proposal"], reason="wrong_data") == (200, "rejected")
    assert await _decide(desk, CONFIRM, coordinator, made["proposal"]) == (409, "proposal-decided")
    [listed] = (await desk.request("GET", "/v1/proposals", desk.callers.shelter("berk"))).json()["proposals"]
    assert (listed["status"], listed["reason"], listed["decided_by"], listed["own"]) == ("rejected", "wrong_data", "coordinator", True)


async def test_the_proposer_alone_withdraws(desk: Desk) -> None:
    """A proposal is withdrawn by the one who made it, and by nobody else."""
    made = await _register(desk, desk.callers.coordinator("R07"))
    assert await _decide(desk, WITHDRAW, desk.callers.coordinator("R07", sub="c2"), made["proposal"]) == (403, "forbidden")
    assert await _decide(desk, WITHDRAW, desk.callers.coordinator("R07"), made["proposal"]) == (200, "withdrawn")


async def test_another_s_proposal_and_none_are_one_answer(desk: Desk) -> None:
    """A proposal that the caller may not see is answered with the same bytes as one that does not exist."""
    made = await _register(desk, desk.callers.coordinator("R07"))
    stranger = desk.callers.coordinator("R01", sub="c2")
    answers = [await desk.request("POST", CONFIRM, stranger, proposal=name) for name in (made["proposal"], "nothing")]
    assert answers[0].content == answers[1].content
    assert (await desk.request("GET", "/v1/proposals", stranger)).json() == {"proposals": []}


async def test_the_same_proposed_twice_is_one_proposal(desk: Desk) -> None:
    """A second click and a retry with a key make no second proposal; the same key with other data is refused."""
    own = desk.callers.coordinator("R07")
    first = await _register(desk, own)
    assert (await _register(desk, own))["proposal"] == first["proposal"]
    keyed = own | {"Idempotency-Key": "k1"}
    other = await _register(desk, keyed, shelter="den")
    assert (await _register(desk, keyed, shelter="den"))["proposal"] == other["proposal"]
    reused = await desk.request("POST", "/v1/shelters", keyed, BERK | {"shelter": "den", "name": "Anders"})
    assert (reused.status_code, reused.json()["type"]) == (409, "urn:plek:problem:key-reused")


async def test_a_proposal_lapses_after_thirty_days(desk: Desk) -> None:
    """What was not decided for thirty days can't be confirmed any more."""
    made = await _register(desk, desk.callers.coordinator("R07"))
    tracked = desk.proposals.log.table.get(made["proposal"])
    assert tracked is not None
    assert [tracked.status(now_ms() + days * DAY_MS) for days in (29, 30)] == ["proposed", "lapsed"]


async def test_two_confirmations_at_once_make_one_event(desk: Desk) -> None:
    """Two that confirm at the same moment are both answered in force; their events have one name and count once (R1)."""
    made = await _register(desk, desk.callers.shelter("berk"))
    both = (desk.callers.coordinator("R07", sub="c2"), desk.callers.coordinator("R07", sub="c3"))
    answers = await asyncio.gather(*(_decide(desk, CONFIRM, each, made["proposal"]) for each in both))
    assert set(answers) == {(200, "in-force")}
    assert len({(each["source"], each["id"], each["time"]) for each in _beds(desk)}) == 1


async def test_of_two_decisions_the_first_in_the_log_counts(desk: Desk) -> None:
    """A rejection that stands in the log before a confirmation counts, also when the second was already on its way."""
    made = await _register(desk, desk.callers.shelter("berk"))
    for verdict, by in (("rejected", "b" * 32), ("confirmed", "c" * 32)):
        decision = ProposalDecision(decides=made["proposal"], verdict=verdict, by=by, role="coordinator", at=now_ms())  # type: ignore[arg-type]
        await desk.log.append([LogRecord("plek.proposals", key_of(decision), encode_record(decision))])
    tracked = desk.proposals.log.table.get(made["proposal"])
    assert tracked is not None
    assert (tracked.status(now_ms()), desk.proposals.log.table.unfinished()) == ("rejected", [])


async def test_a_confirmation_is_carried_out_by_another_gateway(desk: Desk) -> None:
    """A gateway that died between the decision and the event leaves it to those that read the decision: once, and known as done."""
    made = await _register(desk, desk.callers.shelter("berk"))
    decision = ProposalDecision(decides=made["proposal"], verdict="confirmed", by="b" * 32, role="coordinator", at=now_ms() - 6_000)
    await desk.log.append([LogRecord("plek.proposals", key_of(decision), encode_record(decision))])
    assert _beds(desk) == []
    for _ in range(2):
        await desk.proposals.executor.finish_left()
    assert [each["data"] for each in _beds(desk)] == [BERK]
    assert desk.proposals.log.table.unfinished() == []


async def test_without_the_log_nothing_is_promised(desk: Desk) -> None:
    """While Kafka is away a proposal and a confirmation are answered 503, and nothing is in force later."""
    made = await _register(desk, desk.callers.shelter("berk"))
    desk.log.away = True
    refused = await desk.request("POST", "/v1/shelters", desk.callers.coordinator("R07"), BERK | {"name": "Anders"})
    confirmed = await desk.request("POST", CONFIRM, desk.callers.operator, proposal=made["proposal"])
    desk.followed.ready = False
    listed = await desk.request("GET", "/v1/proposals", desk.callers.operator)
    assert {refused.status_code, confirmed.status_code, listed.status_code} == {503}


async def test_with_one_coordinator_the_second_person_is_switched_off(tmp_path: Path) -> None:
    """Where the setting says so a coordinator decides alone, with a record; what a shelter proposes still waits."""
    async with opened(tmp_path, second_person=False) as desk:
        assert (await _register(desk, desk.callers.coordinator("R07")))["status"] == "in-force"
        assert (await _register(desk, desk.callers.shelter("den"), shelter="den"))["status"] == "proposed"


async def test_a_path_is_checked_by_the_contract(desk: Desk) -> None:
    """An id in a path that is not of the contract's form is refused, and never reaches the log."""
    answer = await desk.request("POST", UNITS, desk.callers.operator, UNIT, shelter="Blijf van mijn lijf")
    assert (answer.status_code, desk.records) == (400, [])


@pytest.mark.parametrize(
    "record",
    [
        EventsAppended(appended="x"),
        ProposalDecision(decides="x", verdict="confirmed", by="b", role="operator", at=1),
        Proposal(proposal="x", shelter="berk", by="b", proposer="system", at=1, seen_in=("R07",), regions=("R07",)),
    ],
)
async def test_a_record_that_comes_alone_harms_nothing(desk: Desk, record: Any) -> None:
    """Bytes that are no record and records without their proposal are passed over."""
    for value in (encode_record(record), b"{", b"{}"):
        await desk.log.append([LogRecord("plek.proposals", key_of(record), value)])
    assert (await desk.request("GET", "/v1/proposals", desk.callers.operator)).status_code == 200


async def test_a_key_with_another_change_is_refused(desk: Desk) -> None:
    """The second change would count for nothing (R1): it is 409, not `in-force`; the same change again is `unchanged`."""
    await desk.folded.fold(registered())
    own, answers = desk.callers.coordinator("R07") | {"Idempotency-Key": "k1"}, []
    for name in ("Eerste", "Eerste", "Tweede"):
        answers.append(await desk.request("PATCH", CHANGE, own, {"name": name}, shelter="berk"))
        await desk.fold_log()
    assert [each.status_code for each in answers] == [201, 201, 409]
    assert answers[2].json()["type"] == "urn:plek:problem:key-reused"
