"""Corrections of registrations and declarations (security, F2): none by one person alone, on either way in."""

from pathlib import Path
from typing import Any

import pytest

from services.adapters.kafka.ports import LogUnavailableError
from tests.gateway.conftest import Desk
from tests.gateway.proposals.proposing import intake_over
from tests.sent import admitted, declared, event, registered

_OPERATED: dict[str, Any] = {"source": "urn:plek:operator"}
_SYSTEM = "urn:plek:shelter:berk:system"
_COORDINATED = "urn:plek:coordinator"


def _undo(sent: dict[str, Any], source: str | None = None, number: int = 0) -> dict[str, Any]:
    return event("correction", source=source, number=number, corrects={"source": sent["source"], "id": sent["id"]}, reason="mistake")


async def _code(desk: Desk, headers: dict[str, str], *sent: dict[str, Any]) -> str:
    """Return what was answered to the last of some events."""
    answer = (await desk.send(headers, *sent)).json()
    return str(answer["errors"][-1]["code"] if "errors" in answer else answer["events"][-1]["status"])


async def _begin(desk: Desk, *more: dict[str, Any]) -> None:
    """Put a shelter with two units in force, and what was sent of it."""
    sent = [registered(**_OPERATED), declared(**_OPERATED), declared("u2", **_OPERATED), *more]
    assert (await desk.send(desk.callers.operator, *sent)).status_code == 200
    await desk.fold_log()


async def test_f2_no_one_alone_takes_a_registration_back(desk: Desk) -> None:
    """A shelter and a coordinator are refused, by the envelope as by a handle; the operator is not."""
    await _begin(desk)
    known = registered(**_OPERATED)
    assert await _code(desk, desk.callers.shelter("berk"), _undo(known)) == "second_person"
    assert await _code(desk, desk.callers.coordinator("R07"), _undo(known, _COORDINATED)) == "second_person"
    assert await _code(desk, desk.callers.operator, _undo(known, "urn:plek:operator")) == "accepted"


async def test_f2_a_coordinator_takes_a_unit_back_and_a_shelter_does_not(desk: Desk) -> None:
    """One coordinator declares units, so one takes a declaration back; a shelter proposes a withdrawal."""
    await _begin(desk)
    assert await _code(desk, desk.callers.shelter("berk"), _undo(declared(**_OPERATED))) == "second_person"
    assert await _code(desk, desk.callers.coordinator("R07"), _undo(declared(**_OPERATED), _COORDINATED)) == "accepted"


async def test_f2_a_system_takes_its_facts_back_and_nothing_else(desk: Desk, tmp_path: Path) -> None:
    """An organisation's system corrects an admission, also one of the same batch, and neither the registration nor a unit."""
    await _begin(desk, admitted())
    intake = intake_over(desk, tmp_path, "org-1")
    later = admitted("u2", stay=2, source=_SYSTEM)
    undone = [registered(**_OPERATED), declared(**_OPERATED), admitted()]
    taken = await intake.take(later, *(_undo(each, _SYSTEM, number) for number, each in enumerate([later, *undone])))
    assert sorted(taken) == ["accepted", "accepted", "accepted", "second_person", "second_person"]


async def test_f2_what_is_not_known_is_not_taken_back(desk: Desk, tmp_path: Path) -> None:
    """An event of more than 14 days ago may be a registration: its correction is refused, on both ways in."""
    await desk.folded.fold(registered())
    assert await _code(desk, desk.callers.shelter("berk"), _undo(registered())) == "unknown_event"
    assert await _code(desk, desk.callers.coordinator("R07"), _undo(registered(), _COORDINATED)) == "unknown_event"
    assert await intake_over(desk, tmp_path, "org-1").take(_undo(registered(), _SYSTEM)) == ["unknown_event"]


async def test_f2_a_name_used_again_does_not_hide_a_registration(desk: Desk) -> None:
    """An admission under the name of a registration is a copy that counts for nothing (R1): the correction is refused, in one batch too."""
    await _begin(desk, registered(number=7) | {"data": registered()["data"] | {"name": "Nieuw"}})
    disguise = admitted() | {"id": registered(number=7)["id"]}
    own = desk.callers.shelter("berk")
    assert await _code(desk, own, disguise, _undo(disguise)) == "second_person"
    assert await _code(desk, own, _undo(disguise, number=1)) == "second_person"


async def test_f2_a_shelter_takes_its_own_facts_back(desk: Desk) -> None:
    """An admission that was a mistake is taken back as ever."""
    await _begin(desk, admitted())
    assert await _code(desk, desk.callers.shelter("berk"), _undo(admitted())) == "accepted"


async def test_f2_a_correction_waits_while_the_log_is_away(desk: Desk, tmp_path: Path) -> None:
    """What it takes back can't be known: 503 over HTTP, and intake waits."""
    await _begin(desk, admitted())
    desk.log.away = True
    answer = await desk.send(desk.callers.shelter("berk"), _undo(admitted()))
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:plek:problem:kafka-away")
    with pytest.raises(LogUnavailableError):
        await intake_over(desk, tmp_path, "org-1").take(_undo(admitted(), _SYSTEM))
