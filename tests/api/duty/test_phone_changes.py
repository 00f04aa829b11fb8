"""A changed intake phone of a shelter is an alert for the coordinators of its region, once."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio

from services.api.duty.phone_changes import PhoneChanges
from tests.api.desks import Desks, desks
from tests.sent import registered


@pytest_asyncio.fixture
async def at(tmp_path: Path) -> AsyncIterator[Desks]:
    """Open an API."""
    async with desks(tmp_path) as opened:
        yield opened


def _with_phone(phone: str, number: int, region: str = "R07") -> dict[str, Any]:
    made = registered("berk", region, number=number)
    return made | {"data": made["data"] | {"intake_phone": phone}}


async def _listed(at: Desks, *regions: str) -> list[tuple[str, str, str]]:
    answer = await at.call("get", "/v1/alarms", at.callers.coordinator(*regions))
    return [(each["what"], each["reason"], each["region"]) for each in answer.json()["alarms"]]


async def test_a_changed_phone_is_an_alert_once_of_all_processes(at: Desks) -> None:
    """Two processes notice a changed phone: one alert of both regions, with an audit entry; what they saw first is none."""
    processes = [PhoneChanges(mirror=at.holds.expired.mirror, alerts=at.quota.alerts) for _ in range(2)]
    await at.say(_with_phone("0800-000001", 1))
    seen = (("0800-000001", "R07", 0), ("0800-000002", "R01", 1), ("0800-000002", "R07", 1), ("0800-000003", "R07", 2))
    for number, (phone, region, alerts) in enumerate(seen, start=2):
        await at.say(_with_phone(phone, number, region))
        for each in processes:
            await each.look()
        assert await _listed(at, "R07") == [("phone", "berk", "R07")] * alerts
    assert await _listed(at, "R01") == [("phone", "berk", "R01")]
    assert at.audited.told.count(("alarm-raised", "success", ["berk"])) == 2
