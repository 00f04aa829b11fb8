"""Who may send what: one row of the table a test case, and what is not yours looks like what does not exist."""

import json
from typing import Any

import pytest

from services.adapters.clock import now_ms
from services.adapters.identity import ROLES
from services.adapters.topics import partition_of
from services.domain.events import BED_EVENTS, DEMAND_EVENTS, TYPE_NAMES
from services.gateway.body import ONE
from services.gateway.rights import MAY_SEND
from tests.gateway.conftest import Desk
from tests.sent import admitted, asked, declared, event, registered, uuid

_COORDINATED: dict[str, Any] = {"source": "urn:plek:coordinator"}


async def _refused(desk: Desk, headers: dict[str, str], *sent: Any) -> None:
    answer = await desk.send(headers, *sent)
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:plek:problem:not-yours")
    assert desk.kept == []


def test_the_table_has_every_role_and_the_operator_every_type() -> None:
    """No role and no event of the contract was forgotten."""
    assert set(MAY_SEND) == set(ROLES)
    assert set(MAY_SEND["operator"]) == {TYPE_NAMES[shape] for shape in (*BED_EVENTS, *DEMAND_EVENTS)}
    assert MAY_SEND["analyst"] == MAY_SEND["auditor"] == {}


async def test_a_hold_that_could_not_be_looked_up_is_refused_for_its_form(desk: Desk) -> None:
    """An unpaired surrogate has no bytes in UTF-8: Redis could not be asked for it."""
    sent = event("hold-released", source="urn:plek:worker", hold="\ud800")
    answer = await desk.post(desk.callers.worker(), ONE, json.dumps(sent).encode())
    assert (answer.status_code, [error["pointer"] for error in answer.json()["errors"]]) == (400, ["/data/hold"])


async def test_a_shelter_sends_its_own_facts(desk: Desk) -> None:
    """Its registration, its units and who moves in, and its answers to holds."""
    sent = [registered(), declared(), admitted(), event("hold-accepted", hold=uuid(1)), event("count-confirmed", free=0)]
    assert (await desk.send(desk.callers.shelter("berk"), *sent)).status_code == 200


@pytest.mark.parametrize(
    "sent",
    [
        admitted(shelter="den"),
        admitted() | {"subject": "den"},
        admitted() | {"data": {"shelter": "den"}},
        admitted() | {"source": "urn:plek:shelter:den:desk-1"},
        admitted() | {"source": "urn:plek:shelter:berk"},
        admitted() | {"source": "urn:plek:worker"},
        admitted(shelter="den") | {"type": "nl.plek.nothing.v1"},
        asked("3fa9c1d2e4b56078") | {"source": "urn:plek:shelter:berk:desk-1"},
        event("hold-released", hold=uuid(1)),
        event("search-ended", search=uuid(1), outcome="held"),
    ],
)
async def test_a_shelter_sends_nothing_else(desk: Desk, sent: dict[str, Any]) -> None:
    """Another's facts, in another's name, or what is for desks to say: refused as a whole, the good events with it."""
    await _refused(desk, desk.callers.shelter("berk"), declared(), sent)


@pytest.mark.parametrize("sent", [{}, [], "berk", {"subject": "Berk!", "type": 1}, admitted() | {"subject": 1, "data": None, "source": ""}])
async def test_what_names_no_shelter_goes_on_to_be_refused_for_that(desk: Desk, sent: Any) -> None:
    """So broken that it is nobody's: 400, not 403."""
    assert (await desk.send(desk.callers.shelter("berk"), sent)).status_code == 400


async def test_a_coordinator_registers_and_declares_in_her_regions(desk: Desk) -> None:
    """A new shelter with its units in one request; later its units, and corrections."""
    hers = desk.callers.coordinator("R07")
    new = [registered(**_COORDINATED), declared(**_COORDINATED)]
    assert (await desk.send(hers, *new)).status_code == 200
    await desk.folded.fold(registered(**_COORDINATED))
    correction = event("correction", **_COORDINATED, corrects={"source": "urn:plek:coordinator", "id": "x"}, reason="mistake")
    assert (await desk.send(hers, declared("u2", **_COORDINATED), correction)).status_code == 200
    assert (await desk.send(hers, event("unit-withdrawn", unit="u2", **_COORDINATED))).status_code == 200


async def test_a_coordinator_can_not_take_over_a_shelter(desk: Desk) -> None:
    """Registering it in her region does not make a shelter of another region hers, nor hers one that moves away."""
    await desk.folded.fold(registered("berk", "R01"))
    hers = desk.callers.coordinator("R07")
    await _refused(desk, hers, registered("berk", "R07", **_COORDINATED))
    await _refused(desk, hers, declared(**_COORDINATED))
    await _refused(desk, desk.callers.coordinator("R01"), registered("berk", "R07", **_COORDINATED))


async def test_a_registration_that_is_refused_gives_no_rights(desk: Desk) -> None:
    """A unit can't be declared on the strength of a registration that is not valid."""
    spoiled = registered(**_COORDINATED) | {"time": "yesterday"}
    await _refused(desk, desk.callers.coordinator("R07"), spoiled, declared(**_COORDINATED))


async def test_of_a_shelter_that_does_not_exist_a_coordinator_learns_nothing(desk: Desk) -> None:
    """Another's and nobody's: the same bytes."""
    await desk.folded.fold(registered("berk", "R01"))
    hers = desk.callers.coordinator("R07")
    another = await desk.send(hers, declared(shelter="berk", **_COORDINATED))
    nobody = await desk.send(hers, declared(shelter="nowhere", **_COORDINATED))
    assert (another.status_code, another.content) == (nobody.status_code, nobody.content)


@pytest.mark.parametrize("sent", [declared(), registered(), admitted(**_COORDINATED), asked("3fa9c1d2e4b56078")])
async def test_a_coordinator_never_speaks_for_a_shelter(desk: Desk, sent: dict[str, Any]) -> None:
    """Neither with its source, which would make it heard of, nor of what happens in it."""
    await desk.folded.fold(registered())
    await _refused(desk, desk.callers.coordinator("R07"), sent)


async def test_a_coordinator_waits_for_a_view_that_knows(desk: Desk) -> None:
    """While the partition of a shelter is rebuilt, or Redis is away, nobody can tell whose it is: 503."""
    hers = desk.callers.coordinator("R07")
    await desk.folded.stand(partition_of(b"berk", 12), rebuild_until=10)
    assert (await desk.send(hers, registered(**_COORDINATED))).json()["type"] == "urn:plek:problem:view-away"
    desk.folded.view.away = True
    assert (await desk.send(hers, registered(**_COORDINATED))).status_code == 503


async def test_a_worker_asks_for_holds_in_her_own_name(desk: Desk) -> None:
    """With the pseudonym that stands for her, from her own desk; then she may extend or release them."""
    mine = desk.pseudonyms.asked_by("w1")
    assert (await desk.send(desk.callers.worker(), asked(mine))).status_code == 200
    await desk.folded.fold(registered(), declared(), asked(mine))
    for name, more in (("hold-extended", {"ttl_seconds": 600}), ("hold-released", {})):
        sent = event(name, source="urn:plek:worker", hold=uuid(1), **more)
        assert (await desk.send(desk.callers.worker(), sent)).status_code == 200


async def test_a_worker_touches_no_hold_of_another(desk: Desk) -> None:
    """Another's hold and one that does not exist: the same bytes."""
    await desk.folded.fold(registered(), declared(), asked(desk.pseudonyms.asked_by("w2")))
    another = await desk.send(desk.callers.worker(), event("hold-released", source="urn:plek:worker", hold=uuid(1)))
    nobody = await desk.send(desk.callers.worker(), event("hold-released", source="urn:plek:worker", hold=uuid(2)))
    assert (another.status_code, another.content) == (403, nobody.content)


async def test_a_hold_that_is_not_there_yet_is_not_refused(desk: Desk) -> None:
    """While the partition of its shelter is rebuilt nobody can tell whose a hold is: 503, not 403."""
    await desk.folded.stand(partition_of(b"berk", 12), rebuild_until=10)
    answer = await desk.send(desk.callers.worker(), event("hold-released", source="urn:plek:worker", hold=uuid(1)))
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:plek:problem:view-away")


async def test_a_worker_asks_in_nobody_elses_name(desk: Desk) -> None:
    """Not under another pseudonym, not from another desk, not as a shelter."""
    mine = desk.pseudonyms.asked_by("w1")
    for sent in (
        asked(desk.pseudonyms.asked_by("w2")),
        asked(mine, desk="crisis-west"),
        asked(mine) | {"source": "urn:plek:shelter:berk:desk-1"},
        admitted(source="urn:plek:worker"),
        event("hold-accepted", source="urn:plek:worker", hold=uuid(1)),
    ):
        await _refused(desk, desk.callers.worker(), sent)


async def test_a_worker_logs_demand_of_her_own_regions(desk: Desk) -> None:
    """In the region of her desk, and in no other."""
    ended: dict[str, Any] = event("search-ended", source="urn:plek:worker", number=1) | {"subject": "R07"}
    ended["data"] = {"search": uuid(1), "outcome": "held"}
    await _refused(desk, desk.callers.worker(), ended | {"subject": "R08"})
    assert (await desk.send(desk.callers.worker(), ended)).status_code == 200


@pytest.mark.parametrize("role", ["analyst", "auditor"])
async def test_who_only_looks_sends_nothing(desk: Desk, role: str) -> None:
    """Not even what is broken is read."""
    assert (await desk.client.post("/v1/events", headers=desk.callers.of(role))).status_code == 403


async def test_an_operator_sends_anything(desk: Desk) -> None:
    """A recorded log of many shelters, in their own names."""
    sent = [registered("den", "R01"), declared(shelter="den"), admitted(shelter="berk")]
    assert (await desk.send(desk.callers.operator, *sent)).status_code == 200


async def test_who_is_not_known_is_not_looked_at(desk: Desk) -> None:
    """401 before the body, the media type or the shelter is looked at."""
    answer = await desk.client.post("/v1/events", content=b"{")
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    late = desk.callers.signed(exp=now_ms() // 1_000 - 60)
    assert (await desk.send(late, declared())).headers["www-authenticate"] == 'Bearer error="invalid_token"'
