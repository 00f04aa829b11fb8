"""The position tracker: who waits for the view, for how long, and when a wait is useless."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest_asyncio

from services.adapters.clock import now_ms
from services.adapters.http.app_factory import running
from services.adapters.observability.metrics import Metrics
from services.adapters.view.position_tracker import PositionTracker
from tests.folded import Folded
from tests.waiting import until


class _Watch:
    """A stopwatch that the test sets."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


@dataclass
class Listening:
    """A tracker, its view and its stopwatch."""

    moves: PositionTracker
    folded: Folded
    watch: _Watch


@pytest_asyncio.fixture
async def listening() -> AsyncIterator[Listening]:
    """Follow a view with all partitions at the beginning."""
    folded, watch = Folded(now_ms()), _Watch()
    await folded.begin()
    moves = PositionTracker(folded.view, watch, Metrics())
    async with running(moves.run_forever):
        await until(lambda: moves.up)
        yield Listening(moves, folded, watch)


async def test_one_message_releases_all_waits(listening: Listening) -> None:
    """A message releases every wait for an offset that is reached, and no other."""
    waiting = [asyncio.create_task(listening.moves.wait_until({3: offset}, 5.0)) for offset in (0, 4, 5)]
    await asyncio.sleep(0)
    await listening.folded.stand(3, offset=4)
    assert await asyncio.gather(*waiting[:2]) == [True, True]
    assert not waiting[2].done()
    await listening.folded.stand(3, offset=9)
    assert await waiting[2]


async def test_each_set_of_changes_has_every_partition_that_moved(listening: Listening) -> None:
    """A set of changed partitions has all at first, and again each that moves after its reader removed it; each reader has a set."""
    one, other = (listening.moves.changed_partitions(12) for _ in range(2))
    assert one == other == set(range(12))
    one.clear()
    await listening.folded.stand(3, offset=4)
    await until(lambda: one == {3})
    assert other == set(range(12))


async def test_the_wait_ends(listening: Listening) -> None:
    """A wait ends at its timeout, and returns True only when all its partitions are reached."""
    await listening.folded.stand(3, offset=9)
    assert await listening.moves.wait_until({3: 9, 4: 0}, 0.05) is False
    assert listening.moves.includes(3, 9)
    assert await listening.moves.wait_until({}, 5.0)


async def test_a_view_that_is_away_is_not_waited_for(listening: Listening) -> None:
    """A view that goes away ends all waits, and later waits return at once."""
    waiting = asyncio.create_task(listening.moves.wait_until({3: 0}, 60.0))
    await asyncio.sleep(0)
    listening.folded.view.away = True
    async with asyncio.timeout(5):
        assert await waiting is False
        assert await listening.moves.wait_until({3: 0}, 60.0) is False
    listening.folded.view.away = False
    await until(lambda: listening.moves.up)


async def test_a_processor_that_is_dead_or_far_behind_is_not_waited_for(listening: Listening) -> None:
    """A partition that neither moves nor is stamped, or is ten thousand records behind, is not waited for."""
    async with asyncio.timeout(5):
        assert await listening.moves.wait_until({3: 10_000}, 60.0) is False
        listening.watch.at += 4
        assert await listening.moves.wait_until({3: 0}, 60.0) is False


async def test_a_stamp_is_a_sign_of_life(listening: Listening) -> None:
    """An idle partition that its processor stamps is waited for."""
    listening.watch.at += 4
    await listening.folded.stand(3, alive_at=listening.folded.now + 1)
    waiting = asyncio.create_task(listening.moves.wait_until({3: 0}, 60.0))
    await asyncio.sleep(0)
    assert not waiting.done()
    await listening.folded.stand(3, offset=0)
    assert await waiting


async def test_without_any_stamp_nothing_is_decided(listening: Listening) -> None:
    """A view of which no partition moved or was stamped for five seconds is not alive; one stamp is enough."""
    assert listening.moves.alive
    listening.watch.at += 5
    assert not listening.moves.alive
    await listening.folded.stand(3, alive_at=listening.folded.now + 1)
    await until(lambda: listening.moves.alive)
