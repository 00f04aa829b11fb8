"""GET /v1/waiting-holds: a coordinator reads which holds of the own regions wait for the answer of a shelter (D11)."""

import pytest

from services.api.read_model.data_age import format_ms
from tests.api.conftest import Window, kind
from tests.sent import asked, declared, event, registered, uuid

_PSEUDONYM = "3fa9c1d2e4b56078"


async def _people(window: Window) -> None:
    shelters = [registered("berk", "R07"), registered("den", "R01")]
    units = [declared(unit, shelter) for shelter in ("berk", "den") for unit in ("u1", "u2")]
    await window.folded.fold(*shelters, *units, asked(_PSEUDONYM), asked(_PSEUDONYM, "den", 2))


async def test_a_coordinator_reads_the_waiting_holds_of_own_regions(window: Window) -> None:
    """Each with its shelter, unit, household, desk and waiting time, and an audit entry that names them; no pseudonym, no other region."""
    await _people(window)
    window.later[0] = 16 * 60_000
    for partition in range(12):
        await window.folded.stand(partition, alive_at=window.folded.now + window.later[0])
    answer = await window.get("/v1/waiting-holds", window.callers.coordinator("R07"))
    begun = window.folded.now
    assert answer.json()["holds"] == [
        {
            "hold": uuid(1),
            "shelter": "berk",
            "region": "R07",
            "unit": "u1",
            "desk": "crisis-oost",
            "adults": 1,
            "children": 1,
            "since": format_ms(begun),
            "until": format_ms(begun + 1_800_000),
            "minutes_waiting": 16,
        }
    ]
    assert _PSEUDONYM not in answer.text
    assert window.audited.told[-1] == ("waiting-holds-shown", "success", ["berk", uuid(1)])


async def test_an_answered_or_expired_hold_waits_no_longer(window: Window) -> None:
    """A hold that its shelter accepted is not listed, and none is once its time is over."""
    await _people(window)
    who = window.callers.coordinator("R07", "R01")
    await window.folded.fold(event("hold-accepted", hold=uuid(1)))
    assert [each["hold"] for each in (await window.get("/v1/waiting-holds", who)).json()["holds"]] == [uuid(2)]
    window.later[0] = 1_800_000
    for partition in range(12):
        await window.folded.stand(partition, alive_at=window.folded.now + window.later[0])
    assert (await window.get("/v1/waiting-holds", who)).json()["holds"] == []


@pytest.mark.parametrize("role", ["analyst", "auditor", "operator", "worker", "shelter"])
async def test_no_other_role_reads_waiting_holds(window: Window, role: str) -> None:
    """The answer says that it is the role: a caller of another role looks for no wrong id."""
    who = window.callers.shelter("berk") if role == "shelter" else window.callers.of(role)
    answer = await window.get("/v1/waiting-holds", who)
    assert (kind(answer), answer.json()["because"]) == ((403, "forbidden"), "role")
