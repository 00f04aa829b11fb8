"""How many modules one request enters: few enough to be read, and none of a room that it has nothing to do with."""

from pathlib import Path

import pytest_asyncio

from tests.tools.modules_entered import search_and_hold

MOST = {"POST /v1/searches": 59, "POST /v1/holds": 59}
"""Lower them when a request enters fewer. The aim is 26 each."""
ELSEWHERE = {
    "POST /v1/searches": ("gateway", "processor", "monitor", "local", "api.holds", "api.demand", "api.live", "api.duty", "api.operator"),
    "POST /v1/holds": ("gateway", "processor", "monitor", "local", "api.areas", "api.demand", "api.live", "api.duty", "api.operator"),
}
THROUGH = {
    "POST /v1/searches": {"adapters.auth.authentication", "adapters.codec.event_codec", "api.searches.handlers", "domain.search.matching"},
    "POST /v1/holds": {"adapters.auth.authentication", "adapters.codec.event_codec", "api.holds.request_hold", "domain.beds.holds"},
}


@pytest_asyncio.fixture
async def entered(tmp_path: Path) -> dict[str, dict[str, int]]:
    """Make both requests."""
    return await search_and_hold(tmp_path)


async def test_a_request_enters_few_modules(entered: dict[str, dict[str, int]]) -> None:
    """Neither a search nor a hold enters more modules of services/ than it did."""
    assert entered.keys() == MOST.keys()
    for request, modules in entered.items():
        assert len(modules) <= MOST[request], f"{request} enters {', '.join(modules)}"


async def test_a_request_stays_in_its_room(entered: dict[str, dict[str, int]]) -> None:
    """A search and a hold enter the modules that decide them, and no other service and no room of the API they have nothing to do with."""
    for request, modules in entered.items():
        assert modules.keys() >= THROUGH[request]
        assert [name for name in modules if name.startswith(ELSEWHERE[request])] == []
