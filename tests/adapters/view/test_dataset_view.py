"""A data set that is not live is read at the clock of its log: the highest over all partitions."""

from services.adapters.view.dataset_view import DatasetView
from services.adapters.view.ports import Position, Write
from tests.twins.memory_view import MemoryView


async def _stand(view: MemoryView, partition: int, clock: int) -> None:
    await view.begin(partition, Position(offset=-1))
    position = Position(offset=3, clock=clock)
    assert await view.write(partition, Write(after=-1, position=position))


async def test_one_partition_is_seen_at_the_clock_of_all() -> None:
    """A partition that ended in spring is read as of December, if the last event of the data set was then."""
    kept = MemoryView(3)
    view = DatasetView(kept)
    assert (await view.read_partition(0)).position is None
    assert view.now() == 0
    await _stand(kept, 0, 500)
    await _stand(kept, 2, 900)
    look = await view.read_partition(0)
    assert look.position is not None
    assert (look.position.clock, view.now()) == (500, 900)


async def test_a_data_set_that_was_removed_begins_anew() -> None:
    """The clock of a data set that was removed and written again is that of the new log."""
    kept = MemoryView(1)
    view = DatasetView(kept)
    await _stand(kept, 0, 900)
    await view.positions()
    kept.wipe()
    await view.positions()
    assert view.now() == 0
