"""The shared listener: who waits for the view, for how long, and when there is no hope."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest_asyncio

from services.adapters.clock import now_ms
from services.adapters.metrics import Metrics
from services.adapters.moves import Moves
from services.adapters.web import keeping
from tests.folded import Folded
from tests.waiting import until


class _Watch:
    """A stopwatch that is moved by hand."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


@dataclass
class Listening:
    """A listener, its view and its stopwatch."""

    moves: Moves
    folded: Folded
    watch: _Watch


@pytest_asyncio.fixture
async def listening() -> AsyncIterator[Listening]:
    """Listen to a view whose partitions all stand at the beginning."""
    folded, watch = Folded(now_ms()), _Watch()
    await folded.begin()
    moves = Moves(folded.view, watch, Metrics())
    async with keeping(moves.keep):
        await until(lambda: moves.up)
        yield Listening(moves, folded, watch)


async def test_all_who_wait_are_told_by_one_move(listening: Listening) -> None:
    """Each for her own offset, and nobody before it is reached."""
    waiting = [asyncio.create_task(listening.moves.reached({3: offset}, 5.0)) for offset in (0, 4, 5)]
    await asyncio.sleep(0)
    await listening.folded.stand(3, offset=4)
    assert await asyncio.gather(*waiting[:2]) == [True, True]
    assert not waiting[2].done()
    await listening.folded.stand(3, offset=9)
    assert await waiting[2]


async def test_whoever_watches_has_each_partition_that_was_written_to(listening: Listening) -> None:
    """All of them at first, and again whichever she has taken out; each who watches has a set of her own."""
    one, other = (listening.moves.watched(12) for _ in range(2))
    assert one == other == set(range(12))
    one.clear()
    await listening.folded.stand(3, offset=4)
    await until(lambda: one == {3})
    assert other == set(range(12))


async def test_the_wait_ends(listening: Listening) -> None:
    """With what is there; several partitions are reached together or not at all."""
    await listening.folded.stand(3, offset=9)
    assert await listening.moves.reached({3: 9, 4: 0}, 0.05) is False
    assert listening.moves.shows(3, 9)
    assert await listening.moves.reached({}, 5.0)


async def test_nobody_waits_for_a_view_that_is_away(listening: Listening) -> None:
    """Who waits is let go, who comes after does not begin to."""
    waiting = asyncio.create_task(listening.moves.reached({3: 0}, 60.0))
    await asyncio.sleep(0)
    listening.folded.view.away = True
    async with asyncio.timeout(5):
        assert await waiting is False
        assert await listening.moves.reached({3: 0}, 60.0) is False
    listening.folded.view.away = False
    await until(lambda: listening.moves.up)


async def test_nobody_waits_for_a_processor_that_is_dead_or_far_behind(listening: Listening) -> None:
    """A partition that neither moves nor is stamped, or stands ten thousand records back, shows nothing in a moment."""
    async with asyncio.timeout(5):
        assert await listening.moves.reached({3: 10_000}, 60.0) is False
        listening.watch.at += 4
        assert await listening.moves.reached({3: 0}, 60.0) is False


async def test_a_stamp_is_a_sign_of_life(listening: Listening) -> None:
    """An idle partition whose processor stamps it is worth waiting for."""
    listening.watch.at += 4
    await listening.folded.stand(3, alive_at=listening.folded.now + 1)
    waiting = asyncio.create_task(listening.moves.reached({3: 0}, 60.0))
    await asyncio.sleep(0)
    assert not waiting.done()
    await listening.folded.stand(3, offset=0)
    assert await waiting
