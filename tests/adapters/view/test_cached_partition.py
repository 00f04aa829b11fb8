"""When a cached partition is read whole and when only what has changed, with a view that notes how it is read."""

from typing import Any

from services.adapters.view.partition_cache import PartitionCache
from services.adapters.view.ports import PartitionSnapshot, Position

_AT = Position(offset=9, fingerprint="ab")


def _snapshot(position: Position = _AT, newest: str = "9-1", **shelters: Any) -> PartitionSnapshot:
    return PartitionSnapshot(partition=0, position=position, halted=None, shelters=shelters, holds={}, newest=newest)


class _View:
    """Returns one snapshot of the whole after the other, and `news` of what has changed; `steps` has how it was read."""

    def __init__(self, *wholes: PartitionSnapshot, news: PartitionSnapshot | None = None) -> None:
        self.wholes, self.news, self.steps = list(wholes), news, list[str]()

    async def read_partition(self, _partition: int) -> PartitionSnapshot:
        """Read all of it."""
        self.steps.append("whole")
        return self.wholes.pop(0)

    async def changes_since(self, _partition: int, after: str, _holds: Any) -> PartitionSnapshot | None:
        """Read what has changed."""
        self.steps.append(f"since {after}")
        return self.news


async def _twice(view: _View) -> Any:
    cache = PartitionCache(view)
    await cache.read_partition(0)
    return await cache.read_partition(0)


async def test_what_has_not_changed_is_kept() -> None:
    """A shelter that is in no news is as it was, and one that is in them as it is there."""
    view = _View(_snapshot(a=1, b=1), news=_snapshot(Position(offset=10, fingerprint="ab"), "10-1", b=2))
    found = await _twice(view)
    assert (found.shelters, found.newest, view.steps) == ({"a": 1, "b": 2}, "10-1", ["whole", "since 9-1"])


async def test_from_an_empty_feed_all_is_read() -> None:
    """A partition without a change in its feed is read whole each time: whether the feed was trimmed since can't be known."""
    view = _View(_snapshot(newest="0", a=1), _snapshot(newest="0", a=2))
    assert ((await _twice(view)).shelters, view.steps) == ({"a": 2}, ["whole", "whole"])


async def test_a_partition_of_another_owner_is_read_whole() -> None:
    """News of a partition that another worker has taken over do not follow on what was read: all of it is read again."""
    other = Position(offset=10, fingerprint="ab", rebuild_until=7)
    view = _View(_snapshot(a=1, b=1), _snapshot(other, a=2), news=_snapshot(other, b=2))
    assert ((await _twice(view)).shelters, view.steps) == ({"a": 2}, ["whole", "since 9-1", "whole"])


async def test_a_feed_that_does_not_go_back_that_far_is_no_news() -> None:
    """Where the view has no news of just this stretch all of the partition is read."""
    view = _View(_snapshot(a=1), _snapshot(a=2))
    assert ((await _twice(view)).shelters, view.steps) == ({"a": 2}, ["whole", "since 9-1", "whole"])
