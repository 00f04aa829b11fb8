"""What is forced onto one partition leaves the view exact, in memory and on real Redis; the controls fail the same scenarios."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from services.adapters.view.memory_view import MemoryView
from services.adapters.view.redis_view import RedisView
from services.local.valkey import Valkey
from tests import tapes
from tests.processor.logs import MemoryLog
from tests.processor.scenarios import (
    SCENARIOS,
    Ours,
    Raw,
    Scenario,
    UnfencedMemoryView,
    UnfencedRedisView,
    alternating,
    emptied,
    facts_of,
    folded,
    half_applied,
    killed,
    overslept,
    shown_of,
)


def rough() -> MemoryLog:
    """Return a log of one partition with everything in it: duplicates, dead letters, holds."""
    return MemoryLog().append(tapes.load("rough"))


@pytest_asyncio.fixture(params=["memory", "redis"])
async def views(request: pytest.FixtureRequest, valkey: Valkey, prefix: str) -> AsyncIterator[dict[str, Any]]:
    """Keep a fenced and an unfenced view, in memory or on Redis."""
    if request.param == "memory":
        yield {"fenced": MemoryView(1), "unfenced": UnfencedMemoryView(1)}
        return
    made = {"fenced": RedisView(valkey.url, prefix, 1), "unfenced": UnfencedRedisView(valkey.url, f"{prefix}-control", 1)}
    yield made
    for view in made.values():
        await view.close()


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
async def test_whatever_is_forced_the_view_is_exact(scenario: Scenario, views: dict[str, Any]) -> None:
    """Killed, doubled, overslept, half applied or emptied: every byte is what an undisturbed worker gives."""
    log = rough()
    await scenario(Ours, views["fenced"], log)
    assert facts_of(await views["fenced"].load(0)) == facts_of(await folded(log))


@pytest.mark.parametrize("scenario", [killed, overslept, half_applied, emptied], ids=lambda scenario: scenario.__name__)
async def test_an_ordinary_faust_agent_fails(scenario: Scenario, views: dict[str, Any]) -> None:
    """The control without positions, fence and loaded memory is wrong in the same scenario."""
    log = rough()
    await scenario(Raw, views["fenced"], log)
    assert shown_of(await views["fenced"].load(0)) != shown_of(await folded(log))


async def test_an_unfenced_memory_fails(views: dict[str, Any]) -> None:
    """The keeper without the fence is wrong when a worker oversleeps: what keeps the counts exact is the fence."""
    log = rough()
    await overslept(Ours, views["unfenced"], log)
    assert shown_of(await views["unfenced"].load(0)) != shown_of(await folded(log))


async def test_two_workers_that_both_read_everything_need_no_fence(views: dict[str, Any]) -> None:
    """Said for honesty: writes are absolute, so two that each fold the whole log agree even unfenced. The sleeper is the danger."""
    log = rough()
    await alternating(Ours, views["unfenced"], log)
    assert facts_of(await views["unfenced"].load(0)) == facts_of(await folded(log))
