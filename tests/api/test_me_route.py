"""`GET /v1/me`: the token in words, and what of each limit is left."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from services.adapters.auth.rate_limits import DEFAULT_RATES
from tests.api.desks import Desks, desks


@pytest_asyncio.fixture
async def at(tmp_path: Path) -> AsyncIterator[Desks]:
    """Open an API with the limits of the design."""
    async with desks(tmp_path, often=DEFAULT_RATES.of, per_hour=DEFAULT_RATES.per_hour) as opened:
        yield opened


async def _me(at: Desks, who: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = (await at.call("get", "/v1/me", who)).json()
    return found


async def test_a_worker_reads_who_and_where_the_token_says(at: Desks) -> None:
    """A worker reads role, desk, and regions by name, and the reasons for breaking the glass in both languages."""
    found = await _me(at, at.callers.worker())
    assert (found["role"], found["desk"], found["regions"]) == ("worker", "crisis-oost", [{"code": "R07", "name": "Breda"}])
    assert (found["shelters"], found["disclosure"], found["announcement"]) == ([], "guarded", None)
    assert found["expires"].endswith("Z")
    assert [set(each) for each in found["break_glass"]] == [{"code", "nl", "en"}] * 4


async def test_a_worker_reads_what_is_left(at: Desks) -> None:
    """After one search 19 of 20 are left at once and 119 an hour; refinements have no number; reading this takes a call alone."""
    await at.search()
    for looks in range(2):
        listed = (await _me(at, at.callers.worker()))["limits"]
        assert sorted(each["name"] for each in listed) == ["call", "hold", "refinement", "request", "search"]
        limits = {each["name"]: each for each in listed}
        search, hold = limits["search"], limits["hold"]
        assert (search["quota"], search["at_once"], search["window_seconds"], search["left"]) == (30, 20, 3_600, 19), looks
        assert search["again_at"].endswith("Z")
        assert (hold["left"], hold["again_at"]) == (6, None)
        assert (limits["request"]["left"], limits["refinement"]["left"]) == (119, None)


@pytest.mark.parametrize("role", ["shelter", "coordinator", "analyst", "auditor", "operator"])
async def test_every_other_role_reads_the_limit_of_calls_alone(at: Desks, role: str) -> None:
    """Roles other than worker have a limit of calls, and no other."""
    who = {"shelter": at.callers.shelter("berk"), "coordinator": at.callers.coordinator("R07")}.get(role) or at.callers.of(role)
    found = await _me(at, who)
    assert (found["role"], [each["name"] for each in found["limits"]], found["break_glass"]) == (role, ["call"], [])
