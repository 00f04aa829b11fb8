"""A shelter's day in calls of a few members, on real Kafka, Faust and Valkey: in, out by the unit, undone, and listed."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import orjson
import pytest
import pytest_asyncio

from services.gateway.cloudevents_body import BATCH
from tests.callers import Callers
from tests.controlled_servers import Kafka, Valkey
from tests.issuing import issuing
from tests.leak.watch import WATCH
from tests.sent import asked, declared, registered, uuid
from tests.servers import KEY, serving, settings_for
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]


@dataclass
class _Shelter:
    """The staff of berk, at a gateway and an API."""

    callers: Callers
    gateway: httpx.AsyncClient
    api: httpx.AsyncClient

    @property
    def staff(self) -> dict[str, str]:
        """Return the headers of the staff."""
        return self.callers.shelter("berk")

    async def call(self, path: str, body: dict[str, Any], key: str | None = None, status: int = 201) -> dict[str, Any]:
        """Send a call, and return its answer."""
        headers = self.staff | ({"Idempotency-Key": key} if key else {})
        answer = await self.gateway.post(path if path.startswith("/") else f"/v1/shelters/berk/{path}", headers=headers, json=body)
        assert answer.status_code == status, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def units(self, at_least: str) -> dict[str, Any]:
        """Read the units of berk once an event is shown."""
        answer = await self.api.get("/v1/shelters/berk", headers=self.staff, params={"atLeast": at_least})
        assert answer.json()["at_least_reached"], answer.text
        return {unit["unit"]: unit for unit in answer.json()["shelter"]["units"]}

    async def listed(self) -> list[dict[str, Any]]:
        """Read what was sent about berk."""
        answer = await self.gateway.get("/v1/shelters/berk/events", headers=self.staff)
        assert answer.status_code == 200, answer.text
        events: list[dict[str, Any]] = answer.json()["events"]
        return events


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def berk(kafka: Kafka, valkey: Valkey, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[_Shelter]:
    """Start a processor, a gateway and an API, and register berk with two units, one of them held."""
    folder = tmp_path_factory.mktemp("calls")
    async with issuing(folder) as callers:
        settings = settings_for(kafka, valkey, folder.name, issuer=callers.issuer, pseudonym_key=KEY)
        async with serving(settings, folder, "gateway", "api") as served:
            shelter = _Shelter(callers, served.gateway, served.api)
            await _register(shelter)
            await WATCH.sow(callers, served.gateway, served.api)
            yield shelter


async def _register(shelter: _Shelter) -> None:
    sent = orjson.dumps([registered(), declared("u1"), declared("u2"), asked("a" * 32)])
    answer = await shelter.gateway.post("/v1/events", headers=shelter.callers.operator | {"Content-Type": BATCH}, content=sent)
    assert answer.status_code == 200

    async def held() -> bool:
        found = await shelter.api.get("/v1/shelters/berk", headers=shelter.staff)
        return found.status_code == 200 and found.json()["shelter"]["counts"]["held"] == 1

    await until(held)


async def test_in_out_undone_and_listed(berk: _Shelter) -> None:
    """Three members admit, two discharge by the unit, none undo: the view follows, the list has all, and a retry is no second event."""
    body = {"unit": "u2", "adults": 1, "children": 2}
    entered = await berk.call("admissions", body, key="in")
    assert (entered["warnings"], entered["type"]) == ([], "admission")
    assert (await berk.units(entered["at_least"]))["u2"]["state"] == "occupied"

    left = await berk.call("discharges", {"unit": "u2", "destination": "own_home", "unit_ready": False}, key="out")
    assert (left["stay"], left["warnings"]) == (entered["stay"], [])
    assert (await berk.units(left["at_least"]))["u2"]["state"] == "closed"
    # Sent again when the unit is empty by now
    again = await berk.call("discharges", {"unit": "u2", "destination": "own_home", "unit_ready": False}, key="out")
    assert (again["event"], again["stay"]) == (left["event"], left["stay"])

    undone = await berk.call(left["undo"], {})
    assert [each["code"] for each in undone["warnings"]] == ["stay-returns"]
    [stay] = (await berk.units(undone["at_least"]))["u2"]["stays"]
    assert (stay["stay"], stay["adults"], stay["children"]) == (entered["stay"], 1, 2)

    correction, discharge, admission = (await berk.listed())[:3]
    assert [each["type"] for each in (correction, discharge, admission)] == ["correction", "discharge", "admission"]
    assert (correction["corrects"], discharge["event"], discharge["undone"]) == (left["event"], left["event"], True)
    assert (admission["event"], admission["undone"], admission["by"]) == (entered["event"], False, "desk")
    refused = await berk.call(left["undo"], {}, status=409)
    assert refused["type"] == "urn:plek:problem:not-undoable"


async def test_d6_a_held_unit_is_asked_about(berk: _Shelter) -> None:
    """D6: the household of the hold is asked about first, and admitted with the hold it fulfils it: the worker reads no loss."""
    body = {"unit": "u1", "adults": 1, "children": 1}
    held = await berk.call("admissions", body, key="held", status=409)
    assert [each["hold"] for each in held["holds"]] == [uuid(1)]
    entered = await berk.call("admissions", body | {"hold": uuid(1)}, key="held")
    assert entered["warnings"] == []
    await berk.units(entered["at_least"])
    state = (await berk.api.get("/v1/operator/state", headers=berk.callers.operator)).json()
    assert [hold["status"] for name, hold in state["holds"].items() if uuid(1) in name] == ["fulfilled"]
