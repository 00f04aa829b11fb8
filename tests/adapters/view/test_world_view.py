"""A world that is not live is read at the clock of its log: the highest over all partitions, whichever of them is asked."""

from services.adapters.view.memory_view import MemoryView
from services.adapters.view.port import Position, Write
from services.adapters.view.world_view import WorldView


async def _stand(view: MemoryView, partition: int, clock: int) -> None:
    await view.begin(partition, Position(offset=-1))
    position = Position(offset=3, clock=clock)
    assert await view.write(partition, Write(after=-1, position=position))


async def test_one_partition_is_seen_at_the_clock_of_all() -> None:
    """A partition that ended in spring is seen in December, if the world's last event was then."""
    kept = MemoryView(3)
    view = WorldView(kept)
    assert (await view.look(0)).position is None
    assert view.now() == 0
    await _stand(kept, 0, 500)
    await _stand(kept, 2, 900)
    look = await view.look(0)
    assert look.position is not None
    assert (look.position.clock, view.now()) == (500, 900)


async def test_a_world_that_was_removed_begins_anew() -> None:
    """Its clock is that of what is there, not of what was."""
    kept = MemoryView(1)
    view = WorldView(kept)
    await _stand(kept, 0, 900)
    await view.positions()
    kept.wipe()
    await view.positions()
    assert view.now() == 0
