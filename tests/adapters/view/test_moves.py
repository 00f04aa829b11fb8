"""What a position tracker makes of each message and each read, by itself: nothing listens, and time stands still."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from services.adapters.observability.metrics import Metrics
from services.adapters.view.ports import Position
from services.adapters.view.position_tracker import PositionTracker
from tests.waiting import until


@dataclass
class _View:
    """A view of which a test says where it stands, and what is heard of it while it is read."""

    stands: dict[int, Position] = field(default_factory=dict)
    heard: list[tuple[int, int]] = field(default_factory=list)
    tracker: Any = None

    async def positions(self) -> dict[int, Position]:
        """Return where it stood when it was asked."""
        stood = dict(self.stands)
        for partition, offset in self.heard:
            self.tracker._messages += 1
            self.tracker._moved(partition, offset)
        return stood


def _tracker(view: Any = None, now: list[float] | None = None) -> PositionTracker:
    at = now or [100.0]
    return PositionTracker(view, lambda: at[0], Metrics())


async def test_a_request_waits_for_its_own_partition() -> None:
    """A move of another partition, however far, ends no wait; that of its own to just the offset does."""
    tracker = _tracker()
    tracker.up = True
    tracker._moved(3, 0)
    waiting = asyncio.create_task(tracker.wait_until({3: 4}, 5.0))
    for moved, done in (((5, 9), False), ((3, 3), False), ((3, 4), True)):
        await asyncio.sleep(0)
        tracker._moved(*moved)
        for _ in range(3):
            await asyncio.sleep(0)
        assert waiting.done() is done
    assert await waiting


async def test_a_message_is_newer_than_the_read_it_came_into() -> None:
    """Where a move is heard while the positions are read, what was read may be older, and is not taken."""
    view = _View({0: Position(offset=3)}, [(0, 5)])
    tracker = view.tracker = _tracker(view)
    reading = asyncio.create_task(tracker._read_often())
    await until(lambda: tracker.up)
    reading.cancel()
    assert (tracker.includes(0, 5), tracker.includes(0, 6)) == (True, False)


def test_a_view_that_was_emptied_includes_nothing_of_before() -> None:
    """A partition that is gone from the view, or stands further back, includes what it has now and no more."""
    tracker = _tracker()
    tracker._take({0: Position(offset=9), 1: Position(offset=9)})
    tracker._take({1: Position(offset=2)})
    assert [tracker.includes(partition, offset) for partition, offset in ((0, 0), (1, 2), (1, 3))] == [False, True, False]


def test_every_reader_of_changes_hears_of_a_move() -> None:
    """Each set of changed partitions gets each partition that moves, and none gets one that stood still."""
    tracker = _tracker()
    readers = [tracker.changed_partitions(12) for _ in range(3)]
    tracker._take({3: Position(offset=1), 4: Position(offset=1)})
    for reader in readers:
        reader.clear()
    tracker._take({3: Position(offset=1), 4: Position(offset=2)})
    assert readers == [{4}, {4}, {4}]


def test_a_stamp_that_stands_still_is_no_sign_of_life() -> None:
    """A view counts as alive for five seconds after its stamp has changed, that instant excluded, and not for being read again."""
    now = [100.0]
    tracker = _tracker(now=now)
    alive = []
    for at, stamp in ((100.0, 7), (104.9, 7), (105.0, 7), (106.0, 8)):
        now[0] = at
        tracker._stamp({0: Position(offset=1, alive_at=stamp)})
        alive.append(tracker.alive)
    assert alive == [True, True, False, True]
