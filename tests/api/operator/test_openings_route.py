"""An auditor alone learns no shelter from any route of the audit log; two open one, and that is recorded."""

from typing import Any

import orjson
import pytest

from services.adapters.roles import ROLES
from tests.api.conftest import Window, kind
from tests.sent import registered

_SHELTERS = ("berk", "den")


async def _ask(window: Window, pseudonym: str, who: str, reason: str = "complaint") -> dict[str, Any]:
    body = {"pseudonym": pseudonym, "reason": reason}
    answer = await window.client.post("/v1/audit/openings", headers=window.callers.of("auditor", who), json=body)
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def _looked(window: Window) -> str:
    """Have shelters, a coordinator and an operator look, and return the pseudonym of berk."""
    await window.folded.fold(registered(), registered("den", "R01"))
    for caller in (window.callers.shelter("berk"), window.callers.coordinator("R07"), window.callers.operator):
        for path in ("/v1/shelters", "/v1/shelters/berk", "/v1/shelters/den", "/v1/holds/waiting"):
            await window.client.get(path, headers=caller)
    return window.audited.pseudonyms.shown_to_auditors("shelter", "berk")


async def _all(window: Window, who: str = "x1") -> bytes:
    """Return all that an auditor reads by every route of the audit log."""
    caller = window.callers.of("auditor", who)
    paths = ("/v1/audit?limit=1000", "/v1/audit/search?limit=200", "/v1/audit/openings")
    return b"".join([(await window.client.get(path, headers=caller)).content for path in paths])


def _names(content: bytes) -> set[str]:
    return {name for name in (*_SHELTERS, "R07", "R01", "de-linden") if f'"{name}"'.encode() in content or f":{name}".encode() in content}


async def test_an_auditor_alone_reads_no_shelter(window: Window) -> None:
    """Neither with one request to open it, nor with ten of the same auditor; no region and no organisation names it either."""
    berk = await _looked(window)
    for _ in range(10):
        assert (await _ask(window, berk, "x1"))["status"] == "waiting"
    found = await _all(window)
    assert berk.encode() in found
    assert _names(found) == set()


@pytest.mark.parametrize("searched", ["berk", "den", "shelter:berk", "R07", "nowhere"])
async def test_a_search_by_the_name_of_a_shelter_finds_nothing(window: Window, searched: str) -> None:
    """It is answered as a name of none, so it confirms no pseudonym; and the search is recorded without it."""
    await _looked(window)
    before = len(window.audited.values)
    answer = await window.get(f"/v1/audit/search?object={searched}", window.callers.of("auditor"))
    found = answer.json()
    assert (found["records"], found["next"], found["end"]) == ([], None, before)
    assert [each["objects"] for each in window.audited.entries if each["event"] == "audit-shown"] == [[]]


async def test_a_search_by_a_pseudonym_finds_its_records_and_is_recorded_by_it(window: Window) -> None:
    """The record of the search, which auditors see too, has the pseudonym and not what it stands for."""
    berk = await _looked(window)
    found = (await window.get(f"/v1/audit/search?object={berk}", window.callers.of("auditor"))).json()["records"]
    assert found
    assert all(berk in {each["id"] for each in record["record"]["objects"]} for record in found)
    [entry] = [each for each in window.audited.entries if each["event"] == "audit-shown"]
    assert entry["objects"] == [{"type": "pseudonym", "id": berk}]


async def test_two_auditors_open_one_shelter_for_auditors(window: Window) -> None:
    """Then it is named to each auditor, and no other shelter; both requests are recorded with their reasons, and so are looks after it."""
    berk = await _looked(window)
    assert (await _ask(window, berk, "x1", "complaint"))["status"] == "waiting"
    opened = await _ask(window, berk, "x2", "incident")
    assert (opened["status"], opened["reasons"], opened["own"]) == ("open", ["complaint", "incident"], True)
    assert [_names(await _all(window, who)) for who in ("x1", "x2", "x3")] == [{"berk"}] * 3
    asked = [each for each in window.audited.entries if each["event"].startswith("opening-")]
    assert [(each["event"], each["what"], each["objects"]) for each in asked] == [
        ("opening-asked", ["complaint"], [{"type": "pseudonym", "id": berk}]),
        ("opening-granted", ["incident"], [{"type": "pseudonym", "id": berk}]),
    ]
    assert asked[0]["user"] != asked[1]["user"]
    assert [each["what"] for each in window.audited.entries if each["event"] == "audit-shown"][:2] == [["opened"], ["opened"]]


async def test_an_opening_ends_after_its_hours(window: Window) -> None:
    """The shelter is a pseudonym again."""
    berk = await _looked(window)
    await _ask(window, berk, "x1")
    await _ask(window, berk, "x2")
    window.later[0] += 24 * 3_600_000
    assert _names(await _all(window)) == set()


async def test_openings_are_listed_with_who_asked_for_them(window: Window) -> None:
    """Each auditor sees what waits and which is the own one; no answer has the pseudonym of a person."""
    berk = await _looked(window)
    await _ask(window, berk, "x1", "spot_check")
    own, other = [(await window.get("/v1/audit/openings", window.callers.of("auditor", who))).json() for who in ("x1", "x2")]
    assert [(each["pseudonym"], each["status"], each["reasons"], each["own"]) for each in own["openings"]] == [
        (berk, "waiting", ["spot_check"], True)
    ]
    assert [each["own"] for each in other["openings"]] == [False]
    assert own["complete"]
    assert window.audited.pseudonyms.audited("x1") not in orjson.dumps(other).decode()


@pytest.mark.parametrize(
    "body", [{"pseudonym": "berk", "reason": "other"}, {"pseudonym": "0" * 32, "reason": "curious"}, {"pseudonym": "0" * 32}, {}]
)
async def test_a_request_of_another_form_is_refused(window: Window, body: dict[str, str]) -> None:
    """The name of a shelter is no pseudonym, and a reason is a code."""
    answer = await window.client.post("/v1/audit/openings", headers=window.callers.of("auditor"), json=body)
    assert kind(answer) == (400, "invalid")
    assert window.audited.entries == []


@pytest.mark.parametrize("role", [role for role in ROLES if role != "auditor"])
async def test_no_other_role_opens(window: Window, role: str) -> None:
    """Not an operator either; the attempt is recorded."""
    headers = {"shelter": window.callers.shelter("berk"), "coordinator": window.callers.coordinator("R07")}
    body = {"pseudonym": "0" * 32, "reason": "other"}
    answer = await window.client.post("/v1/audit/openings", headers=headers.get(role) or window.callers.of(role), json=body)
    assert kind(answer) == (403, "forbidden")
    assert window.audited.told == [("opening-asked", "refused", [])]


async def test_without_the_log_nothing_is_opened(window: Window) -> None:
    """An opening that can't be written is answered as such."""
    window.openings.away = True
    body = {"pseudonym": "0" * 32, "reason": "other"}
    answer = await window.client.post("/v1/audit/openings", headers=window.callers.of("auditor"), json=body)
    assert kind(answer) == (503, "kafka-away")
