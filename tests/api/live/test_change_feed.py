"""How the feed of changes keeps its place: by itself, without a stream that would read anew."""

import asyncio
from pathlib import Path

import pytest

from services.adapters.view.ports import ViewUnavailableError
from services.api.live.change_feed import _Feed
from tests.api.desks import desks


async def test_the_place_of_a_stream_has_every_partition(tmp_path: Path) -> None:
    """The place from which a stream is opened again names the last change of each partition of both views, in their order."""
    async with desks(tmp_path) as at:
        await at.hub.catch_up()
        at.hub._beds |= {0: "3-1", 11: "7-2"}
        at.hub._cases |= {11: "9-1"}
        beds, cases, _ = at.hub.vector().split(";")
        assert [len(ids.split(",")) for ids in (beds, cases)] == [12, 12]
        assert (beds.split(",")[0], beds.split(",")[-1], cases.split(",")[-1]) == ("3-1", "7-2", "9-1")


async def test_a_partition_that_could_not_be_read_is_read_later() -> None:
    """Where the view is away in the middle of a poll, what was read is done, and what was not is still to be looked at."""
    looked: list[int] = []

    async def look(partition: int) -> None:
        if partition == 5:
            raise ViewUnavailableError("away")
        looked.append(partition)

    feed = _Feed(look, {3, 5, 7})
    with pytest.raises(ViewUnavailableError):
        await feed.poll()
    assert (looked, feed.moved) == ([3], {5, 7})


async def test_a_partition_that_moves_while_it_is_read_is_read_again() -> None:
    """A move during a look may be newer than what the look has seen: the partition is to be looked at once more."""

    async def look(partition: int) -> None:
        feed.moved.add(partition)

    feed = _Feed(look, {3})
    await feed.poll()
    assert feed.moved == {3}


async def test_two_polls_at_once_look_once() -> None:
    """A poll waits for the one that is under way: a partition is not looked at twice at the same time, and no change is sent twice."""
    looked: list[int] = []

    async def look(partition: int) -> None:
        await asyncio.sleep(0)
        looked.append(partition)

    feed = _Feed(look, {3, 5})
    await asyncio.gather(feed.poll(), feed.poll())
    assert looked == [3, 5]
