"""Who may send what: one row of the table a test case; another's shelter is answered like one that does not exist.

All of it in structured mode, and again in binary mode, which has no batch: there the event that is refused goes alone.
"""

from typing import Any

import orjson
import pytest
import pytest_asyncio

from services.adapters.clock import now_ms
from services.adapters.codec.event_codec import encode
from services.adapters.kafka.topics import partition_of
from services.adapters.roles import ROLES
from services.adapters.schemas.examples import example
from services.domain.events.catalog import BED_EVENTS, DEMAND_EVENTS, TYPE_NAMES, FallbackStarted
from services.domain.events.value_types import IMPORT_SOURCE
from services.gateway.authorization import MAY_SEND
from tests.gateway.conftest import Desk
from tests.sent import admitted, asked, declared, ended, event, registered, uuid

_COORDINATED: dict[str, Any] = {"source": "urn:plek:coordinator"}


@pytest_asyncio.fixture(params=["structured", "binary"])
async def desk(request: pytest.FixtureRequest, desk: Desk) -> Desk:
    """Open a gateway that is sent events in one of the two modes."""
    desk.binary = request.param == "binary"
    return desk


async def _refused(desk: Desk, headers: dict[str, str], *sent: Any, because: str | None = None) -> None:
    answer = await desk.send(headers, *(sent[-1:] if desk.binary else sent))
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:plek:problem:forbidden")
    assert answer.json()["because"] == (because or answer.json()["because"])
    assert desk.records == []


def test_the_table_has_every_role_and_the_operator_every_type() -> None:
    """The table names every role and every type of the contract; workers, analysts and auditors send none."""
    assert set(MAY_SEND) == set(ROLES)
    assert set(MAY_SEND["operator"]) == {TYPE_NAMES[shape] for shape in (*BED_EVENTS, *DEMAND_EVENTS)}
    assert MAY_SEND["worker"] == MAY_SEND["analyst"] == MAY_SEND["auditor"] == {}


async def test_a_shelter_sends_its_own_facts(desk: Desk) -> None:
    """A shelter sends its registration, its units, its stays and its answers to holds."""
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
    """Facts of another shelter, a source of another one, or an event of a desk refuse the request as a whole, the good events with it."""
    await _refused(desk, desk.callers.shelter("berk"), declared(), sent)


@pytest.mark.parametrize(
    "sent", [{}, [], "berk", {"subject": "Berk!", "type": 1}, admitted() | {"subject": ["berk"], "data": None, "source": ""}]
)
async def test_what_names_no_shelter_goes_on_to_be_refused_for_that(desk: Desk, sent: Any) -> None:
    """An event so broken that it names no shelter is answered with 400, not with 403."""
    assert (await desk.send(desk.callers.shelter("berk"), sent)).status_code == 400


async def test_a_coordinator_registers_and_declares_in_own_regions(desk: Desk) -> None:
    """A coordinator sends a new shelter with its units in one request, and later units, corrections and withdrawals."""
    own = desk.callers.coordinator("R07")
    new = [registered(**_COORDINATED), declared(**_COORDINATED)]
    assert (await desk.send(own, *new)).status_code == 200
    await desk.folded.fold(registered(**_COORDINATED))
    later = declared("u2", **_COORDINATED)
    corrects = {"source": later["source"], "id": later["id"]}
    correction = event("correction", **_COORDINATED, corrects=corrects, reason="mistake")
    assert (await desk.send(own, later, correction)).status_code == 200
    assert (await desk.send(own, event("unit-withdrawn", unit="u2", **_COORDINATED))).status_code == 200


async def test_a_coordinator_can_not_take_over_a_shelter(desk: Desk) -> None:
    """A registration in an own region takes over no shelter of another region; its own coordinator can only propose that it moves."""
    await desk.folded.fold(registered("berk", "R01"))
    own = desk.callers.coordinator("R07")
    await _refused(desk, own, registered("berk", "R07", **_COORDINATED))
    await _refused(desk, own, declared(**_COORDINATED))
    moved = await desk.send(desk.callers.coordinator("R01"), registered("berk", "R07", **_COORDINATED))
    assert [each["status"] for each in moved.json()["events"]] == ["proposed"]


async def test_a_registration_that_is_refused_gives_no_rights(desk: Desk) -> None:
    """A registration that is not valid lets no unit be declared in the same request."""
    spoiled = registered(**_COORDINATED) | {"time": "yesterday"}
    await _refused(desk, desk.callers.coordinator("R07"), spoiled, declared(**_COORDINATED))


async def test_of_a_shelter_that_does_not_exist_a_coordinator_learns_nothing(desk: Desk) -> None:
    """A shelter of another region and one that does not exist are answered with the same bytes."""
    await desk.folded.fold(registered("berk", "R01"))
    own = desk.callers.coordinator("R07")
    other = await desk.send(own, declared(shelter="berk", **_COORDINATED))
    missing = await desk.send(own, declared(shelter="nowhere", **_COORDINATED))
    assert (other.status_code, other.content) == (missing.status_code, missing.content)


@pytest.mark.parametrize("sent", [declared(), registered(), admitted(**_COORDINATED), asked("3fa9c1d2e4b56078")])
async def test_a_coordinator_never_speaks_for_a_shelter(desk: Desk, sent: dict[str, Any]) -> None:
    """A coordinator sends neither with the source of a shelter, which would make it heard of (R9), nor its stays and holds."""
    await desk.folded.fold(registered())
    await _refused(desk, desk.callers.coordinator("R07"), sent)


_IMPORTED: dict[str, Any] = {"source": IMPORT_SOURCE}


async def test_what_is_brought_in_is_a_fact_of_an_own_shelter(desk: Desk) -> None:
    """A shelter and a coordinator send stays and a closing from the source of an import, of an own shelter or region only."""
    await desk.folded.fold(registered(), registered("den", "R01"))
    facts = [admitted(**_IMPORTED), event("discharge", **_IMPORTED, stay=uuid(1), destination="unknown")]
    for own in (desk.callers.shelter("berk"), desk.callers.coordinator("R07"), desk.callers.operator):
        assert (await desk.send(own, *facts, event("unit-closed", unit="u1", reason="other", **_IMPORTED))).status_code == 200
    desk.log.records.clear()
    for own in (desk.callers.shelter("berk"), desk.callers.coordinator("R07")):
        await _refused(desk, own, admitted(shelter="den", **_IMPORTED), because="scope")
    await _refused(desk, desk.callers.coordinator("R07"), admitted(**_COORDINATED), because="scope")
    await _refused(desk, desk.callers.coordinator("R07"), event("count-confirmed", free=0, **_IMPORTED), because="role")


async def test_what_is_brought_in_makes_no_shelter_heard_of(desk: Desk) -> None:
    """R9: after an admission from the source of an import its shelter is as unknown as before."""
    await desk.folded.fold(registered(**_COORDINATED), declared(**_COORDINATED), admitted(**_IMPORTED))
    assert desk.folded.registries[partition_of(b"berk", 12)].shelters["berk"].snapshot.heard_at is None


async def test_a_coordinator_waits_for_a_view_that_knows(desk: Desk) -> None:
    """While the partition of a shelter is rebuilt, or Redis is away, its owner is not known: 503."""
    own = desk.callers.coordinator("R07")
    await desk.folded.stand(partition_of(b"berk", 12), rebuild_until=10)
    assert (await desk.send(own, registered(**_COORDINATED))).json()["type"] == "urn:plek:problem:view-away"
    desk.folded.view.away = True
    assert (await desk.send(own, registered(**_COORDINATED))).status_code == 503


@pytest.mark.parametrize("shape", [*BED_EVENTS, *DEMAND_EVENTS])
async def test_a_worker_sends_no_event_of_any_type(desk: Desk, shape: type) -> None:
    """Searches, holds, fallbacks and waiting lists go through the API, which knows their rules: 403 because of the role."""
    sent = orjson.loads(encode(example(shape)))
    await _refused(desk, desk.callers.worker(regions=("R04", "R17")), sent, because="role")


async def test_f4_a_worker_gets_no_21_holds_by_the_gateway(desk: Desk) -> None:
    """F4: with the right pseudonym and 21 shelter ids, one by one and as a batch, no hold is requested."""
    mine = desk.pseudonyms.asked_by("w1")
    sent = [asked(mine, f"s{number:02}", hold=number) for number in range(21)]
    for each in sent:
        await _refused(desk, desk.callers.worker(), each, because="role")
    await _refused(desk, desk.callers.worker(), *sent, because="role")


async def test_f4_a_worker_releases_no_hold_past_the_alarm(desk: Desk) -> None:
    """F4: the release of an own hold goes through the API, which counts it; a right and a wrong shelter id are answered alike."""
    await desk.folded.fold(registered(), declared(), asked(desk.pseudonyms.asked_by("w1")))
    right = event("hold-released", source="urn:plek:worker", hold=uuid(1))
    answers = [await desk.send(desk.callers.worker(), each) for each in (right, event("hold-released", "den", hold=uuid(1)))]
    assert [answer.status_code for answer in answers] == [403, 403]
    assert answers[0].content == answers[1].content
    assert desk.records == []


async def test_f5_a_worker_ends_and_takes_over_no_fallback_by_the_gateway(desk: Desk) -> None:
    """F5: neither the end of a fallback of another region, nor a start under its id with an own region as the subject."""
    started = orjson.loads(encode(example(FallbackStarted))) | {"subject": "R01"}
    started["data"] |= {"region": "R01"}
    for sent in (ended(region="R01"), started):
        await _refused(desk, desk.callers.worker(regions=("R01",)), sent, because="role")


async def test_a_refusal_says_whether_it_is_the_role_or_the_scope(desk: Desk) -> None:
    """`because` is `role` for a type that no shelter may send, and `scope` for another's shelter."""
    await _refused(desk, desk.callers.shelter("berk"), asked("3fa9c1d2e4b56078"), because="role")
    await _refused(desk, desk.callers.shelter("berk"), admitted(shelter="den"), because="scope")
    titles = {
        (await desk.send(who, asked("3fa9c1d2e4b56078"))).json()["title"] for who in (desk.callers.worker(), desk.callers.of("analyst"))
    }
    assert titles == {"This is not for the role of this token"}


@pytest.mark.parametrize("role", ["worker", "analyst", "auditor"])
async def test_a_role_that_sends_no_event_is_refused_unread(desk: Desk, role: str) -> None:
    """Of a role that may send no event not even a broken body is read."""
    assert (await desk.client.post("/v1/events", headers=desk.callers.of(role))).status_code == 403


async def test_an_operator_sends_anything(desk: Desk) -> None:
    """An operator sends a recorded log of many shelters, with their own sources."""
    sent = [registered("den", "R01"), declared(shelter="den"), admitted(shelter="berk")]
    assert (await desk.send(desk.callers.operator, *sent)).status_code == 200


async def test_a_request_without_a_valid_token_is_not_read(desk: Desk) -> None:
    """A missing or expired token is a 401 before body, media type and shelter are read."""
    answer = await desk.client.post("/v1/events", content=b"{")
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    late = desk.callers.signed(exp=now_ms() // 1_000 - 60)
    assert (await desk.send(late, declared())).headers["www-authenticate"] == 'Bearer error="invalid_token"'
