"""The partitions in memory: a read is as the view is, and only what has changed is read again."""

from collections.abc import Iterable
from dataclasses import dataclass

import pytest

from services.adapters.kafka.topics import partition_of
from services.adapters.view.partition_cache import PartitionCache
from services.adapters.view.ports import PartitionSnapshot, ViewUnavailableError
from tests.folded import Folded
from tests.sent import admitted, asked, declared, registered
from tests.twins.memory_view import MemoryView

PARTITION = partition_of(b"berk", 12)
NOW = 1_772_409_600_000


@dataclass
class _Counting:
    """A view that counts the reads of whole partitions."""

    view: MemoryView
    whole: int = 0

    async def read_partition(self, partition: int) -> PartitionSnapshot:
        """Count, and read."""
        self.whole += 1
        return await self.view.read_partition(partition)

    async def changes_since(self, partition: int, after: str, holds: Iterable[tuple[str, str]]) -> PartitionSnapshot | None:
        """Read what changed."""
        return await self.view.changes_since(partition, after, holds)


async def test_a_read_is_as_the_view_is_and_reads_only_what_changed() -> None:
    """After each event the cached partition equals the one in the view, and the whole of it was read once."""
    folded = Folded(NOW)
    await folded.begin()
    counting = _Counting(folded.view)
    cache = PartitionCache(counting)
    await folded.fold(registered())
    for sent in (declared(), declared("u2"), asked("0" * 16), admitted("u2"), declared("u3")):
        await folded.fold(sent)
        assert await cache.read_partition(PARTITION) == await folded.view.read_partition(PARTITION)
    assert counting.whole == 1


async def test_a_view_that_was_emptied_is_read_again() -> None:
    """When the feed does not go back to what is in memory all of the partition is read; an unreachable view answers nothing."""
    folded = Folded(NOW)
    await folded.begin()
    await folded.fold(registered(), declared())
    cache = PartitionCache(folded.view)
    assert (await cache.read_partition(PARTITION)).shelters
    folded.view.wipe()
    assert not (await cache.read_partition(PARTITION)).shelters
    folded.view.away = True
    with pytest.raises(ViewUnavailableError):
        await cache.read_partition(PARTITION)
