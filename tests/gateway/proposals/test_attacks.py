"""The four attacks of security F2, each as it was run when it worked: none does any more."""

from pathlib import Path

import pytest

from services.adapters.clock import now_ms
from services.adapters.kafka.ports import LogUnavailableError
from services.adapters.rfc3339 import show_ms
from services.domain.beds.staleness import StalenessLimits
from services.domain.beds.state_document import PartitionPart, state_document
from services.gateway.proposals import shelter_changes
from tests.gateway.conftest import Desk
from tests.gateway.proposals.proposing import FakeIntake, intake_over
from tests.sent import admitted, declared, event, registered

_CONFIRM = "/v1/proposals/{proposal}/confirm"
_SYSTEM = "urn:plek:shelter:{}:system"


def _bed_events(desk: Desk) -> int:
    return sum(len(records) for (topic, _), records in desk.log.records.items() if topic == "plek.bed-events")


def _counted(desk: Desk) -> int:
    """Return the units that the nation counts (R7)."""
    parts = [
        PartitionPart(clock=now_ms(), shelters=[shelter.snapshot for shelter in state.shelters.values()], holds=[], dead_letters=0)
        for state in desk.folded.registries.values()
    ]
    return int(state_document(parts, now_ms(), StalenessLimits())["national"]["capacity"])


@pytest.fixture
def evil(desk: Desk, tmp_path: Path) -> FakeIntake:
    """Return the intake topic of an organisation whose key was stolen."""
    return intake_over(desk, tmp_path, "org-evil")


async def test_f2_ghosts_by_intake_are_counted_nowhere(desk: Desk, evil: FakeIntake) -> None:
    """Five ghosts with the tightest units and the attacker's phone: not one registration is in the log, no unit is counted, all wait."""
    for number in range(5):
        ghost = f"ghost-{number}"
        await evil.take(
            registered(ghost, f"R1{number}", "org-evil", source=_SYSTEM.format(ghost)),
            declared("u1", ghost, max_adults=1, max_children=0, source=_SYSTEM.format(ghost)),
            event("count-confirmed", ghost, source=_SYSTEM.format(ghost)),
        )
    await desk.fold_log()
    assert _counted(desk) == 0
    listed = (await desk.request("GET", "/v1/proposals", desk.callers.coordinator("R10"))).json()["proposals"]
    assert [(each["shelter"], each["what"], each["proposed_by"], each["organisation"]) for each in listed] == [
        ("ghost-0", "new-shelter", "system", "org-evil")
    ]


async def test_f2_a_shelter_can_not_move_itself(desk: Desk) -> None:
    """Another region, organisation, phone and security of itself: nothing changes, and both coordinators must be asked."""
    await desk.folded.fold(registered())
    own = desk.callers.shelter("berk")
    moved = registered("berk", "R34", "other-org")
    moved["data"] |= {"security": "high_secure", "intake_phone": "0900-99"}
    answer = (await desk.send(own, moved)).json()["events"][0]
    assert (answer["status"], answer["needs"], _bed_events(desk)) == ("proposed", "a coordinator of R07 and R34, or an operator", 0)
    for region in ("R07", "R34"):
        refused = await desk.request("POST", _CONFIRM, desk.callers.coordinator(region), proposal=answer["proposal"])
        assert refused.status_code == 403


async def test_f2_a_correction_can_not_bring_an_old_registration_back(desk: Desk) -> None:
    """The event that a confirmation made can't be taken back by the shelter or by one coordinator: the old phone would be in force."""
    await desk.folded.fold(registered())
    new = {"intake_phone": "0800-2"}
    made = await desk.request("PATCH", "/v1/shelters/{shelter}/registration", desk.callers.coordinator("R07"), new, shelter="berk")
    await desk.request("POST", _CONFIRM, desk.callers.coordinator("R07", sub="c2"), proposal=made.json()["proposal"])
    tracked = desk.proposals.log.table.get(made.json()["proposal"])
    assert tracked is not None
    [(source, name)] = desk.proposals.changes.ids.names(tracked.proposal)
    undo = event("correction", corrects={"source": source, "id": name}, reason="mistake")
    answer = await desk.send(desk.callers.shelter("berk"), undo)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "second_person")


async def test_f2_a_statement_from_the_future_does_not_win_over_a_confirmation(desk: Desk) -> None:
    """A change of name that says it was recorded in four minutes is recorded now: a phone that is confirmed meanwhile stays (R5)."""
    await desk.folded.fold(registered())
    renamed = registered(number=7) | {"time": show_ms(now_ms() + 240_000)}
    renamed["data"] |= {"name": "Nieuw"}
    assert (await desk.send(desk.callers.shelter("berk"), renamed)).json()["events"][0]["status"] == "accepted"
    made = await desk.request(
        "PATCH", "/v1/shelters/{shelter}/registration", desk.callers.coordinator("R07"), {"intake_phone": "0800-2"}, shelter="berk"
    )
    await desk.request("POST", _CONFIRM, desk.callers.coordinator("R07", sub="c2"), proposal=made.json()["proposal"])
    await desk.fold_log()
    shown, _ = await desk.states.lookup().state("berk")
    assert shown is not None
    assert shown.registration is not None
    assert shown.registration.intake_phone == "0800-2"


async def test_f2_a_late_view_brings_no_old_phone_back(desk: Desk) -> None:
    """While the view does not show a confirmed phone yet, a change of name that states the old one waits: else it would win (R5)."""
    await desk.folded.fold(registered())
    c1, c2 = desk.callers.coordinator("R07"), desk.callers.coordinator("R07", sub="c2")
    made = await desk.request("PATCH", "/v1/shelters/{shelter}/registration", c1, {"intake_phone": "0800-2"}, shelter="berk")
    await desk.request("POST", _CONFIRM, c2, proposal=made.json()["proposal"])
    renamed = registered(number=7)
    renamed["data"] |= {"name": "Nieuw"}
    for own in (desk.callers.shelter("berk"), c1):
        sent = renamed | ({"source": "urn:plek:coordinator"} if own is c1 else {})
        assert (await desk.send(own, sent)).json()["events"][0]["status"] == "proposed"
        named = await desk.request("PATCH", "/v1/shelters/{shelter}/registration", own, {"name": "Nieuw"}, shelter="berk")
        assert named.json()["status"] == "proposed"
    await desk.fold_log()
    named = await desk.request("PATCH", "/v1/shelters/{shelter}/registration", c1, {"name": "Nieuw"}, shelter="berk")
    assert named.json()["status"] == "in-force"


async def test_f2_two_phones_are_not_confirmed_at_once(desk: Desk) -> None:
    """Two proposals of one moment: when one is confirmed the other is outdated, also while the view does not show the first yet."""
    await desk.folded.fold(registered(), declared())
    codes = []
    for phone, by in (("0800-2", "c1"), ("0800-3", "c3")):
        own, body = desk.callers.coordinator("R07", sub=by), {"intake_phone": phone}
        codes.append((await desk.request("PATCH", "/v1/shelters/{shelter}/registration", own, body, shelter="berk")).json()["proposal"])
    unit = await desk.request(
        "POST", "/v1/shelters/{shelter}/units/{unit}/withdrawal", desk.callers.shelter("berk"), shelter="berk", unit="u1"
    )
    second = desk.callers.coordinator("R07", sub="c2")
    answers = [await desk.request("POST", _CONFIRM, second, proposal=each) for each in (*codes, unit.json()["proposal"])]
    assert [each.status_code for each in answers] == [200, 409, 200]
    assert answers[1].json()["changed"] == ["intake_phone"]


async def test_f2_a_proposer_can_not_fill_the_memory(desk: Desk, evil: FakeIntake, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was withdrawn or rejected counts for a day: propose and withdraw, a thousand times, is all that one sender does in it."""
    monkeypatch.setattr(shelter_changes, "MOST_OPEN", 2)
    await evil.take(registered("ghost-1", "R07", "org-evil", source=_SYSTEM.format("ghost-1")))
    [proposal] = desk.proposals.log.table.all()
    await desk.request(
        "POST", "/v1/proposals/{proposal}/reject", desk.callers.coordinator("R07"), {"reason": "other"}, proposal=proposal.proposal.proposal
    )
    taken = [await evil.take(registered(ghost, "R07", "org-evil", source=_SYSTEM.format(ghost))) for ghost in ("ghost-2", "ghost-3")]
    assert taken == [["proposed"], ["too_many_proposals"]]


async def test_f2_squatting_blocks_nobody(desk: Desk, evil: FakeIntake, tmp_path: Path) -> None:
    """An id that another organisation has proposed can be proposed and confirmed all the same; the squatter's proposal is then outdated."""
    honest = intake_over(desk, tmp_path, "org-b")
    await evil.take(registered("new-1", "R10", "org-evil", source=_SYSTEM.format("new-1")))
    assert await honest.take(registered("new-1", "R07", "org-b", source=_SYSTEM.format("new-1"))) == ["proposed"]
    seen = {
        region: [(each["organisation"], each["proposal"]) for each in listed.json()["proposals"]]
        for region in ("R10", "R07")
        for listed in (await desk.request("GET", "/v1/proposals", desk.callers.coordinator(region)),)
    }
    assert [[organisation for organisation, _ in listed] for listed in seen.values()] == [["org-evil"], ["org-b"]]
    confirmed = await desk.request("POST", _CONFIRM, desk.callers.coordinator("R07"), proposal=seen["R07"][0][1])
    await desk.fold_log()
    squatter = await desk.request("POST", _CONFIRM, desk.callers.coordinator("R10"), proposal=seen["R10"][0][1])
    assert (confirmed.json()["status"], squatter.status_code, squatter.json()["changed"]) == ("in-force", 409, ["shelter"])


async def test_f2_facts_of_a_shelter_that_two_claim_are_of_neither(desk: Desk, evil: FakeIntake, tmp_path: Path) -> None:
    """While two organisations claim an id, facts of neither are taken from intake: they could not be told apart later."""
    honest = intake_over(desk, tmp_path, "org-b")
    await evil.take(registered("new-1", "R10", "org-evil", source=_SYSTEM.format("new-1")))
    await honest.take(registered("new-1", "R07", "org-b", source=_SYSTEM.format("new-1")))
    for intake in (evil, honest):
        assert await intake.take(admitted(shelter="new-1", source=_SYSTEM.format("new-1"))) == ["not_yours"]


async def test_f2_sybils_never_reach_the_protections(desk: Desk, evil: FakeIntake) -> None:
    """Thirty ghosts of one key are thirty proposals: what counts shelters counts registered ones, and finds none."""
    for number in range(30):
        await evil.take(registered(f"ghost-{number}", "R07", "org-evil", source=_SYSTEM.format(f"ghost-{number}")))
    await desk.fold_log()
    registrations = [
        shelter for state in desk.folded.registries.values() for shelter in state.shelters.values() if shelter.snapshot.registration
    ]
    assert (registrations, len(desk.proposals.log.table.of_proposer(desk.proposals.changes.system("org-evil").by))) == ([], 30)


async def test_f2_a_system_waits_while_proposals_are_not_known(desk: Desk, evil: FakeIntake) -> None:
    """Until the topic of proposals has been read, intake decides nothing: who owns a shelter that is still proposed is not known."""
    desk.followed.ready = False
    with pytest.raises(LogUnavailableError):
        await evil.take(registered("den", "R07", "org-evil", source=_SYSTEM.format("den")))
