"""`GET /v1/audit/search`: an auditor finds who looked at what, and the search is recorded."""

from typing import Any

import pytest

from services.adapters.rfc3339 import show_ms
from services.adapters.roles import ROLES
from services.adapters.view.last_checks import AuditCheck
from tests.api.conftest import Window, kind
from tests.sent import registered


async def _search(window: Window, query: str = "") -> dict[str, Any]:
    answer = await window.get(f"/v1/audit/search{query}", window.callers.of("auditor"))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def _events(found: dict[str, Any]) -> list[str]:
    return [each["record"]["event"] for each in found["records"]]


async def _looked(window: Window) -> str:
    """Have a shelter and an operator look, and return the pseudonym of the first."""
    await window.folded.fold(registered(), registered("den", "R01"))
    await window.get("/v1/shelters", window.callers.shelter("berk"))
    await window.get("/v1/shelters/den", window.callers.operator)
    return window.audited.pseudonyms.audited("s1")


async def test_an_auditor_finds_looks_by_person_object_and_event(window: Window) -> None:
    """Each filter finds its records in the log, and several at once find what fits all."""
    user = await _looked(window)
    assert _events(await _search(window, f"?user={user}")) == ["shelters-shown"]
    den = window.audited.pseudonyms.shown_to_auditors("shelter", "den")
    assert [each["record"]["objects"] for each in (await _search(window, f"?object={den}"))["records"]][-1] == [
        {"type": "shelter", "id": den, "pseudonym": den}
    ]
    assert _events(await _search(window, "?event=shelters-shown")) == ["shelters-shown"] * 2
    assert _events(await _search(window, f"?user={user}&object={den}")) == []
    assert (await _search(window, f"?user={user}"))["next"] is None


async def test_an_auditor_finds_looks_by_time(window: Window) -> None:
    """Nothing that was logged before `since`, nothing from `until` on."""
    await _looked(window)
    late = show_ms(window.folded.now + 3_600_000)
    assert _events(await _search(window, f"?since={late}&event=shelters-shown")) == []
    assert _events(await _search(window, f"?until={late}&since=2026-01-01T00:00:00Z&event=shelters-shown")) == ["shelters-shown"] * 2


async def test_a_search_is_recorded_with_whom_it_found(window: Window) -> None:
    """By what was searched stands in the log; who or what, only where that was found, so that no sent value gets there."""
    user = await _looked(window)
    berk = window.audited.pseudonyms.shown_to_auditors("shelter", "berk")
    await _search(window, f"?user={user}&object={berk}&event=shelters-shown")
    await _search(window, f"?user={'0' * 32}&object=Kerkstraat-12")
    [found, none] = [(each["what"], each["objects"]) for each in window.audited.entries if each["event"] == "audit-shown"]
    assert found == (["user", "object", "shelters-shown"], [{"type": "user", "id": user}, {"type": "pseudonym", "id": berk}])
    assert none == (["user", "object"], [])
    assert b"Kerkstraat" not in b"".join(window.audited.values)


async def test_answers_go_on_where_the_one_before_ended(window: Window) -> None:
    """Page after page holds each record once, the newest first."""
    await _looked(window)
    first = await _search(window, "?limit=2")
    second = await _search(window, f"?limit=2&before={first['next']}")
    assert _events(first) == ["shelters-shown", "shelters-shown"]
    assert (_events(second), second["next"], second["end"]) == (["chain-begun"], None, first["end"] + 1)


async def test_the_last_check_of_the_chains_is_answered(window: Window) -> None:
    """Before the first there is none; then when it was, and up to where the log was intact."""
    assert (await _search(window))["last_check"] is None
    await window.checks.write(AuditCheck(at=1_772_409_600_000, records=7, chains=2, broken_at=7, how="a record is out of order"))
    expected = {"at": "2026-03-02T00:00:00Z", "records": 7, "chains": 2, "broken_at": 7, "how": "a record is out of order"}
    assert (await _search(window))["last_check"] == expected


@pytest.mark.parametrize(
    "query",
    [
        "user=x",
        f"user={'A' * 32}",
        "object=a%20b",
        "object=",
        "event=x",
        "since=2026-01-01",
        "until=x",
        "before=-1",
        "limit=201",
        "event=a&event=b",
    ],
)
async def test_a_query_that_is_none_is_refused(window: Window, query: str) -> None:
    """In words of ours, and nothing is searched or recorded."""
    assert kind(await window.get(f"/v1/audit/search?{query}", window.callers.of("auditor"))) == (400, "invalid")
    assert window.audited.entries == []


@pytest.mark.parametrize("role", [role for role in ROLES if role != "auditor"])
async def test_no_other_role_searches(window: Window, role: str) -> None:
    """Who looked at what is for auditors; the attempt is recorded."""
    headers = {"shelter": window.callers.shelter("berk"), "coordinator": window.callers.coordinator("R07")}
    assert kind(await window.get("/v1/audit/search", headers.get(role) or window.callers.of(role))) == (403, "forbidden")
    assert window.audited.told == [("audit-shown", "refused", [])]


async def test_a_log_that_is_away_is_not_an_empty_result(window: Window) -> None:
    """Without the log the answer is 503, never that nobody looked."""
    window.audited.log.away = True
    assert kind(await window.get("/v1/audit/search", window.callers.of("auditor"))) == (503, "data-unavailable")
