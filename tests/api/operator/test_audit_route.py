"""The audit log of the API: who looked at what, that no route forgets it, and that nothing is shown when it can't be written."""

from typing import Any

import pytest

from services.adapters.roles import ROLES
from tests.api.conftest import Window, kind
from tests.sent import admitted, declared, registered


async def test_a_look_is_noted_with_the_fields_of_the_norm(window: Window) -> None:
    """Who, in which role, for whom, when, what, to which shelters, with which outcome, by which program, and why."""
    await window.folded.fold(registered(), declared(), registered("den", "R01"))
    await window.get("/v1/shelters", window.callers.shelter("berk"))
    [entry] = window.audited.entries
    assert entry["user"] == window.audited.pseudonyms.audited("s1")
    assert {name: entry[name] for name in ("event", "action", "outcome", "role", "on_behalf_of", "purpose", "source", "objects")} == {
        "event": "shelters-shown",
        "action": "R",
        "outcome": "success",
        "role": "shelter",
        "on_behalf_of": ["shelter:berk"],
        "purpose": "care",
        "source": "plek.test",
        "objects": [{"type": "shelter", "id": "berk"}],
    }


async def test_each_look_names_what_was_seen(window: Window) -> None:
    """One shelter, those of a region, all of them; and what was refused, by name only where there is such a one."""
    await window.folded.fold(registered(), registered("den", "R01"), registered("els", "R07"))
    hers = window.callers.coordinator("R07")
    for path in ("/v1/shelters", "/v1/shelters/berk", "/v1/shelters/den", "/v1/shelters/kerkstraat-12"):
        await window.get(path, hers)
    await window.get("/v1/shelters", window.callers.operator)
    await window.get("/v1/operator/state", window.callers.operator)
    assert window.audited.told == [
        ("shelters-shown", "success", ["berk", "els"]),
        ("shelters-shown", "success", ["berk"]),
        ("shelters-shown", "refused", ["den"]),
        ("shelters-shown", "refused", []),
        ("shelters-shown", "success", ["berk", "den", "els"]),
        ("state-shown", "success", []),
    ]


@pytest.mark.parametrize("path", ["/v1/shelters", "/v1/shelters/berk", "/v1/operator/state"])
async def test_what_can_not_be_noted_is_not_shown(window: Window, path: str) -> None:
    """Kafka is away: whoever looks is told to phone."""
    await window.folded.fold(registered(), declared(), admitted())
    window.audited.log.away = True
    assert kind(await window.get(path, window.callers.operator)) == (503, "data-unavailable")
    window.audited.log.away = False
    assert window.audited.entries == []


async def test_areas_show_no_shelter_and_are_not_noted(window: Window) -> None:
    """So they are told also when Kafka is away."""
    await window.folded.fold(registered(), declared())
    await window.board.refresh()
    window.audited.log.away = True
    assert (await window.get("/v1/areas", window.callers.worker())).status_code == 200


async def test_an_auditor_reads_page_after_page(window: Window) -> None:
    """Each record once and as it stands, up to the end of the first page: each page adds a record, and without that no reader would end."""
    await window.folded.fold(registered())
    for _ in range(3):
        await window.get("/v1/shelters", window.callers.operator)
    auditor, found, at, end = window.callers.of("auditor"), list[Any](), 0, None
    while end is None or at < end:
        page = (await window.get(f"/v1/audit?from={at}&limit=1", auditor)).json()
        found += page["records"]
        at, end = page["next"], end or page["end"]
    told = [each["record"]["event"] for each in found]
    assert told == ["chain-begun", *["shelters-shown"] * 3, "audit-shown"]
    assert [each["offset"] for each in found] == list(range(len(found)))


@pytest.mark.parametrize("query", ["from=-1", "from=x", "limit=0", "limit=1001", "from=1&from=2", "limit=", "from=%D9%A1"])
async def test_a_page_that_is_none_is_refused(window: Window, query: str) -> None:
    """In words of ours, without a look at the log."""
    answer = await window.get(f"/v1/audit?{query}", window.callers.of("auditor"))
    assert kind(answer) == (400, "invalid")
    assert window.audited.entries == []


@pytest.mark.parametrize("role", [role for role in ROLES if role != "auditor"])
async def test_nobody_else_reads_it(window: Window, role: str) -> None:
    """An operator neither: who can do everything must not see who watches. The try itself is noted."""
    headers = {"shelter": window.callers.shelter("berk"), "coordinator": window.callers.coordinator("R07")}
    assert kind(await window.get("/v1/audit", headers.get(role) or window.callers.of(role))) == (403, "forbidden")
    assert window.audited.told == [("audit-shown", "refused", [])]


async def test_a_log_that_is_away_is_not_an_empty_page(window: Window) -> None:
    """503, never no records."""
    window.audited.log.away = True
    assert kind(await window.get("/v1/audit", window.callers.of("auditor"))) == (503, "data-unavailable")
