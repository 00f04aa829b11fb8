"""What is forced onto one partition leaves the view exact, in memory and on real Redis; the controls fail the same scenarios."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from services.adapters.view.redis_reader import RedisReader
from tests import tapes
from tests.processor.logs import MemoryLog
from tests.processor.scenarios import (
    SCENARIOS,
    OrdinaryAgent,
    Scenario,
    ShippedManager,
    UnfencedMemoryView,
    UnfencedRedisView,
    alternating,
    emptied,
    half_applied,
    killed,
    overslept,
    undisturbed,
    units_and_holds,
    without_times,
)
from tests.twins.memory_view import MemoryView


def rough() -> MemoryLog:
    """Return a log of one partition with everything in it: duplicates, dead letters, holds."""
    return MemoryLog().append(tapes.load("rough"))


@pytest_asyncio.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.e2e)])
async def views(request: pytest.FixtureRequest, redis_url: str, prefix: str) -> AsyncIterator[dict[str, Any]]:
    """Keep a fenced and an unfenced view, in memory or on Redis."""
    if request.param == "memory":
        yield {"fenced": MemoryView(1), "unfenced": UnfencedMemoryView(1)}
        return
    made = {"fenced": RedisReader(redis_url, prefix, 1), "unfenced": UnfencedRedisView(redis_url, f"{prefix}-control", 1)}
    yield made
    for view in made.values():
        await view.close()


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
async def test_whatever_is_forced_the_view_is_exact(scenario: Scenario, views: dict[str, Any]) -> None:
    """Whatever happens to the workers of a partition, every byte of the view is what an undisturbed worker gives."""
    log = rough()
    await scenario(ShippedManager, views["fenced"], log)
    assert without_times(await views["fenced"].load(0)) == without_times(await undisturbed(log))


@pytest.mark.parametrize("scenario", [killed, overslept, half_applied, emptied], ids=lambda scenario: scenario.__name__)
async def test_an_ordinary_faust_agent_fails(scenario: Scenario, views: dict[str, Any]) -> None:
    """An ordinary Faust agent, without positions, fence and loaded memory, is wrong in the same scenarios."""
    log = rough()
    await scenario(OrdinaryAgent, views["fenced"], log)
    assert units_and_holds(await views["fenced"].load(0)) != units_and_holds(await undisturbed(log))


async def test_an_unfenced_memory_fails(views: dict[str, Any]) -> None:
    """The partition manager without the fence is wrong when a worker oversleeps: the fence keeps the counts exact."""
    log = rough()
    await overslept(ShippedManager, views["unfenced"], log)
    assert units_and_holds(await views["unfenced"].load(0)) != units_and_holds(await undisturbed(log))


async def test_two_workers_that_both_read_everything_need_no_fence(views: dict[str, Any]) -> None:
    """Two workers that each fold the whole log agree even without the fence, since writes are absolute; the sleeper is the danger."""
    log = rough()
    await alternating(ShippedManager, views["unfenced"], log)
    assert without_times(await views["unfenced"].load(0)) == without_times(await undisturbed(log))
