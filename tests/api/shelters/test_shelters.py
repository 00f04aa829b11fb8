"""GET /v1/shelters: who sees what, how old it is, and that an old or a half answer is none."""

from typing import Any

import pytest

from services.adapters.auth.pseudonyms import Pseudonyms
from services.adapters.http.sealed_positions import SealedPositions
from services.adapters.kafka.topics import partition_of
from services.api.read_model.data_age import format_ms
from tests.api.conftest import Window, kind
from tests.sent import admitted, asked, declared, event, registered, uuid

_PSEUDONYM = "3fa9c1d2e4b56078"


async def _units(window: Window) -> dict[str, Any]:
    shelter = (await window.get("/v1/shelters/berk", window.callers.shelter("berk"))).json()["shelter"]
    return {unit["unit"]: unit for unit in shelter["units"]}


async def test_a_shelter_sees_its_units_as_they_are_now(window: Window) -> None:
    """Occupied, closed, held and free, with who is in and what is asked."""
    closed = event("unit-closed", unit="u2", reason="cleaning", expected_until="2030-01-01T00:00:00+01:00")
    units = [declared(unit) for unit in ("u1", "u2", "u3", "u4")]
    await window.folded.fold(registered(), *units, admitted("u1"), closed, asked(_PSEUDONYM))
    found = await _units(window)
    assert {name: unit["state"] for name, unit in found.items()} == {"u1": "occupied", "u2": "closed", "u3": "held", "u4": "free"}
    assert found["u2"]["closed"] == {"reason": "cleaning", "expected_until": "2029-12-31T23:00:00Z"}
    assert [(stay["adults"], stay["children"]) for stay in found["u1"]["stays"]] == [(1, 1)]


async def test_a_hold_waits_for_an_answer_until_it_has_one(window: Window) -> None:
    """The desk to call, the household and until when; not who asked. Accepted or over, it waits no longer."""
    await window.folded.fold(registered(), declared(), asked(_PSEUDONYM))
    answer = await window.get("/v1/shelters/berk", window.callers.shelter("berk"))
    [waiting] = answer.json()["shelter"]["holds_waiting"]
    assert (waiting["desk"], waiting["adults"], waiting["until"]) == ("crisis-oost", 1, format_ms(window.folded.now + 1_800_000))
    assert _PSEUDONYM not in answer.text
    await window.folded.fold(event("hold-accepted", hold=uuid(1)))
    assert (await window.get("/v1/shelters/berk", window.callers.shelter("berk"))).json()["shelter"]["holds_waiting"] == []


async def test_time_passes_without_events(window: Window) -> None:
    """A hold that is over frees its unit, and a shelter nobody heard of is unknown, when it is asked for."""
    await window.folded.fold(registered(), declared(), asked(_PSEUDONYM))
    for later, state in ((0, "held"), (1_800_000, "free"), (86_400_000, "unknown")):
        window.later[0] = later
        for partition in range(12):
            await window.folded.stand(partition, alive_at=window.folded.now + later)
        assert (await _units(window))["u1"]["state"] == state


@pytest.mark.parametrize("role", ["worker", "analyst", "auditor"])
async def test_who_has_no_shelters_lists_none(window: Window, role: str) -> None:
    """Browsing would tell who moved where."""
    for path in ("/v1/shelters", "/v1/shelters/berk"):
        assert kind(await window.get(path, window.callers.of(role))) == (403, "forbidden")


async def test_each_sees_her_own(window: Window) -> None:
    """A shelter itself, a coordinator her regions, an operator all; what is not registered is in no region."""
    await window.folded.fold(registered("berk", "R07"), registered("den", "R01"), admitted(shelter="els"))
    for headers, seen in (
        (window.callers.shelter("berk", "els"), ["berk", "els"]),
        (window.callers.coordinator("R01", "R02"), ["den"]),
        (window.callers.operator, ["berk", "den", "els"]),
    ):
        listed = (await window.get("/v1/shelters", headers)).json()["shelters"]
        assert [shelter["shelter"] for shelter in listed] == seen


async def test_not_yours_and_not_there_are_one_answer(window: Window) -> None:
    """The same bytes, for a shelter and for a coordinator."""
    await window.folded.fold(registered("berk", "R07"))
    for headers in (window.callers.shelter("den"), window.callers.coordinator("R01")):
        another, nobody = [await window.get(f"/v1/shelters/{name}", headers) for name in ("berk", "nowhere")]
        assert kind(another) == (403, "forbidden")
        assert another.content == nobody.content


async def test_households_are_for_their_own_shelter(window: Window) -> None:
    """A coordinator and an operator see that a unit is occupied, not by whom."""
    await window.folded.fold(registered(), declared(), admitted())
    for headers in (window.callers.coordinator("R07"), window.callers.operator):
        answer = await window.get("/v1/shelters/berk", headers)
        assert answer.json()["shelter"]["units"][0]["state"] == "occupied"
        assert uuid(1) not in answer.text


async def test_who_is_not_known_sees_nothing(window: Window) -> None:
    """401 before the view is touched: also while it is away."""
    window.folded.view.away = True
    assert kind(await window.get("/v1/shelters", {})) == (401, "unauthenticated")
    assert kind(await window.get("/v1/shelters/den", window.callers.shelter("berk"))) == (403, "forbidden")
    assert kind(await window.get("/v1/shelters/berk", window.callers.shelter("berk"))) == (503, "data-unavailable")


async def test_age_stands_before_the_number(window: Window) -> None:
    """Fresh, degraded after 15 s, and no answer but a telephone after a minute."""
    await window.folded.fold(registered())
    for later, degraded in ((0, False), (15_000, False), (15_001, True), (60_000, True)):
        window.later[0] = later
        found = (await window.get("/v1/shelters/berk", window.callers.shelter("berk"))).json()
        assert (found["as_of"], found["degraded"]) == (format_ms(window.folded.now), degraded)
    window.later[0] = 60_001
    old = await window.get("/v1/shelters/berk", window.callers.shelter("berk"))
    assert (kind(old), old.headers["retry-after"]) == ((503, "data-unavailable"), "5")


@pytest.mark.parametrize("changes", [{"rebuild_until": 9}, {"alive_at": 0}])
async def test_a_half_view_is_no_answer(window: Window, changes: dict[str, int]) -> None:
    """While a partition is worked out again, whoever needs it is told so; who needs another one is answered."""
    await window.folded.fold(registered("berk"), registered("den"))
    await window.folded.stand(partition_of(b"berk", 12), **changes)
    assert kind(await window.get("/v1/shelters/berk", window.callers.operator)) == (503, "rebuilding")
    assert kind(await window.get("/v1/shelters", window.callers.operator)) == (503, "rebuilding")
    assert (await window.get("/v1/shelters/den", window.callers.operator)).status_code == 200


async def test_nothing_folded_yet_is_not_nothing_there(window: Window) -> None:
    """An empty Redis does not mean that there are no shelters."""
    window.folded.view.wipe()
    assert kind(await window.get("/v1/shelters", window.callers.operator)) == (503, "rebuilding")
    assert kind(await window.get("/v1/shelters/berk", window.callers.shelter("berk"))) == (503, "rebuilding")


async def test_at_least_says_whether_it_was_reached(window: Window) -> None:
    """What is there is answered, and that it is not all that was asked for."""
    await window.folded.fold(registered())
    partition = partition_of(b"berk", 12)
    for offset, reached in ((0, True), (1, False)):
        found = (await window.get(f"/v1/shelters/berk?atLeast={partition}:{offset}", window.callers.operator)).json()
        position = found["shelter"]["position"]
        assert (found["at_least_reached"], position["partition"], position["offset"]) == (reached, partition, 0)


async def test_f12_a_shelter_reads_its_own_write_by_a_token(window: Window) -> None:
    """F12: it is told no offset, a number is refused, and its token says what it would."""
    await window.folded.fold(registered())
    partition, berk = partition_of(b"berk", 12), window.callers.shelter("berk")
    positions = SealedPositions(window.audited.audit.pseudonyms)
    for offset, reached in ((0, True), (1, False)):
        found = (await window.get(f"/v1/shelters/berk?atLeast={positions.token(partition, offset)}", berk)).json()
        assert (found["at_least_reached"], set(found["shelter"]["position"])) == (reached, {"at_least"})
    again = await window.get(f"/v1/shelters/berk?atLeast={found['shelter']['position']['at_least']}", berk)
    assert again.json()["at_least_reached"] is True
    for stated in (f"{partition}:0", SealedPositions(Pseudonyms("yek")).token(partition, 0), positions.token(12, 0)):
        assert kind(await window.get(f"/v1/shelters/berk?atLeast={stated}", berk)) == (400, "invalid")


@pytest.mark.parametrize("stated", ["", "1", "1:", "12:0", "-1:0", "1:0x", "1:99999999999999999", "\u0661:\u0662"])
async def test_at_least_that_is_no_position_is_a_400(window: Window, stated: str) -> None:
    """And the answer does not repeat it."""
    answer = await window.get(f"/v1/shelters?atLeast={stated}", window.callers.operator)
    assert (kind(answer), answer.json()["errors"][0]["pointer"]) == ((400, "invalid"), "atLeast")
