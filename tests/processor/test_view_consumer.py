"""Where the consumer of the processor starts, and what it commits: by itself, with a thread of Faust that notes what it is to do."""

from collections.abc import Awaitable, Callable, Mapping

import pytest
from faust.types import TP

from services.processor.faust_integration import ViewConsumer

_BEDS, _DEMAND = TP("beds", 0), TP("demand", 3)


class _Thread:
    """Takes the place of Faust's thread: `steps` has what it was to do, in order; with `refuses` no commit is accepted."""

    def __init__(self, committed: Mapping[TP, int | None]) -> None:
        self.committed, self.steps, self.refuses = committed, [], False  # type: Mapping[TP, int | None], list[tuple[str, dict[TP, int]]], bool

    def assignment(self) -> set[TP]:
        """Return what this worker owns."""
        return set(self.committed)

    async def seek_to_committed(self) -> Mapping[TP, int | None]:
        """Seek to the offsets of the group, and return them."""
        self.steps.append(("committed", {}))
        return self.committed

    async def seek_wait(self, offsets: Mapping[TP, int]) -> None:
        """Seek to these offsets."""
        self.steps.append(("seek", dict(offsets)))

    async def commit(self, offsets: Mapping[TP, int]) -> bool:
        """Commit these offsets."""
        self.steps.append(("commit", dict(offsets)))
        return not self.refuses


class _Consumer(ViewConsumer):
    """A consumer without Faust behind it; its view starts at `wanted` and stands at `positions`."""

    def __init__(self, committed: Mapping[TP, int | None], wanted: dict[TP, int], positions: dict[TP, int]) -> None:
        self._thread = self.thread = _Thread(committed)
        self.asked: list[dict[TP, int]] = []

        async def next_offsets(group: Mapping[TP, int]) -> dict[TP, int]:
            self.asked.append(dict(group))
            return wanted

        self.next_offsets: Callable[[Mapping[TP, int]], Awaitable[dict[TP, int]]] = next_offsets
        self.folded = lambda: positions


async def test_it_starts_at_the_positions_of_the_view() -> None:
    """Whatever the group has committed, the last seek is to the offset that follows on the view, for every partition that is owned."""
    consumer = _Consumer({_BEDS: 9, _DEMAND: None}, {_BEDS: 4, _DEMAND: 7}, {})
    assert await consumer.seek_to_committed() == {_BEDS: 4, _DEMAND: 7}
    assert consumer.thread.steps == [("committed", {}), ("seek", {_BEDS: 4, _DEMAND: 7})]
    assert consumer.asked == [{_BEDS: 9, _DEMAND: 0}]


async def test_it_commits_what_the_view_has_and_never_back() -> None:
    """A partition of which the view is behind the group is not committed: below that offset dead letters were sent."""
    positions = {_BEDS: 4, _DEMAND: 7}
    consumer = _Consumer({_BEDS: 9, _DEMAND: 6}, positions, positions)
    await consumer.seek_to_committed()
    await consumer._commit({_BEDS: 1_000})
    assert consumer.thread.steps[2:] == [("commit", {_DEMAND: 7})]
    positions |= {_BEDS: 10}
    await consumer.commit_positions()
    await consumer.commit_positions()
    assert consumer.thread.steps[3:] == [("commit", {_BEDS: 10})]


@pytest.mark.parametrize(("refuses", "commits"), [(True, 2), (False, 1)])
async def test_a_commit_that_was_refused_is_made_again(*, refuses: bool, commits: int) -> None:
    """An offset counts as committed when Kafka has accepted it: until then the next commit has it too."""
    consumer = _Consumer({_BEDS: 3}, {_BEDS: 4}, {_BEDS: 4})
    await consumer.seek_to_committed()
    consumer.thread.refuses = refuses
    for _ in range(2):
        await consumer.commit_positions()
    assert consumer.thread.steps[2:] == [("commit", {_BEDS: 4})] * commits


async def test_before_it_knows_the_group_it_commits_nothing() -> None:
    """Until the offsets of the group were read none is committed: it could be one further back."""
    consumer = _Consumer({_BEDS: 9}, {_BEDS: 4}, {_BEDS: 4})
    await consumer.commit_positions()
    assert consumer.thread.steps == []
