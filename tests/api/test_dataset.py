"""A country that is not the real one: every answer says so, is true by its clock, and is as old as the wall's clock says."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from services.adapters.clock import seconds
from services.adapters.http.app_factory import new_app, running
from services.adapters.http.sealed_positions import SealedPositions
from services.adapters.observability.metrics import Metrics
from services.adapters.regions import read_regions
from services.adapters.view.dataset_view import DatasetView
from services.adapters.view.position_tracker import PositionTracker
from services.api.areas.grouping import Areas
from services.api.areas.published_counts import PublishedCounts
from services.api.areas.routes import add_areas
from services.api.areas.waiting_regions import WaitingLists
from services.api.operator.state_route import add_operator
from services.api.read_model.country_cache import CountryCache
from services.api.read_model.data_age import AgeLimits
from services.api.read_model.disclosure_level import Disclosure
from services.api.read_model.view_reader import ViewReader
from services.api.shelters.routes import add_shelters
from services.domain.beds.staleness import StalenessLimits
from tests.audited import Audited
from tests.callers import Callers
from tests.documented import documented
from tests.folded import Folded
from tests.sent import declared, registered

# The last event of the country, at an hour it was told at, and the hour on the wall three years later
_ENDED = 1_704_063_590_000
_WALL = _ENDED + 3 * 365 * 86_400_000
_PATHS = ("/v1/operator/state", "/v1/shelters", "/v1/shelters/berk", "/v1/areas")


@dataclass
class Beside:
    """The API of a simulated country; `wall` is the clock on the wall (ms)."""

    client: httpx.AsyncClient
    callers: Callers
    folded: Folded
    board: PublishedCounts
    wall: list[int] = field(default_factory=lambda: [_WALL])

    async def get(self, path: str) -> httpx.Response:
        """Ask as an operator, and hold the answer against the OpenAPI document."""
        answer = await self.client.get(path, headers=self.callers.operator)
        await documented(self.client, path.replace("berk", "{shelter}"), "get", answer)
        return answer

    async def told(self, path: str) -> Any:
        """Return what is told, once the areas are drawn."""
        await self.board.refresh()
        return (await self.get(path)).json()


@pytest_asyncio.fixture
async def beside(tmp_path: Path) -> AsyncIterator[Beside]:
    """Open the API of a country that was written down: one shelter spoke on its last day, twelve partitions are alive by the wall."""
    metrics, callers, folded, wall = Metrics(), Callers(tmp_path), Folded(_ENDED), [_WALL]
    await folded.begin()
    await folded.fold(registered(), declared())
    for partition in range(12):
        await folded.stand(partition, alive_at=_WALL)
    view, audited = DatasetView(folded.view), Audited()
    reading = ViewReader(
        view=view,
        moves=PositionTracker(view, seconds, metrics),
        positions=SealedPositions(audited.pseudonyms),
        partitions=12,
        limits=StalenessLimits(),
        age_limits=AgeLimits(),
        now=view.now,
        wall=lambda: wall[0],
        world="simulated",
    )
    board = PublishedCounts(
        reading=reading,
        areas=Areas(rows=read_regions(), disclosure=Disclosure(), heard_days=30, wall=lambda: wall[0]),
        metrics=metrics,
        quarter_ms=900_000,
        waiting=WaitingLists(folded.demand, 12).open,
    )
    app = new_app("Plek API", "", metrics, seconds, world="simulated")
    app.state.guard = audited.guard(callers.identity(metrics))
    add_shelters(app, reading, CountryCache(reading=reading))
    add_areas(app, board)
    add_operator(app, reading, CountryCache(reading=reading))
    transport = httpx.ASGITransport(app)
    async with running(audited.writer.run_forever), httpx.AsyncClient(transport=transport, base_url="http://plek") as client:
        yield Beside(client, callers, folded, board, wall)


@pytest.mark.parametrize("path", _PATHS)
async def test_every_answer_says_what_it_is_of_and_is_true_by_its_clock(beside: Beside, path: str) -> None:
    """`as_of` is the last instant of the country, however many years ago that was; nothing about it is old."""
    await beside.board.refresh()
    answer = await beside.get(path)
    assert answer.headers["plek-world"] == "simulated"
    told = answer.json()
    assert (told["world"], told["clock"], told["as_of"]) == ("simulated", "2023-12-31T22:59:50Z", "2023-12-31T22:59:50Z")
    assert not told["degraded"]


async def test_time_in_it_stands_still(beside: Beside) -> None:
    """Years later a shelter that spoke on the last day is as fresh as it was then: its place is free, not unknown."""
    assert (await beside.told("/v1/operator/state"))["national"]["free"] == 1
    assert [area["value"] for area in (await beside.told("/v1/areas"))["areas"]] == ["capacity"]


async def test_the_clock_is_that_of_its_latest_partition(beside: Beside) -> None:
    """When another partition goes on for a day, a shelter that says nothing any more becomes unknown."""
    other = next(number for number, position in beside.folded.positions.items() if position.offset < 0)
    await beside.folded.stand(other, clock=_ENDED + 86_400_000, alive_at=_WALL)
    told = await beside.told("/v1/operator/state")
    assert (told["clock"], told["national"]["unknown"]) == ("2024-01-01T22:59:50Z", 1)


@pytest.mark.parametrize(("dead_ms", "status", "degraded"), [(14_000, 200, False), (16_000, 200, True), (61_000, 503, None)])
@pytest.mark.parametrize("path", ["/v1/areas", "/v1/shelters"])
async def test_a_dead_processor_shows_here_too(beside: Beside, path: str, dead_ms: int, status: int, *, degraded: bool | None) -> None:
    """Its age is measured by the wall: degraded after 15 seconds without a stamp, and not told after 60."""
    await beside.board.refresh()
    beside.wall[0] += dead_ms
    answer = await beside.get(path)
    assert (answer.status_code, answer.json().get("degraded")) == (status, degraded)
    assert answer.headers["plek-world"] == "simulated"
